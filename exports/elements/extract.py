"""Where the rows of `elements` come from."""

from data_layer import schema
from exports.elements.columns import COLUMNS
from exports.scope import Scope, with_thread
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """What was shown beside the exported messages."""
    table, steps = schema.elements, schema.steps
    return Extract(
        source=with_thread(table).outerjoin(steps, steps.c.step_id == table.c.message_id),
        values=own_columns(table, COLUMNS),
        where=(*scope.living(table, steps), *scope.threads()),
        order=(table.c.thread_id, table.c.seq, table.c.element_id),
        touched=(
            table.c.seq,
            table.c.created_at,
            table.c.deleted_at,
            steps.c.deleted_at,
            schema.threads.c.deleted_at,
        ),
        chosen=scope.moments(),
    )
