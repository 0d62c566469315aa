"""Whether every id joins.

The record has no foreign keys (docs/decisions/0004), so an export is looked through instead.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from exports.columns.column import Column
from exports.columns.table import ExportTable
from exports.verify.difference import Difference, Finding, ids_to_name

Read = Callable[[tuple[Column, ...]], Iterator[pa.RecordBatch]]


def orphans(tables: Sequence[ExportTable], read: Mapping[str, Read]) -> list[Difference]:
    """Find ids that join nothing. Holds all ids that others join: 0.7 GB in all for a million messages.

    Args:
        tables: Those that can be looked into.
        read: Reads some columns of each of them, by the table's name.

    Returns:
        One difference a column that holds such ids. A column is passed over unless all tables that it may
        join are there.
    """
    names = {table.name for table in tables}
    columns = {f"{table.name}.{column.name}": column for table in tables for column in table.columns}
    known: dict[str, pa.Array] = {}

    def values(name: str) -> pa.Array:
        if name not in known:
            known[name] = _values(read[name.partition(".")[0]], columns[name])
        return known[name]

    found = []
    for table in tables:
        for column in table.columns:
            if column.references and {one.partition(".")[0] for one in column.references} <= names:
                there = pa.chunked_array([values(one) for one in column.references])
                found += _lost(table, column, _values(read[table.name], column), there)
    return found


def _lost(table: ExportTable, column: Column, values: pa.Array, there: pa.ChunkedArray) -> list[Difference]:
    lost = values.filter(pc.invert(pc.is_in(values, value_set=there))).to_pylist()
    if not lost:
        return []
    detail = f"{len(lost):,} {column.name} that no {' or '.join(column.references)} has"
    return [Difference(Finding.ORPHANS, table.name, detail, len(lost), ids_to_name(lost))]


def _values(read: Read, column: Column) -> pa.Array:
    """The different values of a column, missing ones aside."""
    parts = [pc.unique(batch.column(column.name)) for batch in read((column,))]
    return pc.drop_null(pa.chunked_array(parts, pa.string()).unique())
