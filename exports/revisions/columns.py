"""The columns of `revisions`."""

from exports.column import Column, Kind
from exports.common import run_id, status, thread_id, time
from study.vocabulary import StepType

COLUMNS = (
    Column(
        "step_id",
        Kind.ID,
        "The message or step.",
        "step_revisions.step_id",
        references=("messages.message_id", "steps.step_id"),
        required=True,
    ),
    Column("revision", Kind.INTEGER, "Which state of it, from 1.", "step_revisions.revision", required=True),
    Column(
        "is_current",
        Kind.BOOLEAN,
        "Whether it is the state that is shown, or was when the message left.",
        "derived: steps.revision",
    ),
    thread_id("step_revisions"),
    run_id("step_revisions", strict=False),
    Column(
        "type",
        Kind.TEXT,
        "What kind of message or step it is.",
        "steps.type",
        levels=tuple(one.value for one in StepType),
        repeats=True,
    ),
    Column("input", Kind.TEXT, "What went into a step then.", "step_revisions.input", required=True),
    Column(
        "output",
        Kind.TEXT,
        "What a message said, or a step gave, then.",
        "step_revisions.output",
        required=True,
    ),
    status("step_revisions", "message or step, in this state,"),
    time("created_at", "When this state began.", "step_revisions.created_at", required=True),
)
