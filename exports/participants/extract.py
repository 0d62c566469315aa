"""Where the rows of `participants` come from."""

from sqlalchemy import ColumnElement, func, select

from data_layer import schema
from exports.participants.columns import COLUMNS
from exports.scope import Scope
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """All participants; under a filter those whose threads were chosen, and one who was asked for by name."""
    table, threads = schema.participants, schema.threads
    theirs = threads.c.participant_id == table.c.participant_id
    count = select(func.count()).where(theirs, *scope.threads()).scalar_subquery()
    newest = select(func.max(threads.c.version)).where(theirs).scalar_subquery()
    active = select(func.max(threads.c.last_activity_at)).where(theirs).scalar_subquery()
    gone = select(func.max(threads.c.deleted_at)).where(theirs).scalar_subquery()
    where: tuple[ColumnElement[bool], ...] = ()
    if scope.options.participant is not None:
        where = (table.c.participant_id == scope.options.participant,)
    elif scope.filtered:
        where = (select(threads.c.thread_id).where(theirs, *scope.threads()).exists(),)
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS, thread_count=count),
        where=where,
        order=(table.c.participant_id,),
        touched=(table.c.created_at, newest, active, gone),
    )
