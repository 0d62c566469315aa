"""Where the rows of `steps` come from: those that are not messages."""

from sqlalchemy import and_, select

from data_layer import schema
from exports.scope import Scope, with_thread
from exports.sql import milliseconds_between
from exports.steps.columns import COLUMNS
from exports.table import Extract, own_columns
from study.vocabulary import MESSAGE_TYPES, StepType

steps, threads, runs = schema.steps, schema.threads, schema.runs


def extract(scope: Scope) -> Extract:
    """The visible work in the chosen threads."""
    reply = steps.alias("reply")
    under = (
        select(reply)
        .where(reply.c.run_id == steps.c.run_id, reply.c.type == StepType.ASSISTANT_MESSAGE.value)
        .where(*scope.living(reply))
        .order_by(reply.c.deleted_at.is_not(None), reply.c.seq.desc())
        .limit(1)
    )
    return Extract(
        source=with_thread(steps).outerjoin(runs, runs.c.run_id == steps.c.run_id),
        values=own_columns(
            steps,
            COLUMNS,
            message_id=under.with_only_columns(reply.c.step_id).scalar_subquery(),
            duration_ms=milliseconds_between(steps.c.started_at, steps.c.ended_at),
        ),
        where=(
            and_(*(steps.c.type != kind.value for kind in MESSAGE_TYPES)),
            *scope.living(steps),
            *scope.threads(),
        ),
        order=(steps.c.thread_id, steps.c.seq),
        touched=(
            steps.c.version,
            steps.c.deleted_at,
            threads.c.deleted_at,
            runs.c.ended_at,
            under.with_only_columns(reply.c.seq).scalar_subquery(),
        ),
        chosen=scope.moments(),
    )
