"""Where the rows of `threads` come from."""

from sqlalchemy import func, select

from data_layer import schema
from exports.scope import Scope
from exports.table import Extract, own_columns
from exports.threads.columns import COLUMNS


def extract(scope: Scope) -> Extract:
    """The chosen threads."""
    table, steps = schema.threads, schema.steps
    inside = steps.c.thread_id == table.c.thread_id
    newest = select(func.max(steps.c.version)).where(inside)
    gone = select(func.max(steps.c.deleted_at)).where(inside)
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS, turn=table.c.turn_count),
        where=scope.threads(),
        order=(table.c.thread_id,),
        touched=(
            table.c.version,
            table.c.last_activity_at,
            table.c.deleted_at,
            newest.scalar_subquery(),
            gone.scalar_subquery(),
        ),
    )
