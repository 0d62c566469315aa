"""What a page's fields say, as study/forms/checking.py reads answers, and as drafts keep them."""

from collections.abc import Mapping, Sequence
from typing import Any

from study.forms import Form, Item, ItemKind
from study.forms.item import OTHER

_SEVERAL = {ItemKind.CHOICES, ItemKind.RANKING}


def values_in(form: Form, posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answers in a posted form.

    Args:
        form: As it was shown.
        posted: Each field with all its values; of a ranking each option has a field of its own,
            "item.option", that holds its place.
    """
    return values_of_drafts(form, drafts_in(form, posted))


def drafts_in(form: Form, posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What stood in the fields of a posted form, right or wrong; None where nothing did.

    Args:
        form: As it was shown.
        posted: As for `values_in`.

    Returns:
        By item; a ranking as the places that were written, by option.
    """
    drafts: dict[str, Any] = {}
    for item in form.asked:
        drafts[item.id] = _drafted(item, posted)
        if item.other:
            name = f"{item.id}_{OTHER}"
            drafts[name] = posted.get(name, ("",))[0] or None
    return drafts


def values_of_drafts(form: Form, drafts: Mapping[str, Any]) -> dict[str, Any]:
    """Drafts as answers: what the page's script kept of a ranking is in its order already."""
    values = {name: value for name, value in drafts.items() if value is not None}
    for item in form.asked:
        if item.kind == ItemKind.RANKING and isinstance(places := values.get(item.id), dict):
            values[item.id] = _ranked(item, places)
    return values


def _drafted(item: Item, posted: Mapping[str, Sequence[str]]) -> Any:
    if item.kind == ItemKind.RANKING:
        said = {one.value: posted.get(f"{item.id}.{one.value}", ("",))[0].strip() for one in item.options}
        return {value: place for value, place in said.items() if place} or None
    given = posted.get(item.id)
    if not given or given == [""]:
        return None
    if item.kind in _SEVERAL:
        return list(given)
    if item.kind == ItemKind.YES_NO:
        return {"yes": True, "no": False}.get(given[0], given[0])
    return given[0]


def _ranked(item: Item, said: Mapping[str, str]) -> list[str]:
    """Options in the order of the places that they were given; two in one place are no ranking."""
    places: dict[int, str] = {}
    for option in item.options:
        place = said.get(option.value)
        if place is None:
            continue
        if not isinstance(place, str) or not place.isdecimal() or int(place) in places:
            return [option.value]  # too few: the check says what a ranking is
        places[int(place)] = option.value
    return [places[place] for place in sorted(places)]
