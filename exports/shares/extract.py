"""Where the rows of `shares` come from."""

from data_layer import schema
from exports.scope import Scope, with_thread
from exports.shares.columns import COLUMNS
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """All links to the exported threads, those that no longer work too."""
    table = schema.shares
    return Extract(
        source=with_thread(table),
        values=own_columns(table, COLUMNS),
        where=scope.threads(),
        order=(table.c.thread_id, table.c.created_at, table.c.share_id),
        touched=(table.c.created_at, table.c.revoked_at, schema.threads.c.deleted_at),
        chosen=scope.moments(),
    )
