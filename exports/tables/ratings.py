"""The table `ratings`: what participants thought of replies."""

from sqlalchemy import ColumnElement, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import deleted, participant_id, run_id, source, thread_id, time
from exports.columns.table import ExportTable, Extract

ratings, steps = schema.ratings, schema.steps

COLUMNS = (
    Column(
        "rating_id",
        Kind.ID,
        "The rating, the same through every change of mind.",
        value=ratings.c.rating_id,
        required=True,
    ),
    Column("revision", Kind.INTEGER, "Which state of it, from 1.", value=ratings.c.revision, required=True),
    Column(
        "is_current",
        Kind.BOOLEAN,
        "Whether it is what the participant thinks now: neither changed nor taken back.",
        value=ratings.c.is_current,
        required=True,
    ),
    thread_id(ratings),
    source(),
    Column(
        "message_id",
        Kind.ID,
        "The reply that was rated.",
        value=ratings.c.message_id,
        references=("messages.message_id",),
        required=True,
    ),
    run_id(ratings),
    participant_id(ratings, "Who rated."),
    Column("value", Kind.INTEGER, "1 for up, 0 for down.", value=ratings.c.value, required=True),
    Column(
        "reasons",
        Kind.JSON,
        "A JSON array of the reasons that were ticked, in the study file's words; missing for none.",
        value=ratings.c.reasons,
    ),
    Column("comment", Kind.TEXT, "What they added.", value=ratings.c.comment),
    time("created_at", "When they rated.", ratings.c.created_at, required=True),
    *deleted(ratings, "rating", by=False, because=False),
)


def extract(scope: Scope) -> Extract:
    """What participants think of the exported replies."""
    after = ratings.alias("after")
    changed = (
        select(after.c.created_at)
        .where(after.c.rating_id == ratings.c.rating_id, after.c.revision == ratings.c.revision + 1)
        .scalar_subquery()
    )
    where: list[ColumnElement[bool]] = [*scope.living(steps), *scope.threads()]
    if not scope.options.include_deleted:
        where.append(ratings.c.is_current.is_(True))
    return Extract(
        source=with_thread(ratings).outerjoin(steps, steps.c.step_id == ratings.c.message_id),
        where=tuple(where),
        order=(ratings.c.thread_id, ratings.c.rating_id, ratings.c.revision),
        touched=(),
        moved=(
            ratings.c.created_at,
            ratings.c.deleted_at,
            changed,
            steps.c.version,
            steps.c.deleted_at,
        ),
        around=frozenset({"source", "is_current", "deleted_at"}),
    )


TABLE = ExportTable(
    name="ratings",
    description="What participants thought of replies; one row a judgement.",
    columns=COLUMNS,
    key=("rating_id", "revision"),
    extract=extract,
)
