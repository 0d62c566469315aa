"""Whether every id joins.

The record has no foreign keys (docs/decisions/0004), so an export is looked through instead.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from exports.column import Column
from exports.difference import Difference, Finding, named
from exports.table import Table

Read = Callable[[], Iterator[pa.RecordBatch]]


def orphans(tables: Sequence[Table], read: Mapping[str, Read]) -> list[Difference]:
    """Find ids that join nothing.

    Args:
        tables: Those that can be looked into.
        read: Reads each of them, by name.

    Returns:
        One difference a column that holds such ids. A column is passed over when none of the tables that it
        joins is there, or only some of several.
    """
    names = {table.name for table in tables}
    found = []
    known: dict[str, pa.Array] = {}
    for table in tables:
        checked = [c for c in table.columns if c.references and _targets(c) <= names]
        if not checked:
            continue
        for reference in {reference for column in checked for reference in column.references}:
            if reference not in known:
                target, _, field = reference.partition(".")
                known[reference] = _values(read[target](), field)
        for column in checked:
            there = pa.chunked_array([known[one] for one in column.references], pa.string())
            found += _lost(table, column, read[table.name](), there)
    return found


def _lost(
    table: Table, column: Column, batches: Iterator[pa.RecordBatch], there: pa.ChunkedArray
) -> list[Difference]:
    lost: set[str] = set()
    values = _values(batches, column.name)
    lost.update(values.filter(pc.invert(pc.is_in(values, value_set=there))).to_pylist())
    if not lost:
        return []
    detail = f"{len(lost):,} {column.name} that no {' or '.join(column.references)} has"
    return [Difference(Finding.ORPHANS, table.name, detail, len(lost), named(list(lost)))]


def _values(batches: Iterator[pa.RecordBatch], field: str) -> pa.Array:
    """The different values of a column, missing ones aside."""
    parts = [pc.unique(batch.column(field)) for batch in batches]
    return pc.drop_null(pa.chunked_array(parts, pa.string()).unique())


def _targets(column: Column) -> set[str]:
    return {reference.partition(".")[0] for reference in column.references}
