"""Participants for researchers: the list, and one of them. Who they are is a question of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, Select, and_, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, read_rows
from data_layer.database.types import is_moment
from data_layer.people.claims import KEYS
from data_layer.review.flow_filter import FlowFilter, flow_conditions
from data_layer.review.held_elsewhere import IMPORTED_HERE
from data_layer.review.overview_queries import ABANDONED_AFTER, ACTIVE_WITHIN

SIZE: Final = 50
_PEOPLE: Final = schema.participants
_THREADS: Final = schema.threads
_UUID_LENGTH: Final = 36
_LONGEST_CURSOR: Final = 100
# Threads of one participant that are shown: the newest.
MOST_THREADS: Final = 500


class Standing(StrEnum):
    """How far a participant has come; the overview counts by the same rules."""

    ACTIVE = "active"  # wrote within five minutes, and is still connected
    FINISHED = "finished"  # has a thread that ended
    ABANDONED = "abandoned"  # no thread ended, and nothing written for over a day
    UNDER_WAY = "under way"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ParticipantList:
    """A page of the list.

    Args:
        rows: participant_id, source, created_at, threads, messages, ended, last_activity_at, connected,
            withdrawn_at and standing of each; stage_id, ending and usable, where the study has a protocol.
        next_cursor: Of the page after it; None on the last.
    """

    rows: list[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class Person:
    """One participant.

    Args:
        row: As in People.
        threads: thread_id, title, agent, state, message_count, created_at, last_activity_at, deleted_at,
            imported, good and bad (ratings that hold) of each, the newest first.
    """

    row: Row
    threads: list[Row]


async def list_people(
    database: Database,
    now: datetime,
    standing: Standing | None = None,
    cursor: str | None = None,
    flow: FlowFilter | None = None,
) -> ParticipantList:
    """A page of participants, who came last first.

    Args:
        database: Where they are.
        now: The moment that standings are reckoned from.
        standing: Only these.
        cursor: Of the page before; one that is not ours starts from the top.
        flow: Only those who came so far through the study's protocol.

    Raises:
        SQLAlchemyError: The database is away.
    """
    query = (
        _people()
        .where(*_standing(standing, now), *flow_conditions(flow or FlowFilter()))
        .order_by(_PEOPLE.c.created_at.desc(), _PEOPLE.c.participant_id.desc())
        .limit(SIZE + 1)
    )
    if (place := _place(cursor)) is not None:
        moment, identity = place
        earlier = or_(_PEOPLE.c.created_at < moment, _PEOPLE.c.participant_id < identity)
        query = query.where(_PEOPLE.c.created_at <= moment, earlier)
    async with database.connect() as connection:
        found = await read_rows(connection, query)
        rows = await _filled(connection, found[:SIZE], now)
    last = rows[-1] if len(found) > SIZE else None
    cursor = f"{last['created_at'].isoformat()}~{last['participant_id']}" if last else None
    return ParticipantList(rows, cursor)


async def read_person(database: Database, participant_id: str, now: datetime) -> Person | None:
    """One participant; None when there is none with this pseudonym.

    Raises:
        SQLAlchemyError: The database is away.
    """
    async with database.connect() as connection:
        found = await read_rows(connection, _people().where(_PEOPLE.c.participant_id == participant_id))
        if not found:
            return None
        (row,) = await _filled(connection, found, now)
        names = ("thread_id", "title", "agent", "state", "message_count", "created_at")
        shown = [*(_THREADS.c[name] for name in (*names, "last_activity_at", "deleted_at")), IMPORTED_HERE]
        theirs = _of([participant_id], shown).subquery()
        query = select(theirs).order_by(theirs.c.created_at.desc(), theirs.c.thread_id).limit(MOST_THREADS)
        threads = await read_rows(connection, query)
        ratings = await read_rows(connection, _ratings([thread["thread_id"] for thread in threads]))
    for thread in threads:
        for name, value in (("good", 1), ("bad", 0)):
            thread[name] = sum(
                rating["ratings"]
                for rating in ratings
                if rating["thread_id"] == thread["thread_id"] and rating["value"] == value
            )
    return Person(row, threads)


async def identities_of(database: Database, participant_id: str) -> list[Row]:
    """Who a participant is: kind, value and created_at of each name; none that opens their conversations.

    Raises:
        SQLAlchemyError: The database is away.
    """
    table = schema.identities
    query = (
        select(table.c.kind, table.c.value, table.c.created_at)
        .where(table.c.participant_id == participant_id, table.c.kind.not_in(sorted(KEYS)))
        .order_by(table.c.created_at, table.c.kind)
    )
    async with database.connect() as connection:
        return await read_rows(connection, query)


def _people() -> Select[Any]:
    gone = schema.withdrawals
    stands = schema.participations
    joined = _PEOPLE.outerjoin(gone, gone.c.participant_id == _PEOPLE.c.participant_id)
    joined = joined.outerjoin(stands, stands.c.participant_id == _PEOPLE.c.participant_id)
    columns = (_PEOPLE.c.participant_id, _PEOPLE.c.source, _PEOPLE.c.created_at, gone.c.withdrawn_at)
    # Not the condition: lists are for everybody who may read.
    theirs = (stands.c.stage_id, stands.c.ending, stands.c.usable)
    return select(*columns, *theirs).select_from(joined)


def _of(participant_ids: Sequence[str], columns: Sequence[ColumnElement[Any]]) -> Any:
    """Threads of some participants. Living and deleted ones have an index each, and no index has both."""
    theirs = _THREADS.c.participant_id.in_(participant_ids)
    return union_all(
        select(*columns).where(theirs, _THREADS.c.deleted_at.is_(None)),
        select(*columns).where(theirs, _THREADS.c.deleted_at.is_not(None)),
    )


async def _filled(connection: AsyncConnection, people: list[Row], now: datetime) -> list[Row]:
    """With what the threads of these participants add up to."""
    ids = [row["participant_id"] for row in people]
    names = ("participant_id", "message_count", "ended_at", "last_activity_at", "thread_id")
    each = _of(ids, [_THREADS.c[name] for name in names]).subquery()
    links = schema.connections
    is_open = select(links.c.connection_id).where(
        links.c.thread_id == each.c.thread_id, links.c.closed_at.is_(None)
    )
    recent = and_(each.c.last_activity_at >= now - ACTIVE_WITHIN, is_open.exists())
    query = select(
        each.c.participant_id,
        func.count().label("threads"),
        func.coalesce(func.sum(each.c.message_count), 0).label("messages"),
        func.count(each.c.ended_at).label("ended"),
        func.max(each.c.last_activity_at).label("last_activity_at"),
        func.count().filter(recent).label("active"),
    ).group_by(each.c.participant_id)
    none = {"threads": 0, "messages": 0, "ended": 0, "last_activity_at": None, "active": 0}
    sums = {row["participant_id"]: row for row in await read_rows(connection, query)}
    filled = [row | none | sums.get(row["participant_id"], {}) for row in people]
    return [row | {"standing": _standing_of(row, now)} for row in filled]


def _standing_of(row: Row, now: datetime) -> Standing:
    if row["withdrawn_at"] is not None:
        return Standing.WITHDRAWN
    if row["active"]:
        return Standing.ACTIVE
    if row["ended"]:
        return Standing.FINISHED
    silent = (row["last_activity_at"] or row["created_at"]) < now - ABANDONED_AFTER
    return Standing.ABANDONED if silent else Standing.UNDER_WAY


def _standing(standing: Standing | None, now: datetime) -> list[ColumnElement[bool]]:
    """The same in SQL. Who has finished and is active now is on both lists, as the overview counts."""
    if standing is None:
        return []
    left, links = schema.withdrawals, schema.connections
    withdrawn = left.c.participant_id.is_not(None)
    active = _has(
        _THREADS.c.last_activity_at >= now - ACTIVE_WITHIN,
        select(links.c.connection_id)
        .where(links.c.thread_id == _THREADS.c.thread_id, links.c.closed_at.is_(None))
        .exists(),
    )
    finished = _has(_THREADS.c.ended_at.is_not(None))
    # Who never wrote was last active when they came.
    wrote = _has(_THREADS.c.last_activity_at >= now - ABANDONED_AFTER)
    abandoned = and_(~wrote, or_(_has(_THREADS.c.last_activity_at.is_not(None)), _came_before(now)))
    asked: dict[Standing, list[ColumnElement[bool]]] = {
        Standing.WITHDRAWN: [withdrawn],
        Standing.ACTIVE: [~withdrawn, active],
        Standing.FINISHED: [~withdrawn, finished],
        Standing.ABANDONED: [~withdrawn, ~finished, abandoned],
        Standing.UNDER_WAY: [~withdrawn, ~active, ~finished, ~abandoned],
    }
    return asked[standing]


def _came_before(now: datetime) -> ColumnElement[bool]:
    return _PEOPLE.c.created_at < now - ABANDONED_AFTER


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a participant has a thread like this, by the two indices."""
    theirs = (_THREADS.c.participant_id == _PEOPLE.c.participant_id, *conditions)
    living = select(_THREADS.c.thread_id).where(*theirs, _THREADS.c.deleted_at.is_(None))
    deleted = select(_THREADS.c.thread_id).where(*theirs, _THREADS.c.deleted_at.is_not(None))
    return or_(living.correlate(_PEOPLE).exists(), deleted.correlate(_PEOPLE).exists())


def _ratings(thread_ids: Sequence[str]) -> Executable:
    table = schema.ratings
    return (
        select(table.c.thread_id, table.c.value, func.count().label("ratings"))
        .where(table.c.thread_id.in_(thread_ids), table.c.is_current, table.c.deleted_at.is_(None))
        .group_by(table.c.thread_id, table.c.value)
    )


def is_people_cursor(cursor: str) -> bool:
    """Whether a cursor is one of ours."""
    return _place(cursor) is not None


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    """Moment and pseudonym of a cursor, or None when it is not ours."""
    if not cursor or len(cursor) > _LONGEST_CURSOR:
        return None
    shown, _, identity = cursor.partition("~")
    if len(identity) != _UUID_LENGTH or not identity.isascii():
        return None
    try:
        moment = datetime.fromisoformat(shown)
    except ValueError:
        return None
    return (moment, identity) if is_moment(moment) else None
