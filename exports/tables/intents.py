"""The table `intents`: what participants wanted done."""

from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import branch, deleted, key, participant_id, seq, thread_id, time
from exports.columns.sql import milliseconds_between
from exports.columns.table import LEAVING, ExportTable, Extract
from study.intents import IntentState
from study.vocabulary import StepType

intents, steps, threads = schema.intents, schema.steps, schema.threads


def began_with(scope: Scope) -> ColumnElement[Any]:
    """The message that it began with, where that is exported: a participant may have removed it."""
    if scope.options.include_deleted:
        return intents.c.message_id
    return case((steps.c.deleted_at.is_(None), steps.c.step_id))


def turns(scope: Scope) -> ColumnElement[Any]:
    """The participant's messages of it."""
    said = steps.alias("said")
    return (
        select(func.count(said.c.step_id))
        .where(said.c.thread_id == intents.c.thread_id, said.c.intent_id == intents.c.intent_id)
        .where(said.c.type == StepType.USER_MESSAGE.value, *scope.living(said))
        .scalar_subquery()
    )


COLUMNS = (
    key("intent_id", "The intent.", intents.c.intent_id),
    thread_id(intents),
    participant_id(threads, "Who wanted it."),
    Column(
        "message_id",
        Kind.ID,
        "The participant's message that it began with; missing where that was removed, unless what has left "
        "the screen is exported.",
        value=began_with,
        references=("messages.message_id",),
    ),
    seq(intents),
    Column("agent", Kind.TEXT, "The agent that it was told to.", value=intents.c.agent, repeats=True),
    Column(
        "name",
        Kind.TEXT,
        "What it is, as the study names it.",
        value=intents.c.name,
        required=True,
        repeats=True,
    ),
    Column(
        "title",
        Kind.TEXT,
        "The same, as the participant read it.",
        value=intents.c.title,
        required=True,
        repeats=True,
    ),
    Column(
        "score", Kind.NUMBER, "How sure the agent was of it, from 0 to 1.", value=intents.c.score, units="1"
    ),
    Column(
        "state",
        Kind.TEXT,
        "How it stands: under way, completed, or abandoned.",
        value=intents.c.state,
        levels=tuple(one.value for one in IntentState),
        required=True,
        repeats=True,
    ),
    Column(
        "cause",
        Kind.TEXT,
        "Why it stands so: idle when nothing was written for the study's idle minutes, replaced when another "
        "began, participant when a button was pressed; else as the agent says, such as tool or cancelled.",
        value=intents.c.cause,
        repeats=True,
    ),
    Column(
        "parameters",
        Kind.JSON,
        "A JSON object of what was known of it last, such as what was ordered.",
        value=intents.c.parameters,
    ),
    Column(
        "agent_state",
        Kind.JSON,
        "A JSON object of what the agent remembered of it last.",
        value=intents.c.agent_state,
    ),
    Column("turns", Kind.INTEGER, "How many messages its participant wrote in it.", value=turns, units="1"),
    time("began_at", "When it began.", intents.c.began_at, required=True),
    time("last_activity_at", "When it last moved.", intents.c.last_activity_at, required=True),
    time("ended_at", "When it was completed or abandoned.", intents.c.ended_at),
    Column(
        "duration_ms",
        Kind.INTEGER,
        "From its beginning to its end.",
        value=milliseconds_between(intents.c.began_at, intents.c.ended_at),
        units="milliseconds",
    ),
    branch(intents, "intent"),
    *deleted(intents, "intent", by=False),
)

# What the moves that stand have come to: another branch has others.
_RECKONED = frozenset(
    {"state", "cause", "parameters", "agent_state", "turns", "last_activity_at", "ended_at", "duration_ms"}
)


def extract(scope: Scope) -> Extract:
    """The intents of the chosen threads."""
    return Extract(
        source=with_thread(intents).outerjoin(steps, steps.c.step_id == intents.c.message_id),
        where=(*scope.living(intents), *scope.threads()),
        order=(intents.c.thread_id, intents.c.seq, intents.c.intent_id),
        touched=(),
        moved=(intents.c.seq, intents.c.began_at, intents.c.deleted_at),
        around=LEAVING | _RECKONED | {"participant_id", "message_id"},
        walks=True,
        counted=with_thread(intents),
    )


TABLE = ExportTable(
    name="intents",
    description="What participants wanted done, and how far it came; one row an intent.",
    columns=COLUMNS,
    key=("intent_id",),
    extract=extract,
)
