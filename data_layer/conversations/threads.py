"""Reading threads: the sidebar, one thread, what an agent sees."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer import schema
from data_layer.engine import Database
from data_layer.fold_state import is_uuid
from data_layer.search import matching_threads, thread_ids
from data_layer.types import iso
from data_layer.writes import Row
from study.vocabulary import StepType

MAX_PAGE: Final = 100
_LONGEST_CURSOR: Final = 200

_SIDEBAR: Final = (
    schema.threads.c.thread_id,
    schema.threads.c.title,
    schema.threads.c.preview,
    schema.threads.c.message_count,
    schema.threads.c.agent,
    schema.threads.c.tags,
    schema.threads.c.last_activity_at,
)


@dataclass(frozen=True)
class Page:
    """A page of a participant's threads, the newest activity first."""

    threads: list[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class Earlier:
    """What stands in a thread before a window of it.

    Args:
        before: The window's first `seq`.
        count: How many messages stand before it.
    """

    before: int
    count: int


@dataclass(frozen=True)
class ThreadRecord:
    """A thread with what stands on its screen, or a window of it.

    Args:
        thread: The row of `threads`.
        steps: Living rows of `steps`, in order.
        runs: Living rows of `runs`, in order.
        ratings: Current ratings.
        elements: Living elements.
        earlier: What stands before it; None when it is all there.
    """

    thread: Row
    steps: list[Row]
    runs: list[Row]
    ratings: list[Row]
    elements: list[Row]
    earlier: Earlier | None = None


async def list_page(
    database: Database,
    participant_id: str,
    *,
    first: int,
    cursor: str | None = None,
    search: str = "",
    tag: str | None = None,
) -> Page:
    """A page of the sidebar: one indexed query that never reads steps.

    Args:
        participant_id: Whose threads.
        first: How many; clamped to 1 - 100, for the client chooses it.
        cursor: Of the page before; one that is not ours starts from the top.
        search: Narrows to threads in which all its words stand.
        tag: Narrows to threads that bear it.

    Returns:
        The page.
    """
    size = max(1, min(first, MAX_PAGE))
    query = page_query(participant_id, size, cursor)
    if search.strip():
        matching = matching_threads(database.dialect, participant_id, search)
        if matching is None:
            return Page([], None)
        query = query.where(schema.threads.c.thread_id.in_(thread_ids(matching)))
    if tag is not None:
        query = query.where(has_tag(database.dialect, tag))
    async with database.engine.connect() as connection:
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, cursor_at(rows[-1]["last_activity_at"], rows[-1]["thread_id"]) if more else None)


def page_query(participant_id: str, size: int, cursor: str | None) -> Select[tuple[object, ...]]:
    """The sidebar's one query; tests look at its plan."""
    threads = schema.threads
    key = (threads.c.last_activity_at, threads.c.thread_id)
    query = (
        select(*_SIDEBAR)
        .where(threads.c.participant_id == participant_id, threads.c.deleted_at.is_(None))
        .order_by(key[0].desc(), key[1].desc())
        .limit(size + 1)
    )
    after = read_cursor(cursor)
    return query if after is None else query.where(tuple_(*key) < after)


async def owner_of(database: Database, thread_id: str) -> str | None:
    """The participant of a living thread; None for an id that cannot be one."""
    if not is_uuid(thread_id):
        return None
    threads = schema.threads
    query = select(threads.c.participant_id).where(
        threads.c.thread_id == thread_id, threads.c.deleted_at.is_(None)
    )
    async with database.engine.connect() as connection:
        owner: str | None = await connection.scalar(query)
    return owner


async def thread_row(database: Database, thread_id: str) -> Row | None:
    """A thread's row, deleted or not; None for an id that cannot be one."""
    if not is_uuid(thread_id):
        return None
    query = select(schema.threads).where(schema.threads.c.thread_id == thread_id)
    async with database.engine.connect() as connection:
        row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None


async def read_thread(database: Database, thread_id: str) -> ThreadRecord | None:
    """A living thread with all that stands on its screen; None when there is none.

    Of a long one that is a lot: pages and saved conversations read by windows (windows.py).
    """
    thread = await thread_row(database, thread_id)
    if thread is None or thread["deleted_at"] is not None:
        return None
    parts: list[list[Row]] = []
    async with database.engine.connect() as connection:
        for table, living in (
            (schema.steps, schema.steps.c.deleted_at),
            (schema.runs, schema.runs.c.deleted_at),
            (schema.elements, schema.elements.c.deleted_at),
        ):
            query = select(table).where(table.c.thread_id == thread_id, living.is_(None))
            rows = (await connection.execute(query.order_by(table.c.seq))).mappings()
            parts.append([dict(row) for row in rows])
        ratings = schema.ratings
        current = select(ratings).where(ratings.c.thread_id == thread_id, ratings.c.is_current)
        rated = [dict(row) for row in (await connection.execute(current)).mappings()]
    steps, runs, elements = parts
    return ThreadRecord(thread, steps, runs, rated, elements)


async def conversation(connection: AsyncConnection, thread_id: str) -> list[Row]:
    """What was said in a thread and still stands: the agent's history, in order.

    Returns:
        step_id, type, output, seq and turn of every participant's and agent's message that has words,
        or something attached to it.
    """
    steps, elements = schema.steps, schema.elements
    attached = select(elements.c.message_id).where(
        elements.c.thread_id == thread_id, elements.c.message_id.is_not(None)
    )
    query = (
        select(steps.c.step_id, steps.c.type, steps.c.output, steps.c.seq, steps.c.turn)
        .where(steps.c.thread_id == thread_id, steps.c.deleted_at.is_(None))
        .where(or_(steps.c.output != "", steps.c.step_id.in_(attached)))
        .where(steps.c.type.in_([StepType.USER_MESSAGE.value, StepType.ASSISTANT_MESSAGE.value]))
        .order_by(steps.c.seq)
    )
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def runs_of_message(connection: AsyncConnection, message_id: str) -> list[Row]:
    """Living runs that answer a message."""
    runs = schema.runs
    query = select(runs).where(runs.c.message_id == message_id, runs.c.deleted_at.is_(None))
    return [dict(row) for row in (await connection.execute(query.order_by(runs.c.seq))).mappings()]


async def step_row(database: Database, step_id: str) -> Row | None:
    """One step, deleted or not; None for an id that cannot be one."""
    if not is_uuid(step_id):
        return None
    query = select(schema.steps).where(schema.steps.c.step_id == step_id)
    async with database.engine.connect() as connection:
        row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None


def has_tag(dialect: str, tag: str) -> ColumnElement[bool]:
    """Whether a thread bears a tag."""
    tags = schema.threads.c.tags
    if dialect == "postgresql":
        held: ColumnElement[bool] = type_coerce(tags, JSONB).contains([tag])
        return held
    one = func.json_each(tags).table_valued("value", name="tag")
    return exists(select(1).select_from(one).where(one.c.value == tag))


def cursor_at(moment: datetime, thread_id: str) -> str:
    """Where a page ends, in a text that its reader can send back."""
    key = json.dumps([iso(moment), thread_id])
    return base64.urlsafe_b64encode(key.encode()).decode()


def read_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """The moment and the id of a cursor of ours; None for anything else."""
    # Ours are 100 characters long; a long one may nest deeper than Python's JSON reader goes.
    if not cursor or len(cursor) > _LONGEST_CURSOR:
        return None
    try:
        moment, thread_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        last = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except (ValueError, TypeError):
        return None
    return (last, thread_id) if is_uuid(thread_id) else None
