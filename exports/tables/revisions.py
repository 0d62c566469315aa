"""The table `revisions`: every state that a message or step was ever in."""

from sqlalchemy import case, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import run_id, status, thread_id, time
from exports.columns.table import ExportTable, Extract
from study.vocabulary import StepType

step_revisions, steps = schema.step_revisions, schema.steps

_is_current = step_revisions.c.revision == steps.c.revision

COLUMNS = (
    Column(
        "step_id",
        Kind.ID,
        "The message or step.",
        value=step_revisions.c.step_id,
        references=("messages.message_id", "steps.step_id"),
        required=True,
    ),
    Column(
        "revision", Kind.INTEGER, "Which state of it, from 1.", value=step_revisions.c.revision, required=True
    ),
    Column(
        "is_current",
        Kind.BOOLEAN,
        "Whether it is the state that is shown, or was when the message left.",
        value=_is_current,
    ),
    thread_id(step_revisions),
    run_id(step_revisions, strict=False),
    Column(
        "type",
        Kind.TEXT,
        "What kind of message or step it is.",
        value=steps.c.type,
        levels=tuple(one.value for one in StepType),
        repeats=True,
    ),
    Column("input", Kind.TEXT, "What went into a step then.", value=step_revisions.c.input, required=True),
    Column(
        "output",
        Kind.TEXT,
        "What a message said, or a step gave, then.",
        value=step_revisions.c.output,
        required=True,
    ),
    status(step_revisions, "message or step, in this state,"),
    time("created_at", "When this state began.", step_revisions.c.created_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """Every state of the exported messages and steps."""
    after = step_revisions.alias("after")
    said_otherwise = (
        select(after.c.created_at)
        .where(after.c.step_id == step_revisions.c.step_id, after.c.revision == step_revisions.c.revision + 1)
        .scalar_subquery()
    )
    return Extract(
        source=with_thread(step_revisions).outerjoin(steps, steps.c.step_id == step_revisions.c.step_id),
        where=(*scope.living(steps), *scope.threads()),
        order=(step_revisions.c.thread_id, steps.c.seq, step_revisions.c.step_id, step_revisions.c.revision),
        # One that is said otherwise now reads for ever as it read then.
        touched=(step_revisions.c.created_at, said_otherwise, case((_is_current, steps.c.version))),
        moved=(steps.c.version, steps.c.deleted_at),
        around=frozenset({"is_current", "type"}),
    )


TABLE = ExportTable(
    name="revisions",
    description="Every state that a message or step was ever in; one row a state.",
    columns=COLUMNS,
    key=("step_id", "revision"),
    extract=extract,
)
