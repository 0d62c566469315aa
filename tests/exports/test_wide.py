"""Forms in an export, one row a form and one column an item: names, values, labels, and their proof."""

import asyncio
import csv
import json
import runpy
from collections.abc import Callable
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
from exports.documents.datapackage import columns_in
from exports.documents.manifest import Manifest
from exports.options import ExportOptions
from exports.preview import preview
from exports.registry import tables_for
from exports.rows.digest import Digest
from exports.verify.difference import Finding
from study.forms import Form
from tests.exports.conftest import export_to
from tests.exports.forging import forge, forge_file, say_rows
from tests.exports.proving import verify_export
from tests.exports.test_forms import asked_and_answered

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
    whole = {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.is_file()}  # noqa: ASYNC240
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
