"""Telling an export that differs from a study that has gone on.

A row counts as gone on when the database itself says that it came, or last changed, after the snapshot (or in
the minute before it, see IN_FLIGHT): the newest of the moments in Extract.touched. A row that is not in the
database's answer any more is looked up in all that was ever kept, for it may have left the screen since.
Under a filter a whole thread may come or go, by Extract.chosen. What differs without such a trace is a
difference.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from exports.batches import batches
from exports.difference import Difference, Finding, named
from exports.scope import Scope
from exports.snapshot import Snapshot
from exports.table import Table

# A row bears the moment at which its write was called for, and is committed later: in a queue, over a
# busy database (data_layer/engine.py waits 15 s), by a clock that is not quite this one's.
IN_FLIGHT: Final = timedelta(seconds=60)


def compare_rows(
    table: Table,
    exported: Iterator[pa.RecordBatch],
    snapshot: Snapshot,
    scope: Scope,
    taken_at: datetime,
    withdrawn: frozenset[str] = frozenset(),
) -> list[Difference]:
    """Compare row by row, by key.

    Holds a key and three numbers a row: a million messages that differ took verify 0.9 GB.

    Args:
        table: Which.
        exported: Its rows as they were exported.
        snapshot: The database as it stands now.
        scope: The export's.
        taken_at: When the export's snapshot was taken.
        withdrawn: Keys of its rows whose participant has withdrawn since.

    Returns:
        What differs; empty when only the order does.
    """
    limit = round((taken_at - IN_FLIGHT).timestamp() * 1_000_000)
    follows = table.extract(scope).follows
    ours = _joined(_fingerprints(table, batch, 0, 0) for batch in exported)[["key", "row"]]
    theirs = _stored(table, snapshot, scope)
    both = ours.merge(theirs, on="key", how="outer", indicator="side", suffixes=("", "_now"))
    changed = (both["side"] == "both") & (both["row"] != both["row_now"]).fillna(True)
    added = both["side"] == "right_only"
    late = _after(both["touched"], limit)
    came = _after(both["moved"], limit) | follows
    found = [
        _difference(table, Finding.DIFFERENT, both.loc[changed & ~late, "key"]),
        _difference(table, Finding.MOVED_ON, both.loc[changed & late, "key"]),
        _difference(table, Finding.NOT_EXPORTED, both.loc[added & ~came, "key"]),
        _difference(table, Finding.NEWER, both.loc[added & came, "key"]),
    ]
    gone = both.loc[both["side"] == "left_only", ["key", "row"]]
    if len(gone):
        ever = gone.merge(_stored(table, snapshot, scope.everything), on="key", suffixes=("", "_now"))
        same = ever["row"] == ever["row_now"]
        left = ever.loc[_after(ever["moved"], limit) | (same & follows), "key"]
        lost = gone.loc[~gone["key"].isin(left), "key"]
        found.append(_difference(table, Finding.NOT_IN_DATABASE, lost[~lost.isin(withdrawn)]))
        found.append(_difference(table, Finding.WITHDRAWN, lost[lost.isin(withdrawn)]))
        found.append(_difference(table, Finding.LEFT, left))
    return [one for one in found if one is not None]


_SENTENCES: Final = {
    Finding.DIFFERENT: "{n} of the export differ from the database",
    Finding.NOT_EXPORTED: "{n} of the database are missing from the export",
    Finding.NOT_IN_DATABASE: "{n} of the export are not in the database, or not among those asked for",
    Finding.MOVED_ON: "{n} moved on in the database since the snapshot",
    Finding.NEWER: "{n} came since the snapshot",
    Finding.LEFT: "{n} left since the snapshot",
    Finding.WITHDRAWN: "{n} of participants who have withdrawn since: delete this export, or export again",
}


def _difference(table: Table, finding: Finding, keys: "pd.Series[str]") -> Difference | None:
    if len(keys) == 0:
        return None
    count = len(keys)
    detail = _SENTENCES[finding].format(n=f"{count:,} row{'s' if count > 1 else ''}")
    return Difference(finding, table.name, detail, count, named(keys.tolist()))


def _stored(table: Table, snapshot: Snapshot, scope: Scope) -> pd.DataFrame:
    extract = table.extract(scope)
    touched, chosen = len(extract.touched), len(extract.chosen)
    cursor = snapshot.open(table.rows(scope, moments=True))
    rows = batches(cursor, table.columns, moments=touched + chosen)
    return _joined(_fingerprints(table, batch, touched, chosen) for batch in rows)


def _fingerprints(table: Table, batch: pa.RecordBatch, touched: int, chosen: int) -> pa.Table:
    """Of each row its key, a number that stands for all its values, and its newest moments."""
    values = [batch.column(column.name).to_pylist() for column in table.columns]
    keys = [batch.column(name).cast(pa.string()) for name in table.key]
    moments = [batch.column(f"moment_{number}") for number in range(touched + chosen)]
    return pa.table(
        {
            "key": pc.binary_join_element_wise(*keys, "/"),
            # Python's hash is another in each process, and both sides are hashed in this one.
            "row": pa.array([hash(row) for row in zip(*values, strict=True)], pa.int64()),
            "touched": _newest(moments[:touched], len(batch)),
            "moved": _newest(moments, len(batch)),
        }
    )


def _newest(moments: list[Any], rows: int) -> pa.Array:
    return pc.max_element_wise(*moments) if moments else pa.nulls(rows, pa.int64())


def _joined(parts: Iterator[pa.Table]) -> pd.DataFrame:
    names = [("key", pa.string()), ("row", pa.int64()), ("touched", pa.int64()), ("moved", pa.int64())]
    whole = pa.concat_tables([pa.table({name: pa.array([], kind) for name, kind in names}), *parts])
    return whole.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)


def _after(moments: "pd.Series[int]", limit: int) -> "pd.Series[bool]":
    return (moments > limit).fillna(False).astype(bool)
