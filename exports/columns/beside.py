"""Where rows come from that stand beside a message: its files, its bookmarks."""

from sqlalchemy import Table

from data_layer import schema
from exports.column import Column
from exports.scope import Scope, with_thread
from exports.table import Extract, own_columns


def extract_beside(scope: Scope, table: Table, columns: tuple[Column, ...], key: str) -> Extract:
    """Read a table of such rows, without those whose message or thread is left out.

    Args:
        scope: What is exported.
        table: With thread_id, message_id, seq, created_at and deleted_at.
        columns: Of the export.
        key: The column that tells two rows of one message apart.
    """
    steps = schema.steps
    return Extract(
        source=with_thread(table).outerjoin(steps, steps.c.step_id == table.c.message_id),
        values=own_columns(table, columns),
        where=(*scope.living(table, steps), *scope.threads()),
        order=(table.c.thread_id, table.c.seq, table.c[key]),
        touched=(
            table.c.seq,
            table.c.created_at,
            table.c.deleted_at,
            steps.c.version,
            steps.c.deleted_at,
            schema.threads.c.deleted_at,
        ),
        chosen=scope.moments(),
    )
