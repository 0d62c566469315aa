"""The codebook: what each table and column means, from the same lists that the files are written from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.table import ExportTable
from exports.formats.csv import csv_document
from exports.registry import TABLES

CODEBOOK_COLUMNS: Final = {
    "table": Kind.TEXT,
    "column": Kind.TEXT,
    "type": Kind.TEXT,
    "description": Kind.TEXT,
    "levels": Kind.TEXT,
    "units": Kind.TEXT,
    "required": Kind.BOOLEAN,
    "references": Kind.TEXT,
    "source": Kind.TEXT,
    "missing": Kind.INTEGER,
}
Missing = Mapping[str, Mapping[str, int]]


def codebook_csv(tables: Sequence[ExportTable], missing: Missing) -> bytes:
    """The codebook as a table; levels and references are separated by "|".

    Args:
        tables: What was exported.
        missing: How many values of each column are missing, by table and column.
    """
    rows = [
        (
            table.name,
            column.name,
            column.kind.value,
            column.description,
            "|".join(column.levels),
            column.units,
            int(column.required),
            "|".join(column.references),
            column.source,
            missing[table.name][column.name],
        )
        for table in tables
        for column in table.columns
    ]
    return csv_document(CODEBOOK_COLUMNS, rows)


def codebook_md(tables: Sequence[ExportTable], rows: Mapping[str, int]) -> str:
    """The codebook for reading.

    Args:
        tables: What was exported.
        rows: How many rows each table has.
    """
    parts = ["# Codebook\n"]
    parts += [_section(table, f"{rows[table.name]:,} rows. ") for table in tables]
    return "\n".join(parts)


def markdown() -> str:
    """All tables that an export can hold, for docs/reference/tables.md."""
    names = ", ".join(f"[{table.name}](#{table.name})" for table in TABLES)
    return "\n".join([f"{names}.\n", *(_section(table) for table in TABLES)])


def _section(table: ExportTable, size: str = "") -> str:
    lines = [
        f"## {table.name}\n",
        f"{table.description} {size}A row is named by `{' + '.join(table.key)}`.\n",
        "| column | type | meaning | from |",
        "|---|---|---|---|",
        *(_line(column) for column in table.columns),
    ]
    return "\n".join(lines) + "\n"


def _line(column: Column) -> str:
    meaning = [column.description]
    if column.levels:
        meaning.append(f"One of {_code(column.levels)}.")
    if column.units:
        meaning.append(f"In {column.units}." if column.kind.value != "time" else f"{column.units}.")
    if column.references:
        meaning.append(f"Joins {_code(column.references)}.")
    kind = f"{column.kind.value}, required" if column.required else column.kind.value
    # What was asked stands in it as it was written: a line of this table it stays.
    told = " ".join(meaning).replace("|", "\\|")
    return f"| `{column.name}` | {kind} | {told} | {column.source} |"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
