"""A form as one participant gets it: in one language, its items and options in one order."""

import hashlib
from collections.abc import Sequence
from typing import Any, TypeVar

from study.forms.form import Form
from study.forms.item import Item, ItemKind, Option
from study.forms.texts import text_in
from study.strings import strings_in

F = TypeVar("F", bound=Form)
T = TypeVar("T")


def shown_form(form: F, language: str, seed: str) -> F:
    """Write a form in one language and put it in the order in which it is shown.

    Args:
        form: As the study writes it, or an agent makes it.
        language: One of LANGUAGES; a text that lacks it is shown in the first that it has.
        seed: What the order is drawn with: the same seed draws the same order on every machine.
    """
    looked_at = {one for item in form.items if item.show_if for one in item.show_if.items}
    items: list[Item] = []
    for page in pages_of(form.items):
        starts = page[0].new_page
        held = [
            not form.shuffle
            or item.fixed
            or item.show_if is not None
            or item.id in looked_at
            or item.kind == ItemKind.NOTE
            for item in page
        ]
        ordered = shuffled(page, [item.id for item in page], held, seed)
        turned = [
            item.model_copy(update={"new_page": starts and place == 0}) for place, item in enumerate(ordered)
        ]
        items += [_shown_item(item, language, f"{seed}/{item.id}") for item in turned]
    said = {name: _said(getattr(form, name), language) for name in ("title", "send")}
    return form.model_copy(
        update={**said, "items": tuple(items), "shuffle": False, "language": language, "seed": seed}
    )


def pages_of(items: Sequence[Item]) -> list[list[Item]]:
    """Items page by page."""
    pages: list[list[Item]] = [[]]
    for item in items:
        if item.new_page and pages[-1]:
            pages.append([])
        pages[-1].append(item)
    return pages


def _shown_item(item: Item, language: str, seed: str) -> Item:
    options: Sequence[Option] = item.options
    if item.shuffle:
        values = [option.value for option in options]
        options = shuffled(options, values, [option.last for option in options], seed)
    told = [option.model_copy(update={"label": text_in(option.label, language)}) for option in options]
    changes: dict[str, Any] = {"options": tuple(told), "shuffle": False}
    for name in ("label", "help", "unit", "low", "high"):
        changes[name] = _said(getattr(item, name), language)
    if item.other:
        said = (
            strings_in(language)("forms.something_else")
            if item.other is True
            else text_in(item.other, language)
        )
        changes["other"] = said
    return item.model_copy(update=changes)


def _said(text: str | dict[str, str] | None, language: str) -> str | None:
    return None if text is None else text_in(text, language)


def shuffled(things: Sequence[T], names: Sequence[str], held: Sequence[bool], seed: str) -> list[T]:
    """Put things in an order that a seed draws.

    Args:
        things: What is put in order.
        names: Of each, what it is drawn by.
        held: Of each, whether it keeps its place.
        seed: The same draws the same.
    """
    free = [place for place, stays in enumerate(held) if not stays]
    drawn = sorted(free, key=lambda place: hashlib.sha256(f"{seed}/{names[place]}".encode()).digest())
    ordered = list(things)
    for place, source in zip(free, drawn, strict=True):
        ordered[place] = things[source]
    return ordered
