"""The columns of a row a form: names, bounds, words, and that each value is what was answered; in memory."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from exports.columns.column import Column
from exports.columns.derived import ReadColumns
from exports.rows.batches import batch_of
from exports.tables.form_answers_wide import TABLE as wide
from exports.tables.form_answers_wide.asked import AskedForms
from exports.tables.form_answers_wide.columns import MOST, columns_of
from study.forms import Item, check, shown_form
from study.forms.summary import number_of, text_of
from tests.study.forms.pools import FORM as POOLED
from tests.study.forms.pools import drawn_answers


def asked(*forms: tuple[str, list[dict[str, Any]]]) -> AskedForms:
    """What was asked in such forms, in English."""
    known = AskedForms()
    for name, items in forms:
        known.take(name, {"language": "en", "items": items})
    return known


def item(name: str, kind: str = "text", **keys: Any) -> dict[str, Any]:
    """An item as it was shown."""
    return {"id": name, "kind": kind, "label": name.title(), **keys}


def names(known: AskedForms) -> list[str]:
    """The columns' names."""
    return [one.column.name for one in columns_of(known, ()).columns]


def test_many_forms_give_a_table_that_can_be_used() -> None:
    """No more columns than programs take: of the forms that were sent most often; the rest is counted."""
    many = [(f"form{number}", [item(f"item{one}") for one in range(9)]) for number in range(200)]
    made = columns_of(asked(*many, ("form199", [item("item0")])), ())
    assert len(made.columns) == MOST == 1_000
    assert {one.form for one in made.columns} >= {"form199", "form0", "form99"}
    assert made.left_out.endswith(": 800; form_answers has them.")


def test_an_item_wider_than_a_table_leaves_room_for_others() -> None:
    """What does not fit is left out as a whole, and nothing that does is."""
    options = [{"value": f"v{n}", "label": "V", "code": n} for n in range(199)]
    wide = [item(f"rank{n}", "ranking", options=options) for n in range(6)]
    made = columns_of(asked(("odd", [*wide, item("last")])), ())
    assert len(made.columns) == 5 * 199 + 1
    assert made.columns[-1].column.name == "odd.last"
    assert made.left_out.endswith(": 1; form_answers has them.")


def test_names_never_meet() -> None:
    """Forms, options and items whose names come to the same are told apart, each once."""
    options = [
        {"value": value, "label": value, "code": n} for n, value in enumerate(("A b", "a_b", "!", "2"))
    ]
    found = names(
        asked(
            ("a-b", [item("c", "choices", options=options, other="Else")]),
            ("a_b", [item("c", "choices", options=options)]),
        )
    )
    assert len(set(found)) == len(found) == 10
    assert found[:6] == [
        "a_b.c.a_b",
        "a_b.c.a_b_2",
        "a_b.c.2",
        "a_b.c.2_2",
        "a_b.c.other",
        "a_b.c.other_text",
    ]


def test_an_item_that_was_asked_in_two_ways_is_a_text() -> None:
    """A study that makes a number of a choice midway keeps both, as form_answers writes them."""
    known = asked(
        ("f", [item("a", "choice", options=[{"value": "x", "label": "X", "code": 1}])]),
        ("f", [item("a", "number")]),
    )
    (made,) = columns_of(known, ()).columns
    assert (made.column.name, made.column.kind.value, made.column.levels) == ("f.a", "text", ())


def test_a_number_that_meant_two_things_says_both() -> None:
    """An option that was added in front moves the numbers of the others."""
    before = [{"value": "x", "label": "X", "code": 1}]
    after = [{"value": "y", "label": "Y", "code": 1}, {"value": "x", "label": "X", "code": 2}]
    known = asked(("f", [item("a", "choice", options=before)]), ("f", [item("a", "choice", options=after)]))
    labels = {one.column.name: one.column.labels for one in columns_of(known, ()).columns}
    assert labels == {"f.a": (("x", "X"), ("y", "Y")), "f.a.code": ((1.0, "X / Y"), (2.0, "X"))}


def test_words_are_those_of_the_language_that_was_shown_most() -> None:
    """A study in two languages is described in one of them."""
    known = asked(("f", [item("a", label="Which?")]), ("f", [item("a", label="Which?")]))
    known.take("f", {"language": "de", "items": [item("a", label="Welches?")]})
    assert columns_of(known, ()).columns[0].column.description == "Which? The answer."


def test_an_option_that_was_called_other_stands_once() -> None:
    """A study that offers "other" with words later has one such level and one such column."""
    before = [{"value": "other", "label": "Others", "code": 1}, {"value": "x", "label": "X"}]
    for kind, wanted in (("choice", ["f.a", "f.a.code"]), ("choices", ["f.a.other", "f.a.x"])):
        known = asked(
            ("f", [item("a", kind, options=before)]),
            ("f", [item("a", kind, options=before[1:], other="Else")]),
        )
        made = [one.column for one in columns_of(known, ()).columns]
        assert [one.name for one in made] == [*wanted, "f.a.other_text"]
        assert made[0].levels == (("other", "x") if kind == "choice" else ())


def of_forms(rows: list[dict[str, Any]]) -> dict[str, ReadColumns]:
    """Tables of forms and of their answers, in memory, a few rows at a time."""

    def read(columns: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
        for begin in range(0, len(rows), 7):
            some = rows[begin : begin + 7]
            yield batch_of([[row.get(one.name) for row in some] for one in columns], columns)

    return {"forms": read, "form_answers": read}


def test_whatever_is_answered_stands_in_its_column() -> None:
    """Of three hundred drawn forms each value is what form_answers keeps of it, in text and in number."""
    rows, kept = [], []
    for number, drawn in enumerate(drawn_answers(300)):
        shown = shown_form(POOLED, ("en", "de")[number % 2], str(number))
        values = check(shown, drawn).values
        definition = json.dumps(shown.model_dump(mode="json", by_alias=True, exclude_defaults=True))
        told = {"form_id": str(number), "thread_id": "t", "name": "all", "seq": number, "state": "answered"}
        moments = dict.fromkeys(("shown_at", "closed_at"), "2026-03-02T08:00:00.001Z")
        rows.append(told | moments | {"definition": definition, "answers": json.dumps(values)})
        kept.append(values)
    derived = wide.derive(of_forms(rows)) if wide.derive else None
    assert derived is not None
    found = pa.Table.from_batches(list(derived.rows())).to_pylist()
    assert len(found) == 300
    for values, row in zip(kept, found, strict=True):
        for one in POOLED.asked:
            own = {
                name.removeprefix(f"all.{one.id}").removeprefix("."): value
                for name, value in row.items()
                if name == f"all.{one.id}" or name.startswith(f"all.{one.id}.")
            }
            assert own.pop("other_text", None) == values.get(f"{one.id}_other")
            assert own == expected(one, values.get(one.id)), (one.id, values)


def expected(one: Item, value: Any) -> dict[str, Any]:
    """What stands in the columns of an item, by what follows its name."""
    options = [option.value for option in one.options]
    if one.kind == "choices":
        chosen = [*options, "other"]
        return {name: None if value is None else name in value for name in chosen}
    if one.kind == "ranking":
        return {name: value.index(name) + 1 if value else None for name in options}
    if one.kind == "yes_no":
        return {"": value}
    if one.kind == "choice" or options:
        return {"": value, "code": None if value is None else number_of(one, value)}
    if one.kind in ("number", "slider", "scale"):
        return {"": None if value is None else number_of(one, value)}
    return {"": text_of(value)}
