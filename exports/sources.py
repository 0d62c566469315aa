"""Where the rows of each table come from, in a snapshot: the database, or tables that come from there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from exports.columns.column import Column
from exports.columns.derived import DerivedTable, ReadColumns
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.registry import TABLES
from exports.rows.batches import batches
from exports.rows.iso import raw_values
from exports.rows.snapshot import Snapshot


def source_of(snapshot: Snapshot, table: ExportTable, scope: Scope) -> DerivedTable:
    """A table with all its columns, and what gives its rows.

    Args:
        snapshot: Of the database.
        table: Which.
        scope: What is exported.
    """
    if table.derive is None:
        return DerivedTable(table, partial(_stored, snapshot, table, scope, table.columns))
    return table.derive(readers_of(snapshot, (one for one in TABLES if one.name in table.comes_of), scope))


def readers_of(snapshot: Snapshot, tables: Iterable[ExportTable], scope: Scope) -> dict[str, ReadColumns]:
    """What reads some columns of tables of the database, by the table's name.

    Args:
        snapshot: Of the database.
        tables: Those that come of others are passed over.
        scope: What is exported.
    """
    stored = (one for one in tables if one.derive is None)
    return {one.name: partial(_stored, snapshot, one, scope) for one in stored}


def first_rows(
    snapshot: Snapshot, table: ExportTable, scope: Scope, rows: int
) -> tuple[tuple[Column, ...], Sequence[Sequence[Any]]]:
    """A table's columns, and its first rows as raw values.

    Args:
        snapshot: Of the database.
        table: Which.
        scope: What is exported.
        rows: How many.
    """
    if table.derive is None:
        return table.columns, snapshot.all(table.rows(scope).limit(rows))
    source = source_of(snapshot, table, scope)
    first = next(iter(source.rows()), None)
    shown = [] if first is None else list(zip(*raw_values(first.slice(0, rows)), strict=True))
    return source.table.columns, shown


def _stored(
    snapshot: Snapshot, table: ExportTable, scope: Scope, columns: tuple[Column, ...]
) -> Iterator[pa.RecordBatch]:
    """Some columns of a table of the database."""
    return batches(snapshot.open(replace(table, columns=columns).rows(scope)), columns)
