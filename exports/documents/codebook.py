"""The codebook: what each table and column means, from the same lists that the files are written from."""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.csv as pc_csv

from exports.column import Column
from exports.registry import TABLES
from exports.table import Table

CODEBOOK_COLUMNS = (
    "table",
    "column",
    "type",
    "description",
    "levels",
    "units",
    "required",
    "references",
    "source",
    "missing",
)
Missing = Mapping[str, Mapping[str, int]]


def codebook_csv(tables: Sequence[Table], missing: Missing) -> bytes:
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
            "true" if column.required else "false",
            "|".join(column.references),
            column.source,
            str(missing[table.name][column.name]),
        )
        for table in tables
        for column in table.columns
    ]
    arrays = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    sink = pa.BufferOutputStream()
    pc_csv.write_csv(pa.table(dict(zip(CODEBOOK_COLUMNS, arrays, strict=True))), sink)
    return bytes(sink.getvalue())


def codebook_md(tables: Sequence[Table], rows: Mapping[str, int]) -> str:
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


def _section(table: Table, size: str = "") -> str:
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
    return f"| `{column.name}` | {kind} | {' '.join(meaning)} | {column.source} |"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
