"""The table `places`: the places that anybody was assigned to, as the ledger leaves them."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import and_, func, select

from exports.columns.column import Column
from exports.columns.derived import DerivedTable, ReadColumns
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import participant_id, time
from exports.columns.table import ExportTable, Extract
from exports.rows.batches import batch_of
from exports.rows.iso import raw_values
from exports.tables import assignments as ledger
from exports.tables.participants import in_scope
from study.assignment import LedgerEvent
from study.assignment.places import parts_of

assignments = ledger.assignments
_STANDING: Final = {
    LedgerEvent.ASSIGNED.value: "held",
    LedgerEvent.RESUMED.value: "held",
    LedgerEvent.FILLED.value: "filled",
    LedgerEvent.OPENED.value: "open",
}

COLUMNS = (
    ledger.TABLE.column("ledger_id"),
    Column(
        "place_id", Kind.TEXT, "The place: stratum:block:place.", value=assignments.c.place_id, required=True
    ),
    Column(
        "stratum",
        Kind.TEXT,
        "Whose list it is on.",
        value=assignments.c.place_id,
        required=True,
        repeats=True,
    ),
    Column("block", Kind.INTEGER, "Which block of that list, from 1.", value=assignments.c.place_id),
    Column("place_in_block", Kind.INTEGER, "Which place of the block, from 1.", value=assignments.c.place_id),
    ledger.TABLE.column("condition"),
    Column(
        "standing",
        Kind.TEXT,
        "Whether somebody holds it, has filled it, or left it open.",
        value=assignments.c.event,
        levels=("held", "filled", "open"),
        required=True,
        repeats=True,
    ),
    Column(
        "attempts",
        Kind.INTEGER,
        "How many were assigned to it, one after another.",
        value=assignments.c.event,
        required=True,
    ),
    participant_id(assignments, "Who holds or fills it; missing where it is open or they have withdrawn."),
    time("assigned_at", "When the first was assigned to it.", assignments.c.created_at, required=True),
    time("changed_at", "When something happened to it last.", assignments.c.created_at, required=True),
)
_READ: Final = ("ledger_id", "event", "place_id", "condition", "participant_id", "created_at")


def derive(read: Mapping[str, ReadColumns]) -> DerivedTable:
    """Fold the ledger.

    Args:
        read: Reads some columns of it.
    """
    return DerivedTable(TABLE, partial(_rows, read["assignments"]))


def _rows(read: ReadColumns) -> Iterator[pa.RecordBatch]:
    """In the order in which they were taken first."""
    places: dict[tuple[str, str], list[Any]] = {}
    for batch in read(tuple(ledger.TABLE.column(name) for name in _READ)):
        for ledger_id, event, place_id, condition, who, at in zip(*raw_values(batch), strict=True):
            first = [ledger_id, place_id, *(parts_of(place_id) or (place_id, None, None)), condition]
            row = places.setdefault((ledger_id, place_id), [*first, "", 0, None, at, at])
            row[6] = _STANDING.get(event, event)
            row[7] += event == LedgerEvent.ASSIGNED
            row[8] = None if event == LedgerEvent.OPENED else who
            row[10] = at
    if places:
        yield batch_of(list(zip(*places.values(), strict=True)), COLUMNS)


def extract(scope: Scope) -> Extract:
    """Of each place the first row."""
    key = (assignments.c.ledger_id, assignments.c.place_id)
    chosen = select(*key, func.min(assignments.c.seq).label("seq"))
    first = chosen.where(*in_scope(scope, assignments.c.participant_id)).group_by(*key).subquery("first")
    there = and_(assignments.c.ledger_id == first.c.ledger_id, assignments.c.seq == first.c.seq)
    return Extract(
        source=first.join(assignments, there),
        where=(),
        order=(assignments.c.ledger_id, assignments.c.seq),
        touched=(),
        follows="participant_id",
        counted=first,
    )


TABLE = ExportTable(
    name="places",
    description="Places that anybody was assigned to, as the ledger leaves them; one row a place.",
    columns=COLUMNS,
    key=("ledger_id", "place_id"),
    extract=extract,
    comes_of=("assignments",),
    derive=derive,
)
