"""The table `withdrawals`: who has withdrawn."""

from sqlalchemy import ColumnElement

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, participant_id, study_id, time
from exports.columns.table import ExportTable, Extract

withdrawals = schema.withdrawals

COLUMNS = (
    key(
        "withdrawal_id",
        "The withdrawal, and the number of the participant's receipt.",
        withdrawals.c.withdrawal_id,
    ),
    participant_id(withdrawals, "Who has withdrawn. Nothing of theirs is kept but this.", strict=False),
    study_id(withdrawals),
    Column(
        "requested_by",
        Kind.TEXT,
        "Who asked for it: the participant, on their own page, or a researcher.",
        value=withdrawals.c.requested_by,
        levels=("participant", "researcher"),
        required=True,
        repeats=True,
    ),
    time("withdrawn_at", "When everything was erased.", withdrawals.c.withdrawn_at, required=True),
    Column(
        "counts",
        Kind.JSON,
        "A JSON object: how much was erased: threads, messages, files, and rows by table.",
        value=withdrawals.c.counts,
        required=True,
    ),
    Column(
        "export_ids",
        Kind.JSON,
        "A JSON list of exports that were made in the researchers' room before and may hold copies.",
        value=withdrawals.c.export_ids,
        required=True,
    ),
)


def extract(scope: Scope) -> Extract:
    """Every withdrawal, whichever threads are chosen; of one participant, theirs."""
    asked = scope.options.participant
    where: tuple[ColumnElement[bool], ...] = () if asked is None else (withdrawals.c.participant_id == asked,)
    return Extract(
        source=withdrawals,
        where=where,
        order=(withdrawals.c.withdrawal_id,),
        touched=(withdrawals.c.withdrawn_at,),
        follows=None,
    )


TABLE = ExportTable(
    name="withdrawals",
    description="Participants who have withdrawn, with how much was erased; one row a withdrawal.",
    columns=COLUMNS,
    key=("withdrawal_id",),
    extract=extract,
)
