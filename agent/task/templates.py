"""Answers of a dialogue file: Jinja's sandbox, in which a study's text reaches nothing but its own values."""

import functools
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import ChainableUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

_WHOLE: Final = ("{{", "}}")


def _joined(items: Any, last: str = " and ") -> str:
    """Write a list as people do: "a, b and c"."""
    said = [str(item) for item in items or () if item not in (None, "")]
    return last.join(filter(None, (", ".join(said[:-1]), said[-1]))) if said else ""


_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=ChainableUndefined, autoescape=False)
_ENVIRONMENT.filters["listed"] = _joined
_ENVIRONMENT.trim_blocks = True
_ENVIRONMENT.lstrip_blocks = True


@functools.lru_cache(maxsize=2_000)
def _template(text: str) -> Any:
    return _ENVIRONMENT.from_string(text)


@functools.lru_cache(maxsize=2_000)
def _expression(text: str) -> Any:
    return _ENVIRONMENT.compile_expression(text, undefined_to_none=True)


def rendered(text: str, values: Mapping[str, Any]) -> str:
    """Fill in a text.

    Args:
        text: With {{ ... }} in it.
        values: What may stand there.

    Raises:
        jinja2.TemplateError: It cannot be filled in.
    """
    return " ".join(str(_template(text).render(values)).split(" ")).strip()


def evaluated(text: str, values: Mapping[str, Any]) -> Any:
    """Reckon an expression; what is not there is None."""
    return _expression(text)(**values)


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """Fill in what a tool is given.

    Args:
        value: JSON. A text that is one {{ expression }} alone becomes what the expression is; parts that
            come to nothing are left out.
        values: What may stand there.
    """
    if isinstance(value, str):
        inner = value.strip()
        if inner.startswith(_WHOLE[0]) and inner.endswith(_WHOLE[1]) and inner.count(_WHOLE[0]) == 1:
            return evaluated(inner[2:-2].strip(), values)
        return rendered(value, values) if _WHOLE[0] in value or "{%" in value else value
    if isinstance(value, dict):
        pairs = ((key, filled(one, values)) for key, one in value.items())
        return {key: one for key, one in pairs if one not in (None, "", [], {})}
    if isinstance(value, list):
        return [one for one in (filled(one, values) for one in value) if one not in (None, "", [], {})]
    return value


def wrong_with(text: str, *, is_expression: bool = False) -> str | None:
    """Say what is wrong with a text of a dialogue file; None when it can be filled in."""
    try:
        _expression(text) if is_expression else _template(text)
    except (TemplateError, RecursionError) as error:
        return str(error)
    return None
