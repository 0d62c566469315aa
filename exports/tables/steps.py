"""The table `steps`: the agents' visible work under a reply."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import (
    branch,
    connection_id,
    deleted,
    intent_id,
    key,
    run_id,
    seq,
    source,
    status,
    thread_id,
    time,
    turn,
)
from exports.columns.sql import milliseconds_between, rarely
from exports.columns.table import LEAVING, ExportTable, Extract
from study.vocabulary import MESSAGE_TYPES, StepType

steps = schema.steps


def _reply(scope: Scope) -> ColumnElement[Any]:
    """The last reply of its run."""
    reply = steps.alias("reply")
    return (
        select(reply.c.step_id)
        .where(reply.c.run_id == steps.c.run_id, reply.c.type == StepType.ASSISTANT_MESSAGE.value)
        .where(*scope.living(reply))
        .order_by(reply.c.deleted_at.is_not(None), reply.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


COLUMNS = (
    key("step_id", "The step.", steps.c.step_id),
    Column(
        "message_id",
        Kind.ID,
        "The reply under the same run; missing where the run gave none.",
        value=_reply,
        references=("messages.message_id",),
    ),
    thread_id(steps),
    source(),
    Column(
        "parent_id",
        Kind.ID,
        "What it stands under: another step, or its run.",
        value=steps.c.parent_id,
        references=("steps.step_id", "runs.run_id", "messages.message_id"),
    ),
    run_id(steps),
    connection_id(steps),
    intent_id(steps),
    seq(steps),
    turn(steps),
    Column(
        "type",
        Kind.TEXT,
        "What kind of work it is.",
        value=steps.c.type,
        levels=tuple(one.value for one in StepType if one not in MESSAGE_TYPES),
        required=True,
        repeats=True,
    ),
    Column(
        "name",
        Kind.TEXT,
        "What the page called it, such as the name of a tool.",
        value=steps.c.name,
        required=True,
        repeats=True,
    ),
    Column("agent", Kind.TEXT, "The agent that did it.", value=steps.c.agent, repeats=True),
    Column("input", Kind.TEXT, "What went in, byte for byte.", value=steps.c.input, required=True),
    Column("output", Kind.TEXT, "What came out, byte for byte.", value=steps.c.output, required=True),
    Column(
        "revision",
        Kind.INTEGER,
        "Which state of the step this is, from 1: the newest.",
        value=steps.c.revision,
        required=True,
    ),
    status(steps, "step"),
    Column("is_error", Kind.BOOLEAN, "Whether it failed.", value=steps.c.is_error, required=True),
    Column(
        "shown",
        Kind.BOOLEAN,
        "Whether it stood on the participant's screen: an agent's thinking may be kept without being shown.",
        value=steps.c.shown,
        required=True,
    ),
    time("created_at", "When it was first kept.", steps.c.created_at, required=True),
    time("started_at", "When the work began.", steps.c.started_at),
    time("ended_at", "When it ended.", steps.c.ended_at),
    Column(
        "duration_ms",
        Kind.INTEGER,
        "How long it took.",
        value=milliseconds_between(steps.c.started_at, steps.c.ended_at),
        units="milliseconds",
    ),
    Column(
        "metadata", Kind.JSON, "A JSON object of what else is kept with the step.", value=steps.c.metadata
    ),
    branch(steps, "step"),
    *deleted(steps, "step"),
)


def extract(scope: Scope) -> Extract:
    """The visible work in the chosen threads."""
    return Extract(
        source=with_thread(steps),
        where=(
            and_(*(rarely(steps.c.type != kind.value) for kind in MESSAGE_TYPES)),
            *scope.living(steps),
            *scope.threads(),
        ),
        order=(steps.c.thread_id, steps.c.seq),
        touched=(steps.c.version,),
        moved=(steps.c.deleted_at,),
        around=LEAVING | {"message_id", "source"},
        fixed=frozenset({"thread_id", "seq", "created_at"}),
    )


TABLE = ExportTable(
    name="steps",
    description="The agents' visible work under a reply: thinking, tool calls, retrieval; one row a step.",
    columns=COLUMNS,
    key=("step_id",),
    extract=extract,
)
