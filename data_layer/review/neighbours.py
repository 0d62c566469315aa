"""What stands beside a thread in the researchers' table, as it is filtered and sorted."""

from dataclasses import dataclass

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from data_layer.review.filters import ThreadFilter, conditions
from data_layer.review.threads import ORDER, Sort, after


@dataclass(frozen=True)
class Neighbours:
    """The ids of the threads before and after one; None at the ends."""

    previous: str | None
    next: str | None


async def neighbours(database: Database, filter: ThreadFilter, sort: Sort, thread: Row) -> Neighbours:
    """Look up and down from a thread: by key, as the table is paged, wherever in it the thread stands.

    Args:
        database: Where they are.
        filter: Which threads; the one itself need not be among them.
        sort: In which order.
        thread: A row of `threads`.

    Raises:
        SQLAlchemyError: The database is away.
    """
    column, falls = ORDER[sort]
    found: list[str | None] = []
    async with database.connect() as connection:
        for down in (not falls, falls):
            place = after(column, down, thread[column.key or ""], thread["thread_id"])
            keys = (column, schema.threads.c.thread_id)
            query = (
                select(schema.threads.c.thread_id)
                .where(place, *conditions(filter, database.dialect))
                .order_by(*(key.desc() if down else key for key in keys))
                .limit(1)
            )
            found.append(await connection.scalar(query))
    return Neighbours(*found)
