"""Tables for Excel and SPSS, read again by the libraries that know these files."""

import csv
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from openpyxl.utils.escape import unescape

from exports import load
from exports.checks import check_rows
from exports.documents.manifest import Manifest, read_manifest
from exports.formats.fitting import MARK
from exports.options import ExportOptions
from exports.progress import Silent
from exports.verify.prove import prove
from study.errors import ExportError
from tests.exports.conftest import export_to
from tests.exports.hard import TEXTS, hard
from tests.exports.proving import verify_export
from tests.exports.readers import kept

LONG: Final = [text for text in TEXTS if len(text) > 32_767]
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> tuple[str, Path, Manifest]:
    """The words that break readers, for both programs, with nothing else asked for."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "verbatim.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"
    hard().write(url)
    tables = ("messages", "ratings")
    manifest = export_to(url, folder / "out", formats=("xlsx", "sav", "parquet"), tables=tables)
    return url, folder / "out", manifest


def cut_in(out: Path, file: str) -> dict[tuple[int, str], int]:
    """What cut.csv names of a file: how much was kept, by row and column."""
    with (out / "cut.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["file"] == file]
    return {(int(row["row"]), row["column"]): int(row["kept"]) for row in rows}


def shown(value: Any, cut: int | None) -> Any:
    """A kept value as a file with this cut has it."""
    if cut is None:
        return value
    return value[:cut] + (MARK if value[cut:].strip(" ") else "")


def as_kept(out: Path, file: str) -> dict[str, list[Any]]:
    """What was kept of a table, but for what cut.csv names."""
    cut = cut_in(out, file)
    return {
        name: [shown(value, cut.get((row, name))) for row, value in enumerate(values, 1)]
        for name, values in kept(out, file.partition(".")[0]).items()
    }


def milliseconds(value: Any) -> Any:
    """A time without a zone, as `kept` has it."""
    return round(pd.Timestamp(value, tz="UTC").timestamp() * 1000) if hasattr(value, "isoformat") else value


def as_excel(value: Any) -> Any:
    """A value as openpyxl gives it: an empty text is none, and a number has 16 digits."""
    return float(f"{value:.16g}") if isinstance(value, float) else None if value == "" else value


@pytest.mark.parametrize("table", ["messages", "ratings"])
def test_excel_reads_what_was_kept(table: str, made: tuple[str, Path, Manifest]) -> None:
    """Formulas stay text, times are UTC, control characters and CR LF come back; what was cut is named."""
    out = made[1]
    header, *rows = openpyxl.load_workbook(out / f"{table}.xlsx").active.iter_rows()
    names = [cell.value for cell in header]
    read = {
        name: [
            unescape(row[n].value) if isinstance(row[n].value, str) else milliseconds(row[n].value)
            for row in rows
        ]
        for n, name in enumerate(names)
    }
    wanted = as_kept(out, f"{table}.xlsx")
    wrong = {
        name: [
            (ascii(one)[:80], ascii(other)[:80])
            for one, other in zip(wanted[name], read[name], strict=True)
            # openpyxl reads an empty text as none, and writes a number with 16 digits.
            if (float(f"{one:.16g}") if isinstance(one, float) else one or None if one == "" else one)
            != other
        ][:3]
        for name in wanted
    }
    assert {name: pairs for name, pairs in wrong.items() if pairs} == {}
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "b", "d", "inlineStr"}


def test_excel_shows_whole_times_and_names(made: tuple[str, Path, Manifest]) -> None:
    """Columns are as wide as a time, a name and the beginning of a text ask; the header filters all rows."""
    sheet = openpyxl.load_workbook(made[1] / "messages.xlsx").active
    width = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert all(width[name] >= len(name) + 4 for name in width)
    assert width["timestamp"] >= len("2026-03-05 21:45:34.032")
    assert width["content"] >= 40
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == (sheet.dimensions, "A2")


@pytest.mark.parametrize("table", ["messages", "ratings"])
def test_spss_reads_what_was_kept(table: str, made: tuple[str, Path, Manifest]) -> None:
    """Every value, but that SPSS has no empty text apart from a missing one; cuts are named."""
    out = made[1]
    frame, meta = pyreadstat.read_sav(str(out / f"{table}.sav"))
    wanted, wrong = as_kept(out, f"{table}.sav"), {}
    for name, values in wanted.items():
        read = [None if pd.isna(one) else milliseconds(one) for one in frame[name]]
        pairs = [
            (ascii(one)[:80], ascii(other)[:80])
            for one, other in zip(values, read, strict=True)
            if (one or None if isinstance(one, str) else one) != (other or None if other == "" else other)
        ]
        if pairs:
            wrong[name] = pairs[:3]
    assert wrong == {}
    assert meta.column_names_to_labels["message_id"]
    assert meta.original_variable_types.get("timestamp", "DATETIME23.3") == "DATETIME23.3"


def test_what_was_cut_is_counted(made: tuple[str, Path, Manifest]) -> None:
    """The manifest, the codebook and cut.csv agree on how many texts are not whole, and where."""
    _, out, manifest = made
    messages = next(table for table in manifest.tables if table.name == "messages")
    assert messages.files["parquet"].cut == 0
    # Each text was said, and answered.
    assert messages.files["xlsx"].cut == 2 * len(LONG) == len(cut_in(out, "messages.xlsx"))
    assert messages.files["sav"].cut == len(cut_in(out, "messages.sav")) > 2 * len(LONG)
    assert f"| `messages.xlsx` | `content` | {2 * len(LONG)} |" in (out / "codebook.md").read_text()


def test_an_export_for_office_programs_is_proved(made: tuple[str, Path, Manifest]) -> None:
    """Verify knows these files by their bytes, and the rows by what stands beside them."""
    url, out, manifest = made
    assert verify_export(out, url) == []
    assert read_manifest(out) == manifest
    with (out / "messages.sav").open("ab") as file:
        file.write(b" ")
    try:
        assert [one.where for one in verify_export(out, None)] == ["messages.sav"]
    finally:
        (out / "messages.sav").write_bytes((out / "messages.sav").read_bytes()[:-1])


class Counted(Silent):
    """Counts the rows that are read, beside those that were said to come."""

    def __init__(self) -> None:
        self.planned = self.read = 0

    def plan(self, rows: int) -> None:
        """All of them."""
        self.planned = rows

    def advance(self, rows: int) -> None:
        """So many more."""
        self.read += rows


@pytest.mark.parametrize("with_database", [False, True])
def test_a_proof_ends_where_it_said(with_database: bool, made: tuple[str, Path, Manifest]) -> None:
    """Rows for office programs are not read again, and so they are not waited for."""
    url, out, _ = made
    heard = Counted()
    prove(out, url if with_database else None, heard)
    assert heard.read == heard.planned > 0


def test_one_that_keeps_all_stands_beside(sqlite_story: str, out: Path) -> None:
    """Who asks for Excel gets CSV too, from the same snapshot, and exports.load reads it."""
    export_to(sqlite_story, out, formats=("xlsx",), tables=("messages",))
    assert {"messages.xlsx", "messages.csv"} <= {path.name for path in out.iterdir()}
    assert not (out / "cut.csv").exists()
    assert len(load(out)["messages"]) == openpyxl.load_workbook(out / "messages.xlsx").active.max_row - 1


def test_a_table_longer_than_a_sheet_is_refused() -> None:
    """The sentence names the table, its rows and what to choose."""
    options = ExportOptions(formats=("xlsx",))
    check_rows(options, {"messages": 1_048_575})
    with pytest.raises(ExportError, match=r"messages has 1,048,576 rows.*Choose csv"):
        check_rows(options, {"messages": 1_048_576})
    check_rows(ExportOptions(), {"messages": 1_048_576})
