"""The table `participants`: who took part, by pseudonym."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, study_id, time
from exports.columns.table import ExportTable, Extract

participants = schema.participants

COLUMNS = (
    key("participant_id", "The participant's pseudonym.", participants.c.participant_id),
    study_id(participants),
    Column(
        "source",
        Kind.TEXT,
        "How they came, such as login; simulation is a program that tried the study, import one whose "
        "conversations were held elsewhere.",
        value=participants.c.source,
        required=True,
        repeats=True,
    ),
    time("created_at", "When they first came.", participants.c.created_at, required=True),
    Column(
        "thread_count",
        Kind.INTEGER,
        "How many threads of theirs are in this export's scope.",
        value=lambda scope: func.coalesce(scope.threads_of_each.c.chosen, 0),
        required=True,
    ),
)


def extract(scope: Scope) -> Extract:
    """All participants; under a filter those whose threads were chosen, and one who was asked for by name."""
    theirs = scope.threads_of_each
    return Extract(
        source=participants.outerjoin(theirs, theirs.c.participant_id == participants.c.participant_id),
        where=in_scope(scope, participants.c.participant_id),
        order=(participants.c.participant_id,),
        touched=(),
        moved=(participants.c.created_at,),
        around=frozenset({"thread_count"}),
        follows="participant_id",
    )


def in_scope(scope: Scope, participant_id: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    """Conditions on a participant's pseudonym: one who was asked for, or who has a chosen thread."""
    if scope.options.participant is not None:
        return (participant_id == scope.options.participant,)
    if not scope.filtered:
        return ()
    return (participant_id.in_(select(schema.threads.c.participant_id).where(*scope.threads())),)


TABLE = ExportTable(
    name="participants",
    description="Who took part, by pseudonym; one row a participant.",
    columns=COLUMNS,
    key=("participant_id",),
    extract=extract,
)
