"""Where rows come from that stand beside a message: its files, its bookmarks."""

from sqlalchemy import Table

from data_layer.database import schema
from exports.columns.scope import Scope, with_thread
from exports.columns.table import LEAVING, Extract


def extract_beside(
    scope: Scope,
    table: Table,
    key: str,
    renewed: frozenset[str] = frozenset(),
) -> Extract:
    """Read a table of such rows, without those whose message or thread is left out.

    Args:
        scope: What is exported.
        table: With thread_id, message_id, seq, created_at and deleted_at.
        key: The column that tells two rows of one message apart.
        renewed: Columns that an answer may renew while it is given.
    """
    steps = schema.steps
    return Extract(
        source=with_thread(table).outerjoin(steps, steps.c.step_id == table.c.message_id),
        where=(*scope.living(table, steps), *scope.threads()),
        order=(table.c.thread_id, table.c.seq, table.c[key]),
        touched=(),
        moved=(
            table.c.seq,
            table.c.created_at,
            table.c.deleted_at,
            steps.c.version,
            steps.c.deleted_at,
        ),
        around=LEAVING | renewed,
    )
