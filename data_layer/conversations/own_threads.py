"""What a participant's page asks about their threads, beside the list itself: deleted ones, tags, news."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, func, select, tuple_

from data_layer.conversations.threads import ThreadPage, cursor_at, read_cursor
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row

# A participant sees no more tags than these, the most used ones.
MOST_TAGS_SHOWN: Final = 100

_threads = schema.threads
_SHOWN: Final = (
    _threads.c.thread_id,
    _threads.c.participant_id,
    _threads.c.title,
    _threads.c.opening,
    _threads.c.message_count,
    _threads.c.agent,
    _threads.c.tags,
    _threads.c.last_activity_at,
    _threads.c.deleted_at,
    _threads.c.archived_at,
)


async def deleted_page(
    database: Database, participant_id: str, *, first: int, cursor: str | None = None
) -> ThreadPage:
    """A page of what a participant has deleted and can restore, the latest first.

    What somebody else took away (a withdrawal, a researcher) is not theirs to bring back.
    """
    theirs = (_threads.c.deleted_at.is_not(None), _threads.c.deleted_by == participant_id)
    return await _page_by(database, participant_id, _threads.c.deleted_at, theirs, first, cursor)


async def archived_page(
    database: Database, participant_id: str, *, first: int, cursor: str | None = None
) -> ThreadPage:
    """A page of a participant's archived threads, the latest first; deleted ones are among those."""
    theirs = (_threads.c.archived_at.is_not(None), _threads.c.deleted_at.is_(None))
    return await _page_by(database, participant_id, _threads.c.archived_at, theirs, first, cursor)


async def _page_by(
    database: Database,
    participant_id: str,
    moment: Column[datetime],
    which: Sequence[ColumnElement[bool]],
    first: int,
    cursor: str | None,
) -> ThreadPage:
    query = (
        select(*_SHOWN)
        .where(_threads.c.participant_id == participant_id, *which)
        .order_by(moment.desc(), _threads.c.thread_id.desc())
        .limit(first + 1)
    )
    after = read_cursor(cursor)
    if after is not None:
        query = query.where(tuple_(moment, _threads.c.thread_id) < after)
    async with database.engine.connect() as connection:
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    more, rows = len(rows) > first, rows[:first]
    return ThreadPage(rows, cursor_at(rows[-1][moment.name], rows[-1]["thread_id"]) if more else None)


async def tags_of(database: Database, participant_id: str) -> list[tuple[str, int]]:
    """The tags of a participant's living threads, and how many threads bear each, the most used first."""
    each = func.json_each if database.dialect == "sqlite" else func.jsonb_array_elements_text
    one = each(_threads.c.tags).table_valued("value", name="tag")
    if database.dialect == "postgresql":
        one = one.render_derived()
    many = func.count().label("many")
    query = (
        select(one.c.value, many)
        .select_from(_threads.join(one, onclause=_threads.c.thread_id.is_not(None)))
        .where(_threads.c.participant_id == participant_id, _threads.c.deleted_at.is_(None))
        .where(_threads.c.tags.is_not(None))
        .group_by(one.c.value)
        .order_by(many.desc(), one.c.value)
        .limit(MOST_TAGS_SHOWN)
    )
    async with database.engine.connect() as connection:
        return [(str(tag), int(count)) for tag, count in await connection.execute(query)]


async def listed_threads(database: Database, thread_ids: Sequence[str]) -> list[Row]:
    """Threads as their participant's list shows them, deleted ones too: what has become of them."""
    query = select(*_SHOWN).where(_threads.c.thread_id.in_(thread_ids))
    async with database.engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]
