"""JSON that somebody else wrote, read so that whatever is wrong with it is one kind of error."""

import json
from typing import Any, NoReturn


def read_others_json(text: str) -> Any:
    """Read it.

    Args:
        text: A model's, a tool's, a server's.

    Raises:
        ValueError: It is no JSON: that has no NaN and no Infinity, and nobody needs it nested so deep that
            Python cannot follow.
    """
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def is_object(text: str) -> bool:
    """Whether a text is a JSON object."""
    try:
        return isinstance(read_others_json(text), dict)
    except ValueError:
        return False


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON's")
