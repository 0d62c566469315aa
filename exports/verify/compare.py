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

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from exports.columns.scope import among
from exports.columns.table import ExportTable
from exports.progress import ExportProgress
from exports.rows.batches import batches
from exports.verify.difference import Difference, Finding, ids_to_name
from exports.verify.numbered import (
    MARKS,
    NUMBERS,
    Batches,
    Now,
    Rows,
    Values,
    exported_rows,
    stored_rows,
    with_keys,
)
from exports.verify.words import rows_found

# A row bears the moment at which its write was called for, and is committed later: in a queue, over a
# busy database (data_layer/database/engine.py waits 15 s), by a clock that is not quite this one's.
IN_FLIGHT: Final = timedelta(seconds=60)

# So many rows are looked up by their keys; of more the whole table is read.
_FEW: Final = 10_000


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
    ours = exported_rows(table, exported, now)
    theirs = stored_rows(table, now, now.scope, now.held, progress=progress)
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
        (Finding.MOVED_ON, both["key"][_differ(both, *NUMBERS) & ~wrong]),
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
    stored = stored_rows(table, now, now.scope.everything, now.chosen, keys=keys)
    ever = _paired(gone, stored, _places(stored, gone))
    forged = _unexplained(ever | {"around": ever["around_now"]})
    left = (ever["moved"] | ever["went"]) & ~_among_values(ever["key"], ever["key"][forged])
    told = np.concatenate([ever["key"][forged], ever["key"][left]])
    lost = gone["key"][~_among_values(gone["key"], told)]
    anew = _made_anew(table, lost, now)
    lost, remade = lost[~anew], lost[anew]
    withdrawn = _among_values(lost, now.withdrawn)
    return [
        (Finding.DIFFERENT, ever["key"][forged]),
        (Finding.NOT_IN_DATABASE, lost[~withdrawn]),
        (Finding.WITHDRAWN, lost[withdrawn]),
        (Finding.LEFT, np.concatenate([ever["key"][left], remade])),
    ]


def _made_anew(table: ExportTable, keys: Values, now: Now) -> Values:
    """Of which rows another stands in the place, as of a message whose vector another model made since."""
    if not table.remade or not len(keys):
        return np.zeros(len(keys), bool)
    first = table.column(table.key[0]).expression(now.scope)
    ids = [key.split("/")[0] for key in keys.tolist()]
    extract = table.extract(now.scope)
    found = now.snapshot.all(select(first).select_from(extract.source).where(among(first, sorted(set(ids)))))
    still = {row[0] for row in found}
    return np.fromiter((one in still for one in ids), bool, len(ids))


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
    pairs |= {f"{name}_now": theirs[name][at[there]] for name in NUMBERS}
    return pairs | {name: theirs[name][at[there]] for name in MARKS}


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
    found_there = with_keys(table, now.scope, table.rows(now.scope), keys)
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
