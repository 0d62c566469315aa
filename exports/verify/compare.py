"""Telling an export that differs from a study that has gone on.

By what the database itself says has happened since the snapshot (or in the minute before it, see IN_FLIGHT;
since.py says where it is read), and by nothing else:

- What a row itself says may differ when it was written since: the newest moment of Extract.touched.
- What others decide of it (Extract.around) may differ when anything happened in its thread.
- It may have come or left by itself (Extract.moved), with a branch (Extract.walks), or with its thread. A
  thread comes and leaves whole: of one that stands on both sides no row came or left with it.

A row that is not in the database's answer any more is looked up in all that was ever kept, and still has to
read there as it was exported. What differs without such a trace is a difference: use cannot have made it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select

from exports.columns.scope import Scope, among
from exports.columns.table import ExportTable, Extract
from exports.progress import ExportProgress
from exports.rows.batches import batches
from exports.rows.snapshot import Snapshot
from exports.verify.difference import Difference, Finding, ids_to_name
from exports.verify.row_numbers import row_numbers
from exports.verify.since import Ids, Since
from exports.verify.words import rows_found

# A row bears the moment at which its write was called for, and is committed later: in a queue, over a
# busy database (data_layer/database/engine.py waits 15 s), by a clock that is not quite this one's.
IN_FLIGHT: Final = timedelta(seconds=60)

Batches = Callable[[], Iterator[pa.RecordBatch]]
Values = np.ndarray[Any, np.dtype[Any]]
# One array a column, all of one length.
Rows = dict[str, Values]
# So many rows are looked up by their keys; of more the whole table is read.
_FEW: Final = 10_000

_NUMBERS: Final = ("fixed", "words", "around")
_MARKS: Final = ("written", "moved", "stirred", "went")


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


def compare_rows(
    table: ExportTable, exported: Batches, now: Now, progress: ExportProgress
) -> list[Difference]:
    """Compare row by row, by key.

    Holds a key, three numbers and four marks a row: a million messages that differ took verify 0.9 GB.

    Args:
        table: Which.
        exported: Gives its rows as they were exported.
        now: The database.
        progress: Hears of the database's rows.

    Returns:
        What differs.
    """
    extract = table.extract(now.scope)
    ours = _joined(_numbers(table, extract, batch) for batch in exported())
    theirs = _stored(table, now, now.scope, now.held, progress=progress)
    at = _places(theirs, ours)
    there = at >= 0
    both = _paired(ours, theirs, at)
    added = np.ones(len(theirs["key"]), bool)
    added[at[there]] = False
    wrong, came = _unexplained(both), theirs["moved"] | theirs["went"]
    found = [
        (Finding.DIFFERENT, both["key"][wrong]),
        # The database's order never changes: this row stands before one that it follows there, or twice.
        (Finding.DISORDERED, both["key"][1:][np.diff(at[there]) <= 0]),
        (Finding.MOVED_ON, both["key"][_differ(both, *_NUMBERS) & ~wrong]),
        (Finding.NOT_EXPORTED, theirs["key"][added & ~came]),
        (Finding.NEWER, theirs["key"][added & came]),
    ]
    gone = {name: values[~there] for name, values in ours.items()}
    if len(gone["key"]):
        found += _gone(table, gone, now)
    return _named(table, [(finding, keys.tolist()) for finding, keys in found], exported, now)


def _gone(table: ExportTable, gone: Rows, now: Now) -> list[tuple[Finding, Values]]:
    """What became of rows that the database's answer has no more, by all that was ever kept."""
    keys = gone["key"].tolist() if len(gone["key"]) <= _FEW else None
    stored = _stored(table, now, now.scope.everything, now.chosen, keys=keys)
    ever = _paired(gone, stored, _places(stored, gone))
    forged = _unexplained(ever | {"around": ever["around_now"]})
    left = (ever["moved"] | ever["went"]) & ~_among_values(ever["key"], ever["key"][forged])
    told = np.concatenate([ever["key"][forged], ever["key"][left]])
    lost = gone["key"][~_among_values(gone["key"], told)]
    withdrawn = _among_values(lost, now.withdrawn)
    return [
        (Finding.DIFFERENT, ever["key"][forged]),
        (Finding.NOT_IN_DATABASE, lost[~withdrawn]),
        (Finding.WITHDRAWN, lost[withdrawn]),
        (Finding.LEFT, ever["key"][left]),
    ]


def _places(rows: Rows, others: Rows) -> Values:
    """Of each of the others the place of the row with its key; -1 where there is none.

    Args:
        rows: No key twice: they are the database's.
        others: Any.
    """
    index = pd.Index(rows["key"], dtype=object)
    places: Values = index.get_indexer(pd.Index(others["key"], dtype=object))
    return places


def _paired(ours: Rows, theirs: Rows, at: Values) -> Rows:
    """Rows of ours that have one of theirs at their place, beside it: what it says is called `_now`."""
    there = at >= 0
    pairs = {name: values[there] for name, values in ours.items()}
    pairs |= {f"{name}_now": theirs[name][at[there]] for name in _NUMBERS}
    return pairs | {name: theirs[name][at[there]] for name in _MARKS}


def _among_values(values: Values, some: Iterable[str]) -> Values:
    known = set(some)
    return np.fromiter((one in known for one in values), bool, len(values))


def _differ(both: Rows, *names: str) -> Values:
    differs = np.zeros(len(both["key"]), bool)
    for name in names:
        differs |= both[name] != both[f"{name}_now"]
    return differs


def _unexplained(both: Rows) -> Values:
    """Rows of both sides that differ in what nothing that has happened since can have changed."""
    return np.asarray(
        _differ(both, "fixed")
        | (_differ(both, "words") & ~both["written"])
        | (_differ(both, "around") & ~(both["moved"] | both["stirred"]))
    )


def _stored(
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
    cursor = now.snapshot.open(_with_keys(table, scope, table.rows(scope, moments=True), keys))
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
        for name, values in zip(_MARKS, marks, strict=True):
            numbers = numbers.append_column(name, values)
        if progress is not None:
            progress.advance(len(batch))
        return numbers

    return _joined(map(marked, rows), marks=_MARKS)


def _with_keys(
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
    kinds = {"key": pa.string(), **dict.fromkeys(_NUMBERS, pa.int64()), **dict.fromkeys(marks, pa.bool_())}
    whole = pa.concat_tables([pa.table({name: pa.array([], kind) for name, kind in kinds.items()}), *parts])
    return {name: whole.column(name).to_numpy() for name in kinds}


def _named(
    table: ExportTable, found: list[tuple[Finding, list[str]]], exported: Batches, now: Now
) -> list[Difference]:
    """The differences in words, each with up to ten ids and the threads that they are in."""
    some = {finding: ids_to_name(keys) for finding, keys in found if len(keys)}
    threads = _threads_of(table, {key for keys in some.values() for key in keys}, exported, now)
    return [
        Difference(
            finding,
            table.name,
            rows_found(finding, len(keys)),
            len(keys),
            some[finding],
            tuple(threads.get(key, "") for key in some[finding]),
        )
        for finding, keys in found
        if len(keys)
    ]


def _threads_of(table: ExportTable, keys: set[str], exported: Batches, now: Now) -> dict[str, str]:
    """Which thread a few rows are in, as the export says, or else the database."""
    if not keys or "thread_id" not in (column.name for column in table.columns):
        return {}
    threads: dict[str, str] = {}
    found_there = _with_keys(table, now.scope, table.rows(now.scope), keys)
    stored = batches(now.snapshot.open(found_there), table.columns)
    for rows in (exported(), stored):
        if keys <= threads.keys():
            break
        for batch in rows:
            parts = [batch.column(name).cast(pa.string()) for name in table.key]
            names = pc.binary_join_element_wise(*parts, "/")
            there = pc.is_in(names, value_set=pa.array(sorted(keys), pa.string()))
            found = batch.column("thread_id").filter(there).to_pylist()
            pairs = zip(names.filter(there).to_pylist(), found, strict=True)
            threads |= {key: thread for key, thread in pairs if thread is not None and key not in threads}
    return threads
