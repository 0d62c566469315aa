"""Where the rows of `revisions` come from."""

from data_layer import schema
from exports.revisions.columns import COLUMNS
from exports.scope import Scope, with_thread
from exports.table import Extract, own_columns

table, steps = schema.step_revisions, schema.steps


def extract(scope: Scope) -> Extract:
    """Every state of the exported messages and steps."""
    return Extract(
        source=with_thread(table).outerjoin(steps, steps.c.step_id == table.c.step_id),
        values=own_columns(
            table, COLUMNS, is_current=table.c.revision == steps.c.revision, type=steps.c.type
        ),
        where=(*scope.living(steps), *scope.threads()),
        order=(table.c.thread_id, steps.c.seq, table.c.step_id, table.c.revision),
        touched=(table.c.created_at, steps.c.version, steps.c.deleted_at, schema.threads.c.deleted_at),
        chosen=scope.moments(),
    )
