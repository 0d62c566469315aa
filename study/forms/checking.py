"""What a form takes for an answer, and what it says of another: the server's side of the rules.

public/page/forms/rules.js says the same in the page, from the same definition; a test sends one table of
answers through both. Nothing here depends on a library's idea of a number, a space or an address.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from study.forms.bounds import bounds_of, is_date, is_time, step_of
from study.forms.conditions import is_shown
from study.forms.form import Form
from study.forms.item import OTHER, Item, ItemKind
from study.text import storable

_SPACES: Final = " \t\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_ENDS: Final = re.compile(f"^[{_SPACES}]+|[{_SPACES}]+$")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:[.,]([0-9]{1,6}))?")
_EMAIL: Final = re.compile(rf"[^@{_SPACES}]{{1,64}}@[^@.{_SPACES}]+(?:\.[^@.{_SPACES}]+)+")
_LONGEST_EMAIL: Final = 254
_LONGEST_OTHER: Final = 500
_LARGEST: Final = 1e15
_ROUND: Final = 1e-6
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an answer.

    Args:
        code: A text of strings.yaml, under `page` and after "form_".
        values: For its placeholders.
    """

    code: str
    values: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a form's answers.

    Args:
        errors: What is wrong, by item; empty when the form can be kept.
        values: What was answered, by item, in one way of writing; the words of an "other" are under the
            item's id and "_other". What was left out, or not shown, is not among them.
    """

    errors: Mapping[str, Flaw]
    values: Mapping[str, Any]


class _Wrong(Exception):
    """An answer that cannot be kept."""

    def __init__(self, code: str, **values: int | float | str) -> None:
        super().__init__(code)
        self.flaw = Flaw(code, values)


def check(form: Form, values: Mapping[str, Any], known: Mapping[str, Any] = _NOTHING) -> Answered:
    """Look at the answers to a form.

    Args:
        form: The form.
        values: By item, as the page sends them: texts, numbers as texts too, true or false, lists of texts.
        known: What was answered before it, by stage and item, where its conditions look back.

    Returns:
        What is wrong with them, and what they come to.
    """
    errors: dict[str, Flaw] = {}
    answers: dict[str, Any] = {}
    for item in form.asked:
        if not is_shown(item, {**known, **answers} if known else answers):
            continue
        try:
            answers |= _answer(item, values)
        except _Wrong as wrong:
            errors[item.id] = wrong.flaw
    return Answered(errors, answers)


def _answer(item: Item, values: Mapping[str, Any]) -> dict[str, Any]:
    raw = values.get(item.id)
    if isinstance(raw, str) and not item.is_chosen:
        raw = clean(raw)
    if raw is None or raw in ("", []):
        if item.required:
            raise _Wrong("once" if item.required == "ask_once" else "required")
        return {}
    value = _CHECKS[item.kind](item, raw)
    if not item.other or OTHER not in (value if isinstance(value, list) else [value]):
        return {item.id: value}
    own = values.get(f"{item.id}_{OTHER}")
    words = clean(own) if isinstance(own, str) else ""
    if not words:
        raise _Wrong("other_words")
    if len(words) > _LONGEST_OTHER:
        raise _Wrong("long", most=_LONGEST_OTHER)
    return {item.id: value, f"{item.id}_{OTHER}": words}


def clean(text: str) -> str:
    """A text as it is kept: what no database holds replaced, no spaces at its ends."""
    return _ENDS.sub("", storable(text).replace("\r\n", "\n").replace("\r", "\n"))


def _text(item: Item, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _Wrong("unreadable")
    text = raw.replace("\n", " ") if item.kind == ItemKind.TEXT else raw
    least, most = bounds_of(item)
    if isinstance(least, int) and len(text) < least:
        raise _Wrong("short", least=least)
    if isinstance(most, int) and len(text) > most:
        raise _Wrong("long", most=most)
    return text


def _email(item: Item, raw: Any) -> str:
    text = _text(item, raw)
    if len(text) > _LONGEST_EMAIL or not _EMAIL.fullmatch(text):
        raise _Wrong("email")
    return text


def _number(item: Item, raw: Any) -> int | float:
    value = _read_number(raw, item.decimals)
    return _within(item, int(value) if item.decimals == 0 else value)


def _read_number(raw: Any, decimals: int) -> float:
    if isinstance(raw, str):
        found = _NUMBER.fullmatch(raw.replace("\u2212", "-"))
        if found is None:
            raise _Wrong("number")
        if len((found[1] or "").rstrip("0")) > decimals:
            raise _too_fine(decimals)
        return float(found[0].replace(",", "."))
    value = _plain_number(raw)
    scaled = value * float(10**decimals)
    if abs(scaled - math.floor(scaled + 0.5)) > _ROUND:
        raise _too_fine(decimals)
    return value


def _too_fine(decimals: int) -> _Wrong:
    return _Wrong("decimals", decimals=decimals) if decimals else _Wrong("whole")


def _plain_number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) < _LARGEST:
        raise _Wrong("number")
    return float(raw)


def _within(item: Item, value: int | float) -> int | float:
    least, most = bounds_of(item)
    if isinstance(least, int | float) and value < least:
        raise _Wrong("least", least=least)
    if isinstance(most, int | float) and value > most:
        raise _Wrong("most", most=most)
    return value


def _slider(item: Item, raw: Any) -> int | float:
    value = _within(item, _read_number(raw, 6))
    least, _most = bounds_of(item)
    places = (value - float(least or 0)) / step_of(item)  # its bounds are numbers
    if abs(places - math.floor(places + 0.5)) > _ROUND:
        raise _Wrong("option")
    return int(value) if value == math.floor(value) else value


def _scale(item: Item, raw: Any) -> int | float | str:
    if item.options:
        return _choice(item, raw)
    value = _read_number(raw, 6)
    if value != math.floor(value):
        raise _Wrong("option")
    return _within(item, int(value))


def _values_of(item: Item) -> list[str]:
    return [option.value for option in item.options] + ([OTHER] if item.other else [])


def _choice(item: Item, raw: Any) -> str:
    if not isinstance(raw, str) or raw not in _values_of(item):
        raise _Wrong("option")
    return raw


def _listed(item: Item, raw: Any) -> list[str]:
    """Those that were chosen, in the order in which they were."""
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise _Wrong("unreadable")
    known = _values_of(item)
    if len(set(raw)) != len(raw) or any(one not in known for one in raw):
        raise _Wrong("option")
    return list(raw)


def _choices(item: Item, raw: Any) -> list[str]:
    chosen = _listed(item, raw)
    alone = [option.value for option in item.options if option.alone]
    if len(chosen) > 1 and any(one in alone for one in chosen):
        raise _Wrong("alone")
    least, most = bounds_of(item)
    if isinstance(least, int) and len(chosen) < least and not any(one in alone for one in chosen):
        raise _Wrong("few", least=least)
    if isinstance(most, int) and len(chosen) > most:
        raise _Wrong("many", most=most)
    return chosen


def _ranking(item: Item, raw: Any) -> list[str]:
    ranked = _listed(item, raw)
    if len(ranked) != len(item.options):
        raise _Wrong("ranking")
    return ranked


def _date(item: Item, raw: Any) -> str:
    if not isinstance(raw, str) or not is_date(raw):
        raise _Wrong("date")
    return _between(item, raw)


def _time(item: Item, raw: Any) -> str:
    if not isinstance(raw, str) or not is_time(raw):
        raise _Wrong("time")
    return _between(item, raw)


def _between(item: Item, value: str) -> str:
    least, most = bounds_of(item)
    if isinstance(least, str) and value < least:
        raise _Wrong("least", least=least)
    if isinstance(most, str) and value > most:
        raise _Wrong("most", most=most)
    return value


def _yes_no(_item: Item, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise _Wrong("option")
    return raw


def _file(item: Item, raw: Any) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(one, str) and one for one in raw):
        raise _Wrong("unreadable")
    least, most = bounds_of(item)
    if isinstance(least, int) and len(raw) < least:
        raise _Wrong("few", least=least)
    if isinstance(most, int) and len(raw) > most:
        raise _Wrong("many", most=most)
    return list(raw)


_CHECKS: Final[Mapping[ItemKind, Callable[[Item, Any], Any]]] = {
    ItemKind.TEXT: _text,
    ItemKind.LONG_TEXT: _text,
    ItemKind.NUMBER: _number,
    ItemKind.CHOICE: _choice,
    ItemKind.CHOICES: _choices,
    ItemKind.SCALE: _scale,
    ItemKind.SLIDER: _slider,
    ItemKind.RANKING: _ranking,
    ItemKind.DATE: _date,
    ItemKind.TIME: _time,
    ItemKind.YES_NO: _yes_no,
    ItemKind.EMAIL: _email,
    ItemKind.FILE: _file,
}
