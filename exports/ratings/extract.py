"""Where the rows of `ratings` come from."""

from sqlalchemy import ColumnElement, select

from data_layer import schema
from exports.ratings.columns import COLUMNS
from exports.scope import Scope, with_thread
from exports.table import Extract, own_columns

table, steps = schema.ratings, schema.steps


def extract(scope: Scope) -> Extract:
    """What participants think of the exported replies."""
    after = table.alias("after")
    changed = (
        select(after.c.created_at)
        .where(after.c.rating_id == table.c.rating_id, after.c.revision == table.c.revision + 1)
        .scalar_subquery()
    )
    where: list[ColumnElement[bool]] = [*scope.living(steps), *scope.threads()]
    if not scope.options.include_deleted:
        where.append(table.c.is_current.is_(True))
    return Extract(
        source=with_thread(table).outerjoin(steps, steps.c.step_id == table.c.message_id),
        values=own_columns(table, COLUMNS),
        where=tuple(where),
        order=(table.c.thread_id, table.c.rating_id, table.c.revision),
        touched=(
            table.c.created_at,
            table.c.deleted_at,
            changed,
            steps.c.version,
            steps.c.deleted_at,
            schema.threads.c.deleted_at,
        ),
        chosen=scope.moments(),
    )
