"""Reading threads: the sidebar, one thread, what an agent sees."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row, rows_of
from data_layer.database.types import iso
from data_layer.search.index import matching_threads, thread_ids_of
from study.text import storable
from study.vocabulary import Status, StepType

MAX_PAGE: Final = 100
_LONGEST_CURSOR: Final = 200

# Built once: every page and every message asks them.
_threads, _steps, _runs, _elements = schema.threads, schema.steps, schema.runs, schema.elements
_SIDEBAR_KEY: Final = (_threads.c.last_activity_at, _threads.c.thread_id)
_SIDEBAR: Final = (
    select(
        _threads.c.thread_id,
        _threads.c.title,
        _threads.c.preview,
        _threads.c.opening,
        _threads.c.message_count,
        _threads.c.agent,
        _threads.c.tags,
        _threads.c.last_activity_at,
        _threads.c.deleted_at,
        _threads.c.archived_at,
    )
    .where(_threads.c.deleted_at.is_(None), _threads.c.archived_at.is_(None))
    .order_by(_SIDEBAR_KEY[0].desc(), _SIDEBAR_KEY[1].desc())
)
_OWNER: Final = select(_threads.c.participant_id).where(
    _threads.c.thread_id == bindparam("thread_id"), _threads.c.deleted_at.is_(None)
)
_THREAD: Final = select(_threads).where(_threads.c.thread_id == bindparam("id"))
_STEP: Final = select(_steps).where(_steps.c.step_id == bindparam("id"))
_ANSWERS: Final = (
    select(_runs)
    .where(_runs.c.message_id == bindparam("id"), _runs.c.deleted_at.is_(None))
    .order_by(_runs.c.seq)
)
_UNDER_WAY: Final = select(_runs.c.run_id).where(_runs.c.status == Status.STREAMING.value).limit(1)
_ATTACHED: Final = select(_elements.c.message_id).where(
    _elements.c.thread_id == bindparam("thread"), _elements.c.message_id.is_not(None)
)
_SAID: Final = (
    select(
        *(
            _steps.c[name]
            for name in ("step_id", "type", "output", "seq", "turn", "intent_id", "metadata", "created_at")
        )
    )
    .where(_steps.c.thread_id == bindparam("thread"), _steps.c.deleted_at.is_(None))
    .where(or_(_steps.c.output != "", _steps.c.step_id.in_(_ATTACHED)))
    .where(_steps.c.type.in_([StepType.USER_MESSAGE.value, StepType.ASSISTANT_MESSAGE.value]))
    .order_by(_steps.c.seq)
)


@dataclass(frozen=True)
class ThreadPage:
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
        forms: Those that stand under its replies.
        intents: What a copy says of its intents (data_layer/conversations/intents.py, `lines`).
    """

    thread: Row
    steps: list[Row]
    runs: list[Row]
    ratings: list[Row]
    elements: list[Row]
    earlier: Earlier | None = None
    forms: list[Row] = field(default_factory=list)
    intents: list[Row] = field(default_factory=list)


async def list_page(
    database: Database,
    participant_id: str,
    *,
    first: int,
    cursor: str | None = None,
    search: str = "",
    tag: str | None = None,
    agent: str | None = None,
) -> ThreadPage:
    """A page of the sidebar: one indexed query that never reads steps.

    Args:
        participant_id: Whose threads.
        first: How many; clamped to 1 - 100, for the client chooses it.
        cursor: Of the page before; one that is not ours starts from the top.
        search: Narrows to threads in which all its words stand.
        tag: Narrows to threads that bear it.
        agent: Narrows to threads in which it answers.

    Returns:
        The page.
    """
    size = max(1, min(first, MAX_PAGE))
    query = page_query(participant_id, size, cursor)
    if search.strip():
        matching = matching_threads(database.dialect, participant_id, search)
        if matching is None:
            return ThreadPage([], None)
        query = query.where(schema.threads.c.thread_id.in_(thread_ids_of(matching)))
    if tag is not None:
        query = query.where(has_tag(database.dialect, tag))
    if agent is not None:
        query = query.where(schema.threads.c.agent == storable(agent))
    rows = await database.read(lambda connection: rows_of(connection, query))
    more = len(rows) > size
    rows = rows[:size]
    return ThreadPage(rows, cursor_at(rows[-1]["last_activity_at"], rows[-1]["thread_id"]) if more else None)


def page_query(participant_id: str, size: int, cursor: str | None) -> Select[tuple[object, ...]]:
    """The sidebar's one query; tests look at its plan."""
    query = _SIDEBAR.where(schema.threads.c.participant_id == participant_id).limit(size + 1)
    after = read_cursor(cursor)
    return query if after is None else query.where(tuple_(*_SIDEBAR_KEY) < after)


async def owner_of(database: Database, thread_id: str) -> str | None:
    """The participant of a living thread; None for an id that cannot be one."""
    if not is_uuid(thread_id):
        return None
    asked = {"thread_id": thread_id}
    owner: str | None = await database.read(lambda connection: connection.scalar(_OWNER, asked))
    return owner


async def thread_row(database: Database, thread_id: str) -> Row | None:
    """A thread's row, deleted or not; None for an id that cannot be one."""
    return await _one(database, _THREAD, thread_id)


async def step_row(database: Database, step_id: str) -> Row | None:
    """One step, deleted or not; None for an id that cannot be one."""
    return await _one(database, _STEP, step_id)


async def _one(database: Database, query: Select[Any], id_: str) -> Row | None:
    if not is_uuid(id_):
        return None
    found = await database.read(lambda connection: rows_of(connection, query, {"id": id_}))
    return found[0] if found else None


def on_screen(table: Table, thread_id: str) -> Select[tuple[Any, ...]]:
    """What of a table stands on a thread's screen. Nothing that a participant must not see leaves by here.

    Args:
        table: `steps`, `runs` or `elements`.
        thread_id: The thread.
    """
    query = select(table).where(table.c.thread_id == thread_id, table.c.deleted_at.is_(None))
    return query.where(table.c.shown) if table is schema.steps else query


def conversation(connection: Connection, thread_id: str) -> list[Row]:
    """What was said in a thread and still stands: the agent's history, in order.

    Returns:
        step_id, type, output, seq, turn, intent_id, metadata and created_at of every participant's
        and agent's message that has words, or something attached to it.
    """
    return rows_of(connection, _SAID, {"thread": thread_id})


def runs_of_message(connection: Connection, message_id: str) -> list[Row]:
    """Living runs that answer a message, in order."""
    return rows_of(connection, _ANSWERS, {"id": message_id})


def has_tag(dialect: str, tag: str) -> ColumnElement[bool]:
    """Whether a thread bears a tag, as it was kept."""
    tag = storable(tag)
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


async def is_answered_now(
    database: Database, *, thread_id: str | None = None, message_id: str | None = None
) -> bool:
    """Whether a reply is being given in a thread, or to a message, by whichever process.

    Args:
        database: Where runs are.
        thread_id: The thread; or
        message_id: the participant's message.
    """
    where = _runs.c.message_id == message_id if thread_id is None else _runs.c.thread_id == thread_id
    return await database.read(lambda connection: connection.scalar(_UNDER_WAY.where(where)) is not None)
