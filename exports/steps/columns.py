"""The columns of `steps`."""

from exports.column import Column, Kind
from exports.common import branch, connection_id, deleted, key, run_id, seq, status, thread_id, time, turn
from study.vocabulary import MESSAGE_TYPES, StepType

COLUMNS = (
    key("step_id", "The step.", "steps.step_id"),
    Column(
        "message_id",
        Kind.ID,
        "The reply under the same run; missing where the run gave none.",
        "derived: the last reply of steps.run_id",
        references=("messages.message_id",),
    ),
    thread_id("steps"),
    Column(
        "parent_id",
        Kind.ID,
        "What it stands under: another step, or its run.",
        "steps.parent_id",
        references=("steps.step_id", "runs.run_id", "messages.message_id"),
    ),
    run_id("steps"),
    connection_id("steps"),
    seq("steps"),
    turn("steps"),
    Column(
        "type",
        Kind.TEXT,
        "What kind of work it is.",
        "steps.type",
        levels=tuple(one.value for one in StepType if one not in MESSAGE_TYPES),
        required=True,
        repeats=True,
    ),
    Column(
        "name",
        Kind.TEXT,
        "What the page called it, such as the name of a tool.",
        "steps.name",
        required=True,
        repeats=True,
    ),
    Column("agent", Kind.TEXT, "The agent that did it.", "steps.agent", repeats=True),
    Column("input", Kind.TEXT, "What went in, byte for byte.", "steps.input", required=True),
    Column("output", Kind.TEXT, "What came out, byte for byte.", "steps.output", required=True),
    Column(
        "revision",
        Kind.INTEGER,
        "Which state of the step this is, from 1: the newest.",
        "steps.revision",
        required=True,
    ),
    status("steps", "step"),
    Column("is_error", Kind.BOOLEAN, "Whether it failed.", "steps.is_error", required=True),
    time("created_at", "When it was first kept.", "steps.created_at", required=True),
    time("started_at", "When the work began.", "steps.started_at"),
    time("ended_at", "When it ended.", "steps.ended_at"),
    Column(
        "duration_ms",
        Kind.INTEGER,
        "How long it took.",
        "derived: steps.started_at, steps.ended_at",
        units="milliseconds",
    ),
    Column("metadata", Kind.JSON, "A JSON object of what else is kept with the step.", "steps.metadata"),
    branch("steps", "step"),
    *deleted("steps", "step"),
)
