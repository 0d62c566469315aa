"""The researchers' table of threads: filtered, sorted and paged by key: page 1,000 costs what 1 does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from data_layer.database.types import is_moment
from data_layer.review.filters import ThreadFilter, conditions
from data_layer.review.held_elsewhere import IMPORTED_HERE
from study.numbers import whole_number
from study.vocabulary import ThreadState

SIZE: Final = 50
LARGEST: Final = 200
_THREADS: Final = schema.threads
# A UUID, the sign between and the key in front of it; a longer cursor is not ours.
_LONGEST_CURSOR: Final = 100
_UUID_LENGTH: Final = 36


class Sort(StrEnum):
    """What the table can be in the order of; `thread_id` decides between equals."""

    ACTIVE = "active"
    NEW = "new"
    OLD = "old"
    LONG = "long"
    SHORT = "short"


ORDER: Final[dict[Sort, tuple[ColumnElement[Any], bool]]] = {
    Sort.ACTIVE: (_THREADS.c.last_activity_at, True),
    Sort.NEW: (_THREADS.c.created_at, True),
    Sort.OLD: (_THREADS.c.created_at, False),
    Sort.LONG: (_THREADS.c.message_count, True),
    Sort.SHORT: (_THREADS.c.message_count, False),
}


@dataclass(frozen=True)
class ThreadTablePage:
    """A page of the table.

    Args:
        threads: thread_id, participant_id, agent, title, preview, message_count, state, tags, created_at,
            last_activity_at, deleted_at and archived_at of each; imported: whether it was held elsewhere.
        next_cursor: Of the page after it; None on the last.
    """

    threads: list[Row]
    next_cursor: str | None


_SHOWN: Final = (
    *(
        _THREADS.c[name]
        for name in (
            "thread_id",
            "participant_id",
            "agent",
            "title",
            "preview",
            "message_count",
            "state",
            "tags",
            "created_at",
            "last_activity_at",
            "deleted_at",
            "archived_at",
        )
    ),
    IMPORTED_HERE,
)


async def list_threads(
    database: Database,
    filter: ThreadFilter,
    *,
    sort: Sort = Sort.ACTIVE,
    cursor: str | None = None,
    size: int = SIZE,
    among: Sequence[str] | None = None,
) -> ThreadTablePage:
    """Read a page of the table.

    Args:
        database: Where they are.
        filter: Which threads.
        sort: In which order.
        cursor: Of the page before, in the same order; one that is not ours starts from the top.
        size: How many, at most LARGEST.
        among: Only of these, when given.

    Returns:
        The page.

    Raises:
        SQLAlchemyError: The database is away.
    """
    size = max(1, min(size, LARGEST))
    column, falls = ORDER[sort]
    query = select(*_SHOWN).where(*conditions(filter, database.dialect)).limit(size + 1)
    if among is not None:
        query = query.where(_THREADS.c.thread_id.in_(among))
    place = _place(sort, cursor)
    if place is not None:
        query = query.where(after(column, falls, *place))
    keys = (column, _THREADS.c.thread_id)
    query = query.order_by(*(key.desc() if falls else key for key in keys))
    async with database.connect() as connection:
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    more, rows = len(rows) > size, rows[:size]
    return ThreadTablePage(rows, _cursor(rows[-1], column.key) if more else None)


async def count_threads(database: Database, filter: ThreadFilter, most: int) -> int:
    """Count the threads that a filter leaves, up to so many: what is beyond would cost a look at each.

    Raises:
        SQLAlchemyError: The database is away.
    """
    some = select(_THREADS.c.thread_id).where(*conditions(filter, database.dialect)).limit(most)
    async with database.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(some.subquery())) or 0)


async def count_imported(database: Database, filter: ThreadFilter, most: int) -> int:
    """Count those of them that were held elsewhere, from what was imported: nothing where nothing was.

    Raises:
        SQLAlchemyError: The database is away.
    """
    held = schema.imports.join(_THREADS, _THREADS.c.thread_id == schema.imports.c.thread_id)
    some = select(_THREADS.c.thread_id).select_from(held)
    some = some.where(*conditions(filter, database.dialect)).limit(most)
    async with database.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(some.subquery())) or 0)


async def list_thread_ids(
    database: Database, filter: ThreadFilter, most: int, among: Sequence[str] | None = None
) -> list[str]:
    """The threads that a filter leaves, those of withdrawn participants apart: nothing is done to them.

    Args:
        database: Where they are.
        filter: Which threads.
        most: How many at most.
        among: Only of these, when given.

    Raises:
        SQLAlchemyError: The database is away.
    """
    there = _THREADS.c.state != ThreadState.WITHDRAWN.value
    query = select(_THREADS.c.thread_id).where(there, *conditions(filter, database.dialect))
    if among is not None:
        query = query.where(_THREADS.c.thread_id.in_(among))
    async with database.connect() as connection:
        return list(await connection.scalars(query.order_by(_THREADS.c.thread_id).limit(most)))


def is_cursor(sort: Sort, cursor: str) -> bool:
    """Whether a cursor is one of ours, of a page in this order."""
    return _place(sort, cursor) is not None


def after(column: ColumnElement[Any], falls: bool, key: Any, thread_id: str) -> ColumnElement[bool]:
    """Whether a thread stands behind a place. The first half is what an index is walked by.

    Args:
        column: That the table is sorted by.
        falls: Whether the greatest comes first.
        key: The place's value of it.
        thread_id: The place's.
    """
    identity = _THREADS.c.thread_id
    if falls:
        return and_(column <= key, or_(column < key, identity < thread_id))
    return and_(column >= key, or_(column > key, identity > thread_id))


def _cursor(row: Row, key: str | None) -> str:
    value = row[key or ""]
    shown = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"{shown}~{row['thread_id']}"


def _place(sort: Sort, cursor: str | None) -> tuple[Any, str] | None:
    """Key and thread_id of a cursor, or None when it is not ours."""
    if not cursor or len(cursor) > _LONGEST_CURSOR:
        return None
    shown, _, thread_id = cursor.partition("~")
    if len(thread_id) != _UUID_LENGTH or not thread_id.isascii():
        return None
    if sort in (Sort.LONG, Sort.SHORT):
        count = whole_number(shown)
        return (count, thread_id) if count is not None else None
    try:
        moment = datetime.fromisoformat(shown)
    except ValueError:
        return None
    return (moment, thread_id) if is_moment(moment) else None
