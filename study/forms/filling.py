"""Answers to a form that somebody could give: for participants nobody is behind, and for trying a study."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any, Final

from study.forms.bounds import bounds_of, step_of
from study.forms.checking import check
from study.forms.conditions import is_shown
from study.forms.form import Form
from study.forms.item import OTHER, Item, ItemKind

# How often what need not be answered is left out, and a choice that excludes all others is taken.
_LEFT_OUT, _ALONE = 0.3, 0.15
_WORDS: Final = (
    "It was as I expected it to be, only a little slower.",
    "Warm, please, and not too sweet.",
    "I had never tried it before. My sister had told me about it.",
    "No sugar",
    "Ganz gut, danke.",
)
_OWN: Final = ("rice milk", "a bit of both", "something else")
_EMAIL: Final = "somebody@example.org"
_SHORT_EMAIL: Final = "a@b.c"
_FIRST_DAY, _DAYS = date(2026, 1, 1), 364
_LARGEST: Final = 999_999_999_999_999
_MINUTES: Final = 24 * 60


def filled(form: Form, chance: Random, files: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """Answer a form, by its own bounds and conditions.

    Args:
        form: As it is shown.
        chance: Where the draws come from.
        files: Uploads for its items of that kind; those that have none here are left out.

    Returns:
        By item, as the page sends them.
    """
    values: dict[str, Any] = {}
    for item in form.asked:
        if not is_shown(item, check(form, values).values):
            continue
        if not item.required and chance.random() < _LEFT_OUT:
            continue
        value = list((files or {}).get(item.id, ())) if item.kind == ItemKind.FILE else _answer(item, chance)
        if value == []:
            continue
        values[item.id] = value
        if item.other and OTHER in (value if isinstance(value, list) else [value]):
            values[f"{item.id}_{OTHER}"] = chance.choice(_OWN)
    return values


def spoiled(form: Form, values: Mapping[str, Any], chance: Random) -> dict[str, Any] | None:
    """Answers with one that is wrong, as a slip would make it; None where there is none to be made.

    Args:
        form: As it is shown.
        values: What was answered.
        chance: Where the draws come from.
    """
    asked = [item for item in form.asked if item.id in values]
    chance.shuffle(asked)
    for item in asked:
        slips = [_SLIPS[item.kind]] if item.kind in _SLIPS else []
        slip = chance.choice([*slips, None])
        wrong = {name: value for name, value in values.items() if name != item.id}
        if slip is not None:
            wrong[item.id] = slip
        if check(form, wrong).errors:
            return wrong
    return None


def _answer(item: Item, chance: Random) -> Any:
    return _ANSWERS[item.kind](item, chance)


def _counts(item: Item) -> tuple[int, int | None]:
    least, most = bounds_of(item)
    return (least if isinstance(least, int) else 0), (most if isinstance(most, int) else None)


def _text(item: Item, chance: Random) -> str:
    least, most = _counts(item)
    said = chance.choice(_WORDS)
    said += "." * (least - len(said))
    return said if most is None else _cut(said, most)


def _cut(said: str, most: int) -> str:
    """The beginning of a text; its end counts as it stands."""
    cut = said[:most]
    return cut if cut == cut.strip() else cut.strip() + "." * (len(cut) - len(cut.strip()))


def _email(item: Item, _chance: Random) -> str:
    least, most = _counts(item)
    if most is not None and most < len(_EMAIL):
        return _SHORT_EMAIL
    name, domain = _EMAIL.split("@")
    return f"{name}@{'x' * (least - len(_EMAIL))}{domain}"


def _number(item: Item, chance: Random) -> str:
    least, most = (None if one is None else Fraction(str(one)) for one in bounds_of(item))
    low = least if least is not None else (Fraction(0) if most is None else min(Fraction(0), most - 100))
    high = most if most is not None else low + 100
    scale = 10**item.decimals
    first = math.ceil(max(low, Fraction(-_LARGEST)) * scale)
    place = chance.randint(first, max(first, math.floor(min(high, Fraction(_LARGEST)) * scale)))
    whole, rest = divmod(abs(place), scale)
    behind = f".{rest:0{item.decimals}d}" if item.decimals else ""
    return f"{'-' if place < 0 else ''}{whole}{behind}"


def _slider(item: Item, chance: Random) -> int | float:
    least, most = (Fraction(str(one)) for one in bounds_of(item))
    step = Fraction(str(step_of(item)))
    value = least + step * chance.randint(0, math.floor((most - least) / step))
    return int(value) if value.denominator == 1 else float(value)


def _scale(item: Item, chance: Random) -> int | str:
    if item.options:
        return _choice(item, chance)
    least, most = _counts(item)
    return chance.randint(least, most or least)


def _choice(item: Item, chance: Random) -> str:
    values = [option.value for option in item.options] + ([OTHER] if item.other else [])
    return chance.choice(values)


def _choices(item: Item, chance: Random) -> list[str]:
    alone = [option.value for option in item.options if option.alone]
    others = [option.value for option in item.options if not option.alone] + ([OTHER] if item.other else [])
    least, most = _counts(item)
    fewest, greatest = max(least, 1), len(others) if most is None else min(most, len(others))
    if alone and (fewest > greatest or chance.random() < _ALONE):
        return [chance.choice(alone)]
    return chance.sample(others, chance.randint(fewest, max(fewest, greatest)))


def _ranking(item: Item, chance: Random) -> list[str]:
    values = [option.value for option in item.options]
    return chance.sample(values, len(values))


def _date(item: Item, chance: Random) -> str:
    least, most = (None if one is None else date.fromisoformat(str(one)) for one in bounds_of(item))
    if least is None:
        least = _FIRST_DAY if most is None else date.fromordinal(max(1, most.toordinal() - _DAYS))
    if most is None:
        most = date.fromordinal(min(date.max.toordinal(), least.toordinal() + _DAYS))
    return (least + timedelta(days=chance.randint(0, (most - least).days))).isoformat()


def _time(item: Item, chance: Random) -> str:
    least, most = (None if one is None else _minutes(str(one)) for one in bounds_of(item))
    minute = chance.randint(least or 0, _MINUTES - 1 if most is None else most)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minutes(written: str) -> int:
    hours, _, minutes = written.partition(":")
    return 60 * int(hours) + int(minutes)


def _yes_no(_item: Item, chance: Random) -> bool:
    return chance.random() < 0.5


_ANSWERS: Final[Mapping[ItemKind, Callable[[Item, Random], Any]]] = {
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
}
# What a hand writes wrong; anything may be left out as well.
_SLIPS: Final[Mapping[ItemKind, str]] = {
    ItemKind.NUMBER: "a few",
    ItemKind.EMAIL: "somebody at home",
    ItemKind.DATE: "2026-02-30",
    ItemKind.TIME: "25:00",
}
