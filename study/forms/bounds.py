"""Between what an answer may lie: the bounds of each kind, and whether they are written the right way."""

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from study.forms.item import Item

_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_POINTS: Final = 11
# What holds where the study says nothing. Characters, choices and files count from one.
_DEFAULTS: Final[dict[str, tuple[int | None, int | None]]] = {
    "text": (None, 500),
    "long_text": (None, 5_000),
    "scale": (1, 5),
    "slider": (0, 100),
    "file": (1, 1),
}
_COUNTED: Final = {"text", "long_text", "choices", "file", "email"}


def is_date(text: str) -> bool:
    """Whether a text is a day that there is, as "2026-01-31"."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Whether a text is a time of day, as "08:30"."""
    return _TIME.fullmatch(text) is not None


def bounds_of(item: "Item") -> tuple[int | float | str | None, int | float | str | None]:
    """The least and the most of an item, with what holds where its study says nothing."""
    least, most = _DEFAULTS.get(item.kind, (None, None))
    return (least if item.least is None else item.least), (most if item.most is None else item.most)


def step_of(item: "Item") -> int | float:
    """From one place of a slider to the next."""
    return item.step if isinstance(item.step, int | float) else 1


def check_bounds(item: "Item") -> None:
    """Make sure that an item's bounds are of its kind, and the right way round.

    Raises:
        PydanticCustomError: They are not.
    """
    least, most = bounds_of(item)
    for name, value in (("least", least), ("most", most)):
        if value is not None:
            _check_kind(item, name, value)
    if least is not None and most is not None and least > most:  # type: ignore[operator]  # of one kind
        message = "its least, {least}, is more than its most, {most}"
        raise PydanticCustomError("form_bounds", message, {"least": least, "most": most})
    if item.kind == "scale":
        _check_points(item, least, most)
    if item.kind == "slider" and (not isinstance(item.step or 1, int | float) or step_of(item) <= 0):
        raise PydanticCustomError("form_bounds", "its step must be a number above 0")
    choices = len(item.options) + bool(item.other)
    if item.kind == "choices" and isinstance(least, int) and least > choices:
        message = "its least is {least} choices of {count}"
        raise PydanticCustomError("form_bounds", message, {"least": least, "count": choices})


def _check_points(item: "Item", least: object, most: object) -> None:
    if item.options:
        if item.least is not None or item.most is not None:
            raise PydanticCustomError("form_bounds", "a scale has either options or 'least' and 'most'")
    elif not isinstance(least, int) or not isinstance(most, int) or not 1 <= most - least < _MOST_POINTS:
        message = "a scale has from 2 to {points} points"
        raise PydanticCustomError("form_bounds", message, {"points": _MOST_POINTS})


def _check_kind(item: "Item", name: str, value: object) -> None:
    told = {"kind": item.kind.value, "name": name}
    if item.kind in {"date", "time"}:
        if not isinstance(value, str) or not (is_date if item.kind == "date" else is_time)(value):
            like = '"2026-01-31"' if item.kind == "date" else '"08:30"'
            message = "the {name} of a {kind} is written like {like}"
            raise PydanticCustomError("form_bounds", message, told | {"like": like})
    elif isinstance(value, str):
        raise PydanticCustomError("form_bounds", "the {name} of a {kind} is a number", told)
    elif item.kind in _COUNTED and not (isinstance(value, int) and value >= 0):
        raise PydanticCustomError("form_bounds", "the {name} of a {kind} is a count, from 0 up", told)
