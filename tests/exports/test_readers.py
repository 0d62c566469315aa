"""Our own lines for pandas, Polars and DuckDB, run over an export of words that break readers."""

from pathlib import Path
from typing import Any, Final

import pytest

from exports.options import ExportOptions
from exports.registry import tables_for
from research.exports.snippets import pandas_snippet
from tests.examples import examples
from tests.exports.readers import (
    Known,
    as_guessed,
    as_it_was,
    columns_of,
    differences,
    empty_is_missing,
    plain,
)

PAGE: Final = "docs/how-to/read-an-export.md"
TABLES: Final = tuple(table.name for table in tables_for(ExportOptions()))
# What each keeps; the page says beside it what it does not.
READERS: Final[dict[str, Known]] = {
    "runpy.run_path(": as_it_was,
    "exports.load(": as_it_was,
    "pandas.read_parquet(": as_it_was,
    "pandas.read_json(": as_it_was,
    "pandas.read_csv(": empty_is_missing,
    "polars.read_parquet(": as_it_was,
    "polars.read_csv(": as_it_was,
    "duckdb.sql(": as_it_was,
    "duckdb.read_csv(": as_it_was,
}


def run(code: str) -> dict[str, Any]:
    """What lines leave behind."""
    names: dict[str, Any] = {}
    exec(compile(code, PAGE, "exec"), names)
    return names


def readers_in(code: str) -> list[str]:
    """By which call a block takes the messages."""
    told = code.partition("\nmessages = ")[2].split("\n\n")[0]
    if told.startswith('tables["messages"]'):
        told = code.partition("\ntables = ")[2]
    return [reader for reader in READERS if reader in told]


BLOCKS: Final = [one for one in examples(PAGE, "python") if "\nmessages = " in one.code]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_each_block_reads_what_was_kept(block: Any, hard_out: Path) -> None:
    """Every value of every column of the messages, but what the page says."""
    (reader,) = readers_in(block.code)
    read = columns_of(run(block.code)["messages"])
    assert differences(hard_out, "messages", read, known=READERS[reader]) == {}


def test_every_reader_has_its_block() -> None:
    """Of each way to read that is promised the page has lines."""
    assert sorted(reader for block in BLOCKS for reader in readers_in(block.code)) == sorted(READERS)


def test_the_rooms_lines_read_what_was_kept(hard_out: Path) -> None:
    """Every value of every table: a title such as 007 is no number."""
    tables = run(pandas_snippet("out", TABLES))["tables"]
    wrong = {name: differences(hard_out, name, columns_of(tables[name])) for name in TABLES}
    assert {name: columns for name, columns in wrong.items() if columns} == {}


def test_the_readme_reads_what_was_kept(hard_out: Path) -> None:
    """Its lines keep every word, time and number."""
    first, second = examples("README.md", "python")
    for code in (first.code, second.code):
        assert differences(hard_out, "messages", columns_of(run(code)["messages"])) == {}


@pytest.mark.parametrize(
    "line",
    [
        "pandas.read_csv('guessed.csv')",
        "polars.read_csv('guessed.csv')",
        "duckdb.sql(\"FROM 'guessed.csv'\")",
    ],
)
def test_numbers_and_booleans_are_known_by_themselves(line: str, hard_out: Path) -> None:
    """Nobody is told anything: what was whole for a thousand rows and then is not does not stop a reader."""
    reader = line.partition(".")[0]
    read = columns_of(run(f"import {reader}\nread = {line}")["read"])
    assert {name: [plain(one) for one in values] for name, values in read.items()} == as_guessed()
