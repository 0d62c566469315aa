"""The table `runs`: how each turn was processed."""

from data_layer.database import schema
from exports.columns.answered import left, living_runs, question_column
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import (
    branch,
    connection_id,
    deleted,
    intent_id,
    key,
    milliseconds_between,
    seq,
    source,
    status,
    thread_id,
    time,
    turn,
    versions,
)
from exports.columns.table import LEAVING, ExportTable, Extract, until_closed

runs = schema.runs

COLUMNS = (
    key("run_id", "The run.", runs.c.run_id),
    thread_id(runs),
    source(),
    Column(
        "message_id",
        Kind.ID,
        "The participant's message that it answers; missing where that was removed and its reply was not, "
        "unless what has left the screen is exported.",
        value=question_column,
        references=("messages.message_id",),
    ),
    Column(
        "message_revision",
        Kind.INTEGER,
        "The state of that message that it answers.",
        value=runs.c.message_revision,
    ),
    connection_id(runs),
    intent_id(runs),
    seq(runs),
    turn(runs),
    Column("name", Kind.TEXT, "What Chainlit calls it.", value=runs.c.name, required=True, repeats=True),
    Column("agent", Kind.TEXT, "The agent that ran.", value=runs.c.agent, repeats=True),
    Column("agent_kind", Kind.TEXT, "Its kind in the study file.", value=runs.c.agent_kind, repeats=True),
    Column(
        "fallback_for",
        Kind.TEXT,
        "The agent that could not answer, where this one stepped in for it; its own run comes before.",
        value=runs.c.fallback_for,
        repeats=True,
    ),
    Column(
        "turn_level",
        Kind.TEXT,
        "What was drawn for its turn, where the study draws a level for each (`each_turn`).",
        value=runs.c.turn_level,
        repeats=True,
    ),
    Column(
        "turn_probability",
        Kind.NUMBER,
        "How likely that level was when it was drawn.",
        value=runs.c.turn_probability,
    ),
    Column(
        "turn_draw",
        Kind.TEXT,
        "What was drawn for it from the study's seed.",
        value=runs.c.turn_draw,
    ),
    status(runs, "run"),
    time("started_at", "When it began.", runs.c.started_at, required=True),
    time("ended_at", "When it ended.", runs.c.ended_at),
    milliseconds_between("ttft_ms", "From its start to the first thing shown.", runs.c.ttft_ms),
    milliseconds_between("latency_ms", "From its start to its end.", runs.c.latency_ms),
    Column(
        "error_type",
        Kind.TEXT,
        "What went wrong, by the provider's or the client's name.",
        value=runs.c.error_type,
        repeats=True,
    ),
    Column(
        "error_message",
        Kind.TEXT,
        "What they said of it; the participant was shown another sentence.",
        value=runs.c.error_message,
    ),
    *versions(runs),
    branch(runs, "run"),
    *deleted(runs, "run", by=False),
)


def extract(scope: Scope) -> Extract:
    """The runs of the chosen threads."""
    return Extract(
        source=with_thread(runs),
        where=(*living_runs(scope), *scope.threads()),
        order=(runs.c.thread_id, runs.c.seq),
        touched=until_closed(runs.c.ended_at),
        moved=(runs.c.seq, runs.c.started_at, *left()),
        around=LEAVING | {"message_id", "source"},
        fixed=frozenset({"thread_id", "message_revision", "seq", "started_at"}),
        walks=True,
    )


TABLE = ExportTable(
    name="runs",
    description="The processing of turns; one row a run.",
    columns=COLUMNS,
    key=("run_id",),
    extract=extract,
)
