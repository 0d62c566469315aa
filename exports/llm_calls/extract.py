"""Where the rows of `llm_calls` come from."""

from sqlalchemy import and_

from data_layer import schema
from exports.llm_calls.columns import COLUMNS
from exports.scope import Scope, walked, with_thread
from exports.table import Extract, own_columns

table, runs, steps, threads = schema.llm_calls, schema.runs, schema.steps, schema.threads


def extract(scope: Scope) -> Extract:
    """The calls under the exported runs."""
    # A call takes its reply's id before the reply has words; one that gives none has no message.
    reply = and_(steps.c.step_id == table.c.message_id, *scope.living(steps))
    called = with_thread(table).outerjoin(runs, runs.c.run_id == table.c.run_id)
    return Extract(
        source=called.outerjoin(steps, reply),
        values=own_columns(table, COLUMNS, message_id=steps.c.step_id),
        where=(*scope.living(runs), *scope.threads()),
        order=(table.c.thread_id, table.c.seq),
        touched=(
            table.c.seq,
            table.c.ended_at,
            runs.c.ended_at,
            runs.c.deleted_at,
            walked(table),
            steps.c.seq,
            steps.c.deleted_at,
            threads.c.deleted_at,
        ),
        chosen=scope.moments(),
        counted=called,
    )
