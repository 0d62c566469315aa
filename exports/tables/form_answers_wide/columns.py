"""The columns of items: one an item, and where several things are said of it one each."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.tables.form_answers_wide.asked import AskedForms, AskedItem, FormCells
from study.forms.item import OTHER, ItemKind
from study.forms.summary import text_of

# Statistics programs and databases take so many, and so do people; the long table has what is beyond.
MOST: Final = 1_000
_LONGEST: Final = 30
Value = Callable[[FormCells], Any]


@dataclass(frozen=True)
class ItemColumn:
    """A column of an item.

    Args:
        form: Whose it is: rows of other forms have nothing in it.
        column: As the export describes it.
        value: Its value, of what was answered in a form.
    """

    form: str
    column: Column
    value: Value


@dataclass(frozen=True)
class ItemColumns:
    """All of them.

    Args:
        columns: In the order of the file.
        left_out: A sentence on items that have none; empty when all have.
    """

    columns: tuple[ItemColumn, ...]
    left_out: str = ""


@dataclass(frozen=True)
class _Part:
    """What becomes a column: what follows its item's name, and how it is described."""

    name: str
    kind: Kind
    says: str
    value: Value
    source: str  # the column of the table that the answers are kept in
    levels: tuple[str, ...] = ()
    labels: tuple[tuple[str | float, str], ...] = ()
    units: str = ""


def columns_of(asked: AskedForms, taken: Iterable[str], kept_in: Table = schema.form_answers) -> ItemColumns:
    """Make the columns.

    Args:
        asked: What was asked.
        taken: Names that are others'.
        kept_in: Where each answer is a row, with value, number and other.

    Returns:
        At most MOST columns: of the forms that were sent most often.
    """
    items = [item for of in asked.items.values() for item in _ordered(of)]
    parts = {(item.form, item.item): list(_parts(item, asked)) for item in items}
    kept, room = set[tuple[str, str]](), MOST
    often = sorted(asked.items, key=lambda form: -asked.times[form])
    for form in often:
        for item in _ordered(asked.items[form]):
            if len(parts[form, item.item]) <= room:
                kept.add((form, item.item))
                room -= len(parts[form, item.item])
    names, made = set(taken), list[ItemColumn]()
    for item in items:
        if (item.form, item.item) in kept:
            question = asked.words(item.labels)
            made += [_column(item, question, one, kept_in, names) for one in parts[item.form, item.item]]
    missed = len(parts) - len(kept)
    left_out = (
        f" Items that have no column, for this table has at most {MOST:,}: {missed:,}; {kept_in.name} has "
        "them."
        if missed
        else ""
    )
    return ItemColumns(tuple(made), left_out)


def values_of(items: Iterable[ItemColumn], cells: Mapping[str, FormCells]) -> list[Any]:
    """The values of a row.

    Args:
        items: The columns.
        cells: What was answered, by the form's id; in columns of other forms is nothing.
    """
    return [one.value(cells[one.form]) if one.form in cells else None for one in items]


def _ordered(items: dict[str, AskedItem]) -> list[AskedItem]:
    """Items as they mostly stood."""
    return sorted(items.values(), key=lambda one: (one.places / one.asked, one.item))


def _column(item: AskedItem, question: str, part: _Part, kept_in: Table, names: set[str]) -> ItemColumn:
    base = f"{_short(item.form, 40)}.{item.item}{'.' if part.name else ''}{part.name}"
    name = next(one for one in _numbered(base) if one not in names)
    names.add(name)
    column = Column(
        name,
        part.kind,
        f"{question} {part.says}",
        value=kept_in.c[part.source],
        levels=part.levels,
        units=part.units,
        repeats=part.kind is Kind.TEXT and bool(part.levels),
        labels=part.labels,
    )
    return ItemColumn(item.form, column, part.value)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 1
    while True:
        number += 1
        yield f"{name}_{number}"


def _parts(item: AskedItem, asked: AskedForms) -> Iterator[_Part]:
    shapes = {_SHAPES.get(kind, _text) for kind in item.kinds}
    # AskedForms in ways that do not go together: as the long table has it.
    yield from (shapes.pop() if len(shapes) == 1 else _text)(item, asked)
    if item.other:
        own = f"{item.item}_{OTHER}"
        says = f"In words of their own, where they chose: {asked.words(item.other)}"
        yield _Part("other_text", Kind.TEXT, _ended(says), _answer(own), "other")


def _text(item: AskedItem, asked: AskedForms) -> Iterator[_Part]:
    says = "As the study file writes it." if len(item.kinds) > 1 else "The answer."
    answer = _answer(item.item)
    yield _Part("", Kind.TEXT, says, lambda cells: text_of(answer(cells)), "value")


def _number(item: AskedItem, asked: AskedForms) -> Iterator[_Part]:
    ends = tuple((place, asked.words(words)) for place, words in sorted(item.ends.items()))
    means = " ".join(f"{place:g} means: {_ended(words)}" for place, words in ends)
    yield _Part(
        "",
        Kind.NUMBER,
        means or "The answer, a number.",
        _answer(item.item),
        "number",
        labels=ends,
        units=asked.words(item.units),
    )


def _yes_no(item: AskedItem, asked: AskedForms) -> Iterator[_Part]:
    answer = _answer(item.item)

    def value(cells: FormCells) -> int | None:
        said = answer(cells)
        return None if said is None else int(said)

    yield _Part("", Kind.BOOLEAN, "Yes or no.", value, "value", labels=((0.0, "no"), (1.0, "yes")))


def _choice(item: AskedItem, asked: AskedForms) -> Iterator[_Part]:
    offered = _offered(item, asked)
    answer = _answer(item.item)
    yield _Part(
        "",
        Kind.TEXT,
        "As the study file writes what was chosen.",
        answer,
        "value",
        levels=tuple(value for value, _ in offered),
        labels=tuple(offered),
    )
    called = dict(offered)
    codes: dict[float, list[str]] = {}
    for value, option in item.options.items():
        for code in option.codes:
            codes.setdefault(float(code), []).append(called[value])
    yield _Part(
        "code",
        Kind.NUMBER,
        "The number of what was chosen.",
        lambda cells: cells.codes.get(item.item, {}).get(answer(cells)),
        "number",
        labels=tuple((code, " / ".join(sorted(set(words)))) for code, words in sorted(codes.items())),
    )


def _choices(item: AskedItem, asked: AskedForms) -> Iterator[_Part]:
    for value, label in _offered(item, asked):
        yield _Part(
            _short(value, _LONGEST) or _by_code(item, value),
            Kind.BOOLEAN,
            f"Whether this was chosen: {_ended(label)}",
            _is_among(item.item, value),
            "value",
        )


def _ranking(item: AskedItem, asked: AskedForms) -> Iterator[_Part]:
    for value, label in _offered(item, asked):
        yield _Part(
            _short(value, _LONGEST) or _by_code(item, value),
            Kind.INTEGER,
            f"The place, from 1, of: {_ended(label)}",
            _place_of(item.item, value),
            "value",
        )


_SHAPES: Final[Mapping[tuple[str, bool], Callable[[AskedItem, AskedForms], Iterator[_Part]]]] = {
    (ItemKind.NUMBER, False): _number,
    (ItemKind.SLIDER, False): _number,
    (ItemKind.SCALE, False): _number,
    (ItemKind.SCALE, True): _choice,
    (ItemKind.CHOICE, True): _choice,
    (ItemKind.CHOICE, False): _choice,  # of an "other" alone
    (ItemKind.CHOICES, True): _choices,
    (ItemKind.CHOICES, False): _choices,
    (ItemKind.RANKING, True): _ranking,
    (ItemKind.YES_NO, False): _yes_no,
}


def _offered(item: AskedItem, asked: AskedForms) -> list[tuple[str, str]]:
    """What could be chosen, each with its words: in the order of the study file, and "other" behind."""
    ordered = sorted(item.options.items(), key=lambda one: (one[1].number, one[0]))
    offered = [(value, asked.words(option.labels)) for value, option in ordered]
    # An option may have had this value before there was an "other".
    return (
        [*offered, (OTHER, asked.words(item.other))] if item.other and OTHER not in item.options else offered
    )


def _answer(name: str) -> Value:
    return lambda cells: cells.answers.get(name)


def _is_among(item: str, value: str) -> Value:
    def is_among(cells: FormCells) -> int | None:
        said = cells.answers.get(item)
        return None if said is None else int(value in said)

    return is_among


def _place_of(item: str, value: str) -> Value:
    def place_of(cells: FormCells) -> int | None:
        said = cells.answers.get(item, [])
        return said.index(value) + 1 if value in said else None

    return place_of


def _short(text: str, longest: int) -> str:
    """A text as a part of a name that every program takes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain)[:longest].strip("_")


def _by_code(item: AskedItem, value: str) -> str:
    return str(item.options[value].number).replace("-", "minus_")


def _ended(words: str) -> str:
    return words if words.endswith((".", "?", "!", "…", "。", "？", "！")) else f"{words}."
