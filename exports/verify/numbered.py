"""Rows as verify compares them: a key, numbers for what a row says, and what may have happened to it."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select

from exports.columns.scope import Scope, among
from exports.columns.table import ExportTable, Extract
from exports.progress import ExportProgress
from exports.rows.batches import batches
from exports.rows.snapshot import Snapshot
from exports.verify.row_numbers import row_numbers
from exports.verify.since import Ids, Since

Batches = Callable[[], Iterator[pa.RecordBatch]]
Values = np.ndarray[Any, np.dtype[Any]]
# One array a column, all of one length.
Rows = dict[str, Values]
NUMBERS: Final = ("fixed", "words", "around")
MARKS: Final = ("written", "moved", "stirred", "went")


@dataclass(frozen=True)
class Now:
    """The database as it stands now, and what is known of how it came to.

    Args:
        snapshot: Of it.
        scope: The export's.
        since: What has happened since the export's snapshot.
        held: Threads of which the export holds anything.
        chosen: Threads that an export of now would hold.
        withdrawn: Keys of the table's exported rows whose participant has withdrawn since.
    """

    snapshot: Snapshot
    scope: Scope
    since: Since
    held: Ids = frozenset()
    chosen: Ids = frozenset()
    withdrawn: Ids = frozenset()


def exported_rows(table: ExportTable, exported: Batches, now: Now) -> Rows:
    """The export's rows."""
    extract = table.extract(now.scope)
    return _joined(_numbers(table, extract, batch) for batch in exported())


def stored_rows(
    table: ExportTable,
    now: Now,
    scope: Scope,
    stands: Ids,
    *,
    keys: Collection[str] | None = None,
    progress: ExportProgress | None = None,
) -> Rows:
    """The database's rows, each with what may have happened to it since.

    Args:
        table: Which.
        now: The database.
        scope: Which rows.
        stands: Threads that are on the other side too.
        keys: Only rows whose key begins as one of these; all when None.
        progress: Hears of them.
    """
    # How a row is found under the export's scope is how it may have come or left, in whichever it is read.
    extract = table.extract(now.scope)
    of = table.extract(scope)
    touched, moved = len(of.touched), len(of.moved)
    cursor = now.snapshot.open(with_keys(table, scope, table.rows(scope, moments=True), keys))
    rows = batches(cursor, table.columns, moments=touched + moved)

    def marked(batch: pa.RecordBatch) -> pa.Table:
        moments = [batch.column(f"moment_{number}") for number in range(touched + moved)]
        written = _any_after(moments[:touched], now.since.limit, len(batch))
        itself = _or(written, _any_after(moments[touched:], now.since.limit, len(batch)))
        thread = _column(batch, "thread_id")
        if extract.walks:
            itself = _or(itself, _among(thread, now.since.came_back))
        numbers = _numbers(table, extract, batch)
        marks = (written, itself, _stirred(batch, extract, now.since), _went(batch, extract, now, stands))
        for name, values in zip(MARKS, marks, strict=True):
            numbers = numbers.append_column(name, values)
        if progress is not None:
            progress.advance(len(batch))
        return numbers

    return _joined(map(marked, rows), marks=MARKS)


def with_keys(
    table: ExportTable, scope: Scope, rows: Select[Any], keys: Collection[str] | None
) -> Select[Any]:
    """A select of rows, only those whose key begins as one of some: that part is looked up in an index."""
    if keys is None:
        return rows
    first = table.column(table.key[0]).expression(scope)
    return rows.where(among(first, sorted({key.split("/")[0] for key in keys})))


def _stirred(batch: pa.RecordBatch, extract: Extract, since: Since) -> pa.Array:
    """Whether anything happened in what a row belongs to."""
    name = extract.follows
    return _among(_column(batch, name), since.stirred[name] if name else frozenset())


def _went(batch: pa.RecordBatch, extract: Extract, now: Now, stands: Ids) -> pa.Array:
    """Whether a row may have come or left with what it follows."""
    if extract.follows == "thread_id":
        # What comes or leaves is stirred: a filter may find a thread, or pass it over, for less.
        went = now.since.stirred["thread_id"] if now.scope.filtered else now.since.went
        return _among(_column(batch, "thread_id"), went - stands)
    if extract.follows == "participant_id" and not now.scope.filtered:
        return _never(len(batch))
    return _stirred(batch, extract, now.since)


def _numbers(table: ExportTable, extract: Extract, batch: pa.RecordBatch) -> pa.Table:
    """Of each row its key, and numbers that stand for its values: what is fixed, its own, and around it."""
    names = [column.name for column in table.columns]
    groups = {
        "fixed": [name for name in names if name in extract.fixed],
        "words": [name for name in names if name not in extract.fixed | extract.around],
        "around": [name for name in names if name in extract.around],
    }
    keys = [batch.column(name).cast(pa.string()) for name in table.key]
    numbers = {
        group: row_numbers([batch.column(name) for name in of], len(batch)) for group, of in groups.items()
    }
    return pa.table({"key": pc.binary_join_element_wise(*keys, "/").fill_null(""), **numbers})


def _column(batch: pa.RecordBatch, name: str | None) -> pa.Array:
    if name is None or name not in batch.schema.names:
        return pa.nulls(len(batch), pa.string())
    return batch.column(name).cast(pa.string())


def _never(rows: int) -> pa.Array:
    return pa.array([False] * rows, pa.bool_())


def _among(values: pa.Array, ids: Ids) -> pa.Array:
    return pc.is_in(values, value_set=pa.array(sorted(ids), pa.string()))


def _any_after(moments: list[Any], limit: int, rows: int) -> pa.Array:
    if not moments:
        return _never(rows)
    return pc.greater(pc.max_element_wise(*moments), limit).fill_null(False)


def _or(one: pa.Array, other: pa.Array) -> pa.Array:
    return pc.or_(one, other)


def _joined(parts: Iterator[pa.Table], marks: tuple[str, ...] = ()) -> Rows:
    kinds = {"key": pa.string(), **dict.fromkeys(NUMBERS, pa.int64()), **dict.fromkeys(marks, pa.bool_())}
    whole = pa.concat_tables([pa.table({name: pa.array([], kind) for name, kind in kinds.items()}), *parts])
    return {name: whole.column(name).to_numpy() for name in kinds}
