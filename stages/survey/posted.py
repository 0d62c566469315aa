"""What a page's fields say, as study/forms/checking.py reads answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from study.forms import Form, Item, ItemKind

_SEVERAL = {ItemKind.CHOICES, ItemKind.RANKING}


def values_in(form: Form, posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answers in a posted form.

    Args:
        form: As it was shown.
        posted: Each field with all its values; of a ranking each option has a field of its own,
            "item.option", that holds its place.
    """
    values: dict[str, Any] = {}
    for item in form.asked:
        given = value_of(item, posted)
        if given is not None:
            values[item.id] = given
        if item.other and posted.get(f"{item.id}_other"):
            values[f"{item.id}_other"] = posted[f"{item.id}_other"][0]
    return values


def value_of(item: Item, posted: Mapping[str, Sequence[str]]) -> Any:
    """One answer; None where there is none."""
    if item.kind == ItemKind.RANKING:
        return _ranked(item, posted)
    given = posted.get(item.id)
    if not given:
        return None
    if item.kind in _SEVERAL:
        return list(given)
    if item.kind == ItemKind.YES_NO:
        return {"yes": True, "no": False}.get(given[0], given[0])
    return given[0]


def _ranked(item: Item, posted: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Options in the order of the places that they were given; two in one place are no ranking."""
    places: dict[int, str] = {}
    for option in item.options:
        said = posted.get(f"{item.id}.{option.value}", ("",))[0].strip()
        if not said:
            continue
        if not said.isdecimal() or int(said) in places:
            return [option.value]  # too few: the check says what a ranking is
        places[int(said)] = option.value
    return [places[place] for place in sorted(places)] or None
