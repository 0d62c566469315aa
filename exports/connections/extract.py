"""Where the rows of `connections` come from."""

from sqlalchemy import ColumnElement, or_, select

from data_layer import schema
from exports.connections.columns import COLUMNS
from exports.scope import Scope
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """All connections; under a filter those of the chosen threads.

    A page may move from thread to thread over one connection, so those that the exported messages, steps
    and runs name are among them.
    """
    table = schema.connections
    where: tuple[ColumnElement[bool], ...] = ()
    if scope.filtered:
        chosen = scope.chosen()
        used = (
            select(schema.steps.c.connection_id).where(schema.steps.c.thread_id.in_(chosen)),
            select(schema.runs.c.connection_id).where(schema.runs.c.thread_id.in_(chosen)),
        )
        where = (or_(table.c.thread_id.in_(chosen), *(table.c.connection_id.in_(one) for one in used)),)
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS),
        where=where,
        order=(table.c.connection_id,),
        touched=(table.c.opened_at, table.c.closed_at),
        follows=True,
    )
