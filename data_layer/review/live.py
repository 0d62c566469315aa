"""Who is here now: a row a participant and thread with an open page.

It is read from the database, and so it is true of every process that writes to it. A page that a killed
process left open is closed by the next start (data_layer/writing/recovery.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, read_rows
from data_layer.review.intents import under_way
from study.vocabulary import Status

# More than one process bears; a page with more rows than these could not be looked over anyway.
MOST: Final = 1000


@dataclass(frozen=True)
class Here:
    """A participant in a thread, with its page open.

    Args:
        participant_id: The pseudonym.
        thread_id: The thread; it has no row yet before its first message.
        pages: How many pages of it are open.
        opened_at: Since when the first of them is.
        title: Of the thread; None for one that has no row.
        agent: Who answers; None likewise.
        turns: How many messages of the participant's are in it.
        waiting_since: When the reply was begun that is being given; None when none is.
        quiet_since: The last thing that happened: the page opened, words were sent, a reply ended.
        error: The last failure of an agent in this thread: status, error_type, error_message, started_at.
        intent: What is under way in it, as the participant reads it; None for nothing.
    """

    participant_id: str
    thread_id: str
    pages: int
    opened_at: datetime
    title: str | None
    agent: str | None
    turns: int
    waiting_since: datetime | None
    quiet_since: datetime
    error: Row | None
    intent: str | None = None


async def who_is_here(database: Database) -> list[Here]:
    """Ask the record; the first who came stands first.

    Raises:
        SQLAlchemyError: The database is away.
    """
    async with database.connect() as connection:
        here = await read_rows(connection, _here())
        unwell = await read_rows(connection, _unwell()) if here else []
        begun = await read_rows(connection, under_way(_open_threads())) if here else []
    wanted = {row["thread_id"]: row["title"] for row in begun}
    waiting: dict[str, datetime] = {}
    failed: dict[str, Row] = {}
    for run in unwell:  # In their order: the last one stays.
        if run["status"] == Status.STREAMING.value:
            waiting[run["thread_id"]] = run["started_at"]
        else:
            failed[run["thread_id"]] = run
    return [_one(row, waiting, failed, wanted) for row in here]


def _one(
    row: Row, waiting: Mapping[str, datetime], failed: Mapping[str, Row], wanted: Mapping[str, str]
) -> Here:
    thread_id = row["thread_id"]
    moments = (row["opened_at"], row["last_activity_at"], row["answered_at"])
    return Here(
        row["participant_id"],
        thread_id,
        row["pages"],
        row["opened_at"],
        row["title"],
        row["agent"],
        row["turns"] or 0,
        waiting.get(thread_id),
        max(moment for moment in moments if moment is not None),
        failed.get(thread_id),
        wanted.get(thread_id),
    )


def _here() -> Select[Any]:
    connections, threads, runs = schema.connections, schema.threads, schema.runs
    opened = func.min(connections.c.opened_at).label("opened_at")
    here = (
        select(
            connections.c.participant_id,
            connections.c.thread_id,
            func.count().label("pages"),
            opened,
        )
        .where(connections.c.closed_at.is_(None), connections.c.participant_id.is_not(None))
        .where(connections.c.thread_id.is_not(None))
        .group_by(connections.c.participant_id, connections.c.thread_id)
        .order_by(opened, connections.c.thread_id)
        .limit(MOST)
        .subquery()
    )
    answered = (
        select(runs.c.ended_at)
        .where(runs.c.thread_id == here.c.thread_id)
        .order_by(runs.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            here,
            threads.c.title,
            threads.c.agent,
            threads.c.turn_count.label("turns"),
            threads.c.last_activity_at,
            answered.label("answered_at"),
        )
        .select_from(here.outerjoin(threads, threads.c.thread_id == here.c.thread_id))
        .order_by(here.c.opened_at, here.c.thread_id)
    )


def _open_threads() -> Select[Any]:
    connections = schema.connections
    return select(connections.c.thread_id).where(connections.c.closed_at.is_(None)).distinct()


def _unwell() -> Select[Any]:
    """Replies that are being given, and those that failed, in the threads that are open."""
    runs = schema.runs
    return (
        select(runs.c.thread_id, runs.c.status, runs.c.started_at, runs.c.error_type, runs.c.error_message)
        .where(runs.c.thread_id.in_(_open_threads()))
        .where(runs.c.status.in_((Status.STREAMING.value, Status.FAILED.value)))
        .order_by(runs.c.seq)
    )
