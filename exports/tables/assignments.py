"""The table `assignments`: the ledger of places, from which the assignment is replayed."""

from sqlalchemy import case, func, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import participant_id, time
from exports.columns.table import ExportTable, Extract
from exports.tables.participants import in_scope
from study.assignment import LedgerEvent, OpenedBecause

assignments = schema.assignments

COLUMNS = (
    Column(
        "ledger_id",
        Kind.TEXT,
        "The ledger that the row stands in.",
        value=assignments.c.ledger_id,
        references=("ledgers.ledger_id",),
        required=True,
        repeats=True,
    ),
    Column(
        "ledger_row",
        Kind.INTEGER,
        "Its number there, from 1 without a gap.",
        value=assignments.c.seq,
        required=True,
    ),
    Column(
        "event",
        Kind.TEXT,
        "What happened to the place: somebody was assigned to it, filled it, left it open again, or resumed "
        "it before anybody else had it.",
        value=assignments.c.event,
        levels=tuple(one.value for one in LedgerEvent),
        required=True,
        repeats=True,
    ),
    Column(
        "place_id", Kind.TEXT, "The place: stratum:block:place.", value=assignments.c.place_id, required=True
    ),
    Column(
        "condition",
        Kind.TEXT,
        "The condition of the place.",
        value=assignments.c.condition,
        required=True,
        repeats=True,
    ),
    participant_id(assignments, "Whose place it was; missing for who has withdrawn."),
    Column(
        "reason",
        Kind.TEXT,
        "Why the place is open again; empty in other rows.",
        value=assignments.c.reason,
        levels=("", *(one.value for one in OpenedBecause)),
        required=True,
        repeats=True,
    ),
    Column(
        "inputs",
        Kind.JSON,
        "A JSON object: what an assignment was made from; empty in other rows.",
        value=assignments.c.inputs,
        required=True,
        repeats=True,
    ),
    Column(
        "draw",
        Kind.TEXT,
        "What was drawn when somebody came; empty where the place was drawn before.",
        value=assignments.c.draw,
        required=True,
    ),
    time("created_at", "When it happened.", assignments.c.created_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """The whole ledger; under a filter the rows of the exported participants."""
    # A withdrawal takes the name out of a row, and leaves no other moment there.
    last = select(func.max(schema.withdrawals.c.withdrawn_at)).scalar_subquery()
    return Extract(
        source=assignments,
        where=in_scope(scope, assignments.c.participant_id),
        order=(assignments.c.ledger_id, assignments.c.seq),
        touched=(case((assignments.c.participant_id.is_(None), last)),),
        moved=(assignments.c.created_at,),
        fixed=frozenset(one.name for one in COLUMNS) - {"participant_id"},
        follows="participant_id",
    )


TABLE = ExportTable(
    name="assignments",
    description="The ledger of places: who was assigned to which, filled it, or left it open again, and why; "
    "one row an event.",
    columns=COLUMNS,
    key=("ledger_id", "ledger_row"),
    extract=extract,
)
