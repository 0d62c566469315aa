"""Rows as they come from a driver, made into Arrow batches of bounded size."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from exports.columns.field import Field, Kind
from exports.rows.snapshot import Cursor, Rows
from exports.rows.vectors import vector_texts

# A fetched row is Python objects, about three times its bytes in Arrow: 4 MB of Arrow are some 12 MB in all,
# and still enough rows for each call's overhead to vanish. Texts may be long: what counts is bytes, not rows.
BATCH_BYTES: Final = 2_000_000
FIRST_ROWS: Final = 64
MOST_ROWS: Final = 8192


def batches(cursor: Cursor, columns: Sequence[Field], *, moments: int = 0) -> Iterator[pa.RecordBatch]:
    """Read all rows of a select.

    Args:
        cursor: Gives rows, a raw value a column.
        columns: What the values are.
        moments: How many moments of change follow the columns; they become `moment_0`, ...

    Yields:
        Batches, none empty; their sizes follow the size of the rows.
    """
    count = FIRST_ROWS
    while rows := cursor.fetch(count):
        batch = _batch(rows, columns, moments)
        # Let go of these before the next ones are fetched.
        del rows
        yield batch
        fitting = int(BATCH_BYTES / max(1.0, batch.nbytes / batch.num_rows))
        # Growth is gradual, for the next rows may be longer than the last.
        count = max(1, min(fitting, count * 4, MOST_ROWS))


def _batch(rows: Rows, columns: Sequence[Field], moments: int) -> pa.RecordBatch:
    values = list(zip(*rows, strict=True))
    batch = batch_of(values[: len(columns)], columns)
    for number in range(moments):
        batch = batch.append_column(f"moment_{number}", _moments(values[len(columns) + number]))
    return batch


def batch_of(values: Sequence[Sequence[Any]], columns: Sequence[Field]) -> pa.RecordBatch:
    """Make a batch.

    Args:
        values: One sequence a column: text, whole numbers, floats; times as ISO text, booleans as 0 and 1,
            vectors as they are kept or as text.
        columns: What they are.
    """
    arrays = [_array(column, some) for column, some in zip(columns, values, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])


def empty_batch(columns: Sequence[Field]) -> pa.RecordBatch:
    """A batch without rows, with the right types."""
    return batch_of([()] * len(columns), columns)


def _array(column: Field, values: Sequence[Any]) -> pa.Array:
    if column.kind is Kind.TIME:
        return pa.array(values, pa.string()).cast(column.arrow_type)
    if column.kind is Kind.BOOLEAN:
        return pa.array(values, pa.int8()).cast(pa.bool_())
    if column.kind is Kind.VECTOR:
        return vector_texts(values)
    return pa.array(values, column.arrow_type)


def _moments(values: Sequence[Any]) -> pa.Array:
    """Moments of change, given as ISO text or as orders, in microseconds since 1970."""
    if any(isinstance(value, str) for value in values):
        return pa.array(values, pa.string()).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    return pa.array(values, pa.int64())
