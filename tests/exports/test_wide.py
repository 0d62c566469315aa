"""Forms in an export, one row a form and one column an item: names, values, labels, and their proof."""

import asyncio
import csv
import json
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from data_layer.record import Record
from exports import load
from exports.columns.column import Column
from exports.columns.derived import ReadColumns
from exports.documents.datapackage import columns_in
from exports.documents.manifest import Manifest
from exports.options import ExportOptions
from exports.preview import preview
from exports.registry import tables_for
from exports.rows.batches import batch_of
from exports.rows.digest import Digest
from exports.tables.form_answers_wide import TABLE as wide
from exports.tables.form_answers_wide.asked import AskedForms
from exports.tables.form_answers_wide.columns import MOST, columns_of
from exports.verify.difference import Finding
from study.forms import Form, Item, check, shown_form
from study.forms.summary import number_of, text_of
from tests.exports.conftest import export_to
from tests.exports.forging import forge, forge_file, say_rows
from tests.exports.proving import verify_export
from tests.exports.test_forms import asked_and_answered
from tests.study.forms.pools import FORM as POOLED
from tests.study.forms.pools import drawn_answers

DRINKS: Final = [{"value": "tea", "label": "Tea"}, {"value": "coffee", "label": "Coffee", "code": 7}]
EVERY_KIND: Final = Form.model_validate(
    {
        "id": "coffee-order",
        "items": [
            {"id": "said", "kind": "note", "label": "Please tell us."},
            {"id": "drink", "kind": "choice", "label": "Which | drink?", "options": DRINKS, "other": "Else"},
            {
                "id": "extras",
                "kind": "choices",
                "label": "With?",
                "options": ["Grüner Zucker", "糖", "Ice"],
                "required": False,
            },
            {"id": "best", "kind": "ranking", "label": "Best first", "options": ["Ice", "Milk"]},
            {"id": "hot", "kind": "scale", "label": "How hot?", "low": "cold", "high": "hot", "most": 7},
            {"id": "mood", "kind": "scale", "label": "Mood?", "options": ["Bad", "Good"]},
            {"id": "cups", "kind": "number", "label": "How many?", "unit": "cups", "decimals": 1},
            {"id": "here", "kind": "yes_no", "label": "Drunk here?"},
            {"id": "note", "kind": "long_text", "label": "Else?", "required": False},
            {"id": "day", "kind": "date", "label": "When?"},
        ],
    }
)
ANSWERS: Final = {
    "drink": "coffee",
    "extras": ["糖", "Ice"],
    "best": ["Milk", "Ice"],
    "hot": 7,
    "mood": "Bad",
    "cups": 2.5,
    "here": False,
    "day": "2026-03-02",
}
WANTED: Final = {
    "coffee_order.drink": "coffee",
    "coffee_order.drink.code": 7.0,
    "coffee_order.drink.other_text": None,
    "coffee_order.extras.gruner_zucker": False,
    "coffee_order.extras.2": True,
    "coffee_order.extras.ice": True,
    "coffee_order.best.ice": 2,
    "coffee_order.best.milk": 1,
    "coffee_order.hot": 7.0,
    "coffee_order.mood": "Bad",
    "coffee_order.mood.code": 1.0,
    "coffee_order.cups": 2.5,
    "coffee_order.here": False,
    "coffee_order.note": None,
    "coffee_order.day": "2026-03-02",
}


async def made(record: Record, out: Path, *formats: str) -> Manifest:
    """An export of one that was answered, and of another that was left for words."""
    await asked_and_answered(record, EVERY_KIND, **ANSWERS)
    other = ANSWERS | {"drink": "other", "drink_other": "Mate", "extras": [], "here": True}
    await asked_and_answered(record, EVERY_KIND, **other)
    return await asyncio.to_thread(export_to, record.database.url, out, formats=formats)


def plain(value: Any) -> Any:
    """A value of a frame."""
    return None if pd.isna(value) else value


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
async def test_a_form_is_a_row_and_an_item_a_column(record: Record, out: Path, kind: str) -> None:
    """Of a choice its value and its number, of several choices and a ranking a column an option; proved."""
    await made(record, out, kind)
    first, second = load(out)["form_answers_wide"].sort_values("seq").to_dict("records")
    assert {name: plain(first[name]) for name in WANTED} == WANTED
    assert list(first)[8:] == list(WANTED)
    assert (first["form"], first["turn"]) == ("coffee-order", 1)
    assert (second["coffee_order.drink"], second["coffee_order.drink.other_text"]) == ("other", "Mate")
    assert plain(second["coffee_order.drink.code"]) is None
    assert all(plain(second[f"coffee_order.extras.{one}"]) is None for one in ("gruner_zucker", "2", "ice"))
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []


async def test_the_codebook_has_questions_levels_and_words(record: Record, out: Path) -> None:
    """Each item's question, what could be chosen, and what each value is called, in files for programs."""
    await made(record, out, "csv")
    with (out / "codebook.csv").open(encoding="utf-8", newline="") as lines:
        book = {row["column"]: row for row in csv.DictReader(lines) if row["table"] == "form_answers_wide"}
    assert book["coffee_order.drink"]["description"].startswith("Which | drink? ")
    assert book["coffee_order.drink"]["levels"] == "tea|coffee|other"
    assert book["coffee_order.cups"]["units"] == "cups"
    assert book["coffee_order.extras.2"]["description"] == "With? Whether this was chosen: 糖."
    assert book["coffee_order.note"]["missing"] == "2"
    with (out / "value-labels.csv").open(encoding="utf-8", newline="") as lines:
        called = [tuple(row.values())[1:] for row in csv.DictReader(lines)]
    assert [row[1:] for row in called if row[0] == "coffee_order.drink"] == [
        ("tea", "Tea"),
        ("coffee", "Coffee"),
        ("other", "Else"),
    ]
    assert [row[1:] for row in called if row[0] == "coffee_order.drink.code"] == [
        ("1", "Tea"),
        ("7", "Coffee"),
    ]
    assert [row[1:] for row in called if row[0] == "coffee_order.hot"] == [("1", "cold"), ("7", "hot")]
    lines = (out / "codebook.md").read_text(encoding="utf-8").splitlines()
    (line,) = (one for one in lines if one.startswith("| `coffee_order.drink` |"))
    assert "Which \\| drink?" in line


async def test_programs_know_what_was_chosen(record: Record, out: Path) -> None:
    """In SPSS numbers bear the options' words, in pandas a choice is Categorical in the options' order."""
    await made(record, out, "csv", "sav", "xlsx")
    frame, meta = pyreadstat.read_sav(str(out / "form_answers_wide.sav"))
    labels = meta.variable_value_labels
    assert labels["coffee_order.drink.code"] == {1: "Tea", 7: "Coffee"}
    assert labels["coffee_order.mood.code"] == {1: "Bad", 2: "Good"}
    assert labels["coffee_order.hot"] == {1: "cold", 7: "hot"}
    assert labels["coffee_order.here"] == {0: "no", 1: "yes"}
    assert meta.column_names_to_labels["coffee_order.best.milk"] == "Best first The place, from 1, of: Milk."
    assert sorted(map(plain, frame["coffee_order.drink.code"]), key=str) == [7.0, None]
    tables = runpy.run_path(str(out / "load.py"))["tables"]
    drinks = tables["form_answers_wide"]["coffee_order.drink"]
    assert list(drinks.cat.categories) == ["tea", "coffee", "other"]
    assert sorted(drinks) == ["coffee", "other"]
    sheet = openpyxl.load_workbook(out / "form_answers_wide.xlsx").active
    assert [cell.value for cell in sheet[1]][8:] == list(WANTED)
    assert sheet.max_row == 3


async def test_the_room_looks_into_it(record: Record, out: Path) -> None:
    """The look before an export shows the items' columns, too."""
    await made(record, out, "parquet")
    url = record.database.url
    asked = ExportOptions(tables=("form_answers_wide",))
    told = await asyncio.to_thread(lambda: list(preview(url, asked, show="form_answers_wide", rows=1)))
    assert told[0]["shown"]["columns"][8:] == list(WANTED)
    assert len(told[0]["shown"]["rows"]) == 1
    assert json.loads(json.dumps(told[0])) == told[0]
    assert {"name": "form_answers_wide", "rows": 2} in told


def test_what_it_comes_of_leaves_with_it() -> None:
    """Who asks for it alone gets the tables that prove it."""
    names = [table.name for table in tables_for(ExportOptions(tables=("form_answers_wide",)))]
    assert names == ["forms", "form_answers", "form_answers_wide"]


def forge_wide(out: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the table, with all that the manifest and the data package say of it."""
    path = out / "form_answers_wide.parquet"
    changed = change(pq.read_table(path))
    pq.write_table(changed, path)
    package = json.loads((out / "datapackage.json").read_bytes())
    (resource,) = (one for one in package["resources"] if one["name"] == "form_answers_wide")
    known = {field["name"]: field for field in resource["schema"]["fields"]}
    resource["schema"]["fields"] = [
        known.get(name, {"name": name, "type": "string", "description": ""}) for name in changed.column_names
    ]
    forge_file(out, "datapackage.json", json.dumps(package).encode())
    forge_file(out, path.name, path.read_bytes())
    digest = Digest(columns_in(out)["form_answers_wide"])
    for batch in changed.to_batches():
        digest.add(batch)
    say_rows(out, "form_answers_wide", rows=digest.rows, digest=digest.hexdigest())


def with_value(table: pa.Table, name: str, value: Any) -> pa.Table:
    """Another value in the first row."""
    place, values = table.column_names.index(name), table.column(name).to_pylist()
    return table.set_column(place, table.field(name), pa.array([value, *values[1:]], table.field(name).type))


FORGED: Final[dict[str, Callable[[pa.Table], pa.Table]]] = {
    "another answer": lambda table: with_value(table, "coffee_order.drink", "tea"),
    "another place": lambda table: with_value(table, "coffee_order.best.ice", 1),
    "an answer that nobody gave": lambda table: with_value(table, "coffee_order.note", "Thanks"),
    "a row less": lambda table: table.slice(1),
    "a row twice": lambda table: pa.concat_tables([table, table.slice(1)]),
    "a column less": lambda table: table.drop_columns(["coffee_order.hot"]),
    "a column more": lambda table: table.append_column("coffee_order.hut", table.column("coffee_order.note")),
    "two columns exchanged": lambda table: table.rename_columns(
        {"coffee_order.best.ice": "coffee_order.best.milk", "coffee_order.best.milk": "coffee_order.best.ice"}
    ),
}


async def test_a_forgery_of_it_is_always_found(record: Record, out: Path) -> None:
    """A value, a row or a column that its forms do not come to, though manifest and package agree."""
    await made(record, out, "parquet")
    whole = {path.name: path.read_bytes() for path in sorted(out.iterdir())}  # noqa: ASYNC240
    for how, change in FORGED.items():
        forge_wide(out, change)
        for url in (None, record.database.url):
            found = await asyncio.to_thread(verify_export, out, url)
            assert {one.where.partition(".")[0] for one in found} == {"form_answers_wide"}, how
        for name, content in whole.items():
            (out / name).write_bytes(content)
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []


async def test_nor_may_its_proof_be_left_out(record: Record, out: Path) -> None:
    """Without the tables that it comes of nothing says that it is true."""
    await made(record, out, "parquet")
    package = json.loads((out / "datapackage.json").read_bytes())
    package["resources"] = [one for one in package["resources"] if one["name"] != "form_answers"]
    forge_file(out, "datapackage.json", json.dumps(package).encode())
    forge(
        out, lambda told: told.update(tables=[one for one in told["tables"] if one["name"] != "form_answers"])
    )
    (out / "form_answers.parquet").unlink()
    found = await asyncio.to_thread(verify_export, out, None)
    assert [(one.finding, one.where) for one in found] == [(Finding.ROWS_CHANGED, "form_answers_wide")]


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
