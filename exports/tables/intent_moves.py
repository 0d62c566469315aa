"""The table `intent_moves`: what happened to each intent."""

from typing import Any

from sqlalchemy import ColumnElement, case

from data_layer.database import schema
from exports.columns.column import Column, Value
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import branch, connection_id, deleted, key, seq, thread_id, time
from exports.columns.table import LEAVING, ExportTable, Extract
from study.intents import IntentMove, IntentState

moves, runs, steps = schema.intent_moves, schema.runs, schema.steps


def _where_exported(table: Any, name: str, kept: ColumnElement[Any]) -> Value:
    """An id of what the move happened in, where that is exported: it may have been removed."""

    def value(scope: Scope) -> ColumnElement[Any]:
        if scope.options.include_deleted:
            return kept
        return case((table.c.deleted_at.is_(None), table.c[name]))

    return value


COLUMNS = (
    key("move_id", "The move.", moves.c.move_id),
    Column(
        "intent_id",
        Kind.ID,
        "The intent that moved.",
        value=moves.c.intent_id,
        references=("intents.intent_id",),
        required=True,
    ),
    thread_id(moves),
    Column(
        "run_id",
        Kind.ID,
        "The run in which it happened; missing for what the app or the participant did.",
        value=_where_exported(runs, "run_id", moves.c.run_id),
        references=("runs.run_id",),
    ),
    Column(
        "message_id",
        Kind.ID,
        "The participant's message that this run answers.",
        value=_where_exported(steps, "step_id", moves.c.message_id),
        references=("messages.message_id",),
    ),
    connection_id(moves),
    seq(moves),
    time("timestamp", "When it happened.", moves.c.timestamp, required=True),
    Column(
        "move",
        Kind.TEXT,
        "What happened: the intent began, became known better, was continued, completed, abandoned, or its "
        "participant was asked whether to go on with it and would not (declined).",
        value=moves.c.move,
        levels=tuple(one.value for one in IntentMove),
        required=True,
        repeats=True,
    ),
    Column(
        "state",
        Kind.TEXT,
        "How it stood afterwards.",
        value=moves.c.state,
        levels=tuple(one.value for one in IntentState),
        required=True,
        repeats=True,
    ),
    Column("cause", Kind.TEXT, "Why, as in intents.", value=moves.c.cause, repeats=True),
    Column(
        "parameters",
        Kind.JSON,
        "A JSON object of what was known of it afterwards.",
        value=moves.c.parameters,
    ),
    Column(
        "agent_state",
        Kind.JSON,
        "A JSON object of what the agent remembered of it afterwards.",
        value=moves.c.agent_state,
    ),
    branch(moves, "move"),
    *deleted(moves, "move", by=False),
)


def extract(scope: Scope) -> Extract:
    """What happened to the intents of the chosen threads."""
    source = with_thread(moves).outerjoin(runs, runs.c.run_id == moves.c.run_id)
    return Extract(
        source=source.outerjoin(steps, steps.c.step_id == moves.c.message_id),
        where=(*scope.living(moves), *scope.threads()),
        order=(moves.c.thread_id, moves.c.seq, moves.c.move_id),
        touched=(),
        moved=(moves.c.seq, moves.c.timestamp, moves.c.deleted_at),
        around=LEAVING | {"run_id", "message_id"},
        walks=True,
        counted=with_thread(moves),
    )


TABLE = ExportTable(
    name="intent_moves",
    description="What happened to each intent, with what was known of it afterwards; one row a move.",
    columns=COLUMNS,
    key=("move_id",),
    extract=extract,
)
