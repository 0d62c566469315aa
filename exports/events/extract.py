"""Where the rows of `events` come from."""

from data_layer import schema
from exports.events.columns import COLUMNS
from exports.scope import Scope, with_thread
from exports.sql import milliseconds_between
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """What happened in the chosen threads; without a filter also what happened outside of any."""
    table, threads = schema.events, schema.threads
    return Extract(
        source=with_thread(table),
        values=own_columns(
            table, COLUMNS, t_ms=milliseconds_between(threads.c.created_at, table.c.timestamp)
        ),
        where=scope.threads(),
        order=(table.c.thread_id, table.c.seq, table.c.event_id),
        touched=(table.c.seq, table.c.timestamp, threads.c.deleted_at),
        chosen=scope.moments(),
    )
