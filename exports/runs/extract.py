"""Where the rows of `runs` come from."""

from data_layer import schema
from exports.runs.columns import COLUMNS
from exports.scope import Scope, walked, with_thread
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """The runs of the chosen threads."""
    table = schema.runs
    return Extract(
        source=with_thread(table),
        values=own_columns(table, COLUMNS),
        where=(*scope.living(table), *scope.threads()),
        order=(table.c.thread_id, table.c.seq),
        touched=(
            table.c.seq,
            table.c.started_at,
            table.c.ended_at,
            table.c.deleted_at,
            walked(table),
            schema.threads.c.deleted_at,
        ),
        chosen=scope.moments(),
    )
