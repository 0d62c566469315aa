"""Whether a thread has changed since it was looked at last: looks into indices, and none into its words."""

from typing import Any, TypeAlias

from sqlalchemy import func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid

# Compared, and of no other meaning.
Mark: TypeAlias = tuple[Any, ...]


async def mark_of(database: Database, thread_id: str) -> Mark:
    """What is another one after anything has happened in a thread; a growing reply is committed each second.

    Raises:
        SQLAlchemyError: The database is away.
    """
    if not is_uuid(thread_id):
        return ()
    steps, runs, threads = schema.steps, schema.runs, schema.threads
    events, connections = schema.events, schema.connections
    query = select(
        *(
            select(figure).where(table.c.thread_id == thread_id).scalar_subquery()
            for table, figure in (
                (threads, threads.c.version),
                (threads, threads.c.deleted_at),
                (steps, func.max(steps.c.version)),
                (steps, func.count(steps.c.deleted_at)),
                (runs, func.count()),
                (runs, func.count(runs.c.ended_at)),
                (events, func.max(events.c.seq)),
                (connections, func.count()),
                (connections, func.count(connections.c.closed_at)),
            )
        )
    )
    async with database.connect() as connection:
        return tuple((await connection.execute(query)).one())
