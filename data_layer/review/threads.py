"""The researchers' table of threads: filtered, sorted and paged by key: page 1,000 costs what 1 does."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from data_layer import schema
from data_layer.engine import Database
from data_layer.writes import Row
from study.vocabulary import Status, StepType

SIZE: Final = 50
LARGEST: Final = 200
_THREADS: Final = schema.threads
# A UUID, the sign between and the key in front of it; a longer cursor is not ours.
_LONGEST_CURSOR: Final = 100
_UUID_LENGTH: Final = 36
_MOST_DIGITS: Final = 9


class Sort(StrEnum):
    """What the table can be in the order of; `thread_id` decides between equals."""

    ACTIVE = "active"
    NEW = "new"
    OLD = "old"
    LONG = "long"
    SHORT = "short"


_ORDER: Final[dict[Sort, tuple[ColumnElement[Any], bool]]] = {
    Sort.ACTIVE: (_THREADS.c.last_activity_at, True),
    Sort.NEW: (_THREADS.c.created_at, True),
    Sort.OLD: (_THREADS.c.created_at, False),
    Sort.LONG: (_THREADS.c.message_count, True),
    Sort.SHORT: (_THREADS.c.message_count, False),
}


@dataclass(frozen=True)
class ThreadFilter:
    """Which threads; what is None or empty does not narrow.

    Args:
        since: Begun at or after.
        before: Begun before.
        agent: Its name.
        state: Of study.vocabulary.ThreadState.
        participant: The participant_id, or how it begins.
        least_turns: At least so many participant's messages stand.
        most_turns: At most so many.
        rating: 1 up, 0 down: a current rating of a reply.
        error: Whether a run has failed.
        stopped: Whether a run was stopped.
        edited: Whether a participant has said a message otherwise.
        deleted: Whether it was deleted by its participant.
        tag: One of its tags, as it is written.
        model: As it was asked for.
        assigned_to: The researcher_id of who has it to code.
    """

    since: datetime | None = None
    before: datetime | None = None
    agent: str = ""
    state: str = ""
    participant: str = ""
    least_turns: int | None = None
    most_turns: int | None = None
    rating: int | None = None
    error: bool | None = None
    stopped: bool | None = None
    edited: bool | None = None
    deleted: bool | None = None
    tag: str = ""
    model: str = ""
    assigned_to: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it lets every thread through."""
        return self == ThreadFilter()


@dataclass(frozen=True)
class Page:
    """A page of the table.

    Args:
        threads: thread_id, participant_id, agent, title, preview, message_count, state, tags, created_at,
            last_activity_at and deleted_at of each.
        next_cursor: Of the page after it; None on the last.
    """

    threads: list[Row]
    next_cursor: str | None


_SHOWN: Final = tuple(
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
    )
)


async def list_threads(
    database: Database,
    filter: ThreadFilter,
    *,
    sort: Sort = Sort.ACTIVE,
    cursor: str | None = None,
    size: int = SIZE,
) -> Page:
    """Read a page of the table.

    Args:
        database: Where they are.
        filter: Which threads.
        sort: In which order.
        cursor: Of the page before, in the same order; one that is not ours starts from the top.
        size: How many, at most LARGEST.

    Returns:
        The page.

    Raises:
        SQLAlchemyError: The database is away.
    """
    size = max(1, min(size, LARGEST))
    column, falls = _ORDER[sort]
    query = select(*_SHOWN).where(*conditions(filter, database.dialect)).limit(size + 1)
    place = _place(sort, cursor)
    if place is not None:
        query = query.where(_after(column, falls, *place))
    keys = (column, _THREADS.c.thread_id)
    query = query.order_by(*(key.desc() if falls else key for key in keys))
    async with database.engine.connect() as connection:
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, _cursor(rows[-1], column.key) if more else None)


def conditions(filter: ThreadFilter, dialect: str) -> list[ColumnElement[bool]]:
    """What a filter asks of a row of `threads`, for this table and for the search alike.

    Args:
        filter: Which threads.
        dialect: "sqlite" or "postgresql".
    """
    return [
        *_own(filter),
        *_turns(filter),
        *_rare(filter),
        *_tagged(filter, dialect),
        *_made_of_it(filter),
    ]


def _own(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    """What the row itself tells."""
    asked: list[ColumnElement[bool]] = []
    if filter.since is not None:
        asked.append(_THREADS.c.created_at >= filter.since)
    if filter.before is not None:
        asked.append(_THREADS.c.created_at < filter.before)
    if filter.agent:
        asked.append(_THREADS.c.agent == filter.agent)
    if filter.state:
        asked.append(_THREADS.c.state == filter.state)
    if filter.participant:
        asked.append(_THREADS.c.participant_id.startswith(filter.participant, autoescape=True))
    if filter.deleted is not None:
        gone = _THREADS.c.deleted_at.is_not(None)
        asked.append(gone if filter.deleted else ~gone)
    return asked


def _turns(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if filter.least_turns is not None:
        asked.append(_THREADS.c.turn_count >= filter.least_turns)
    if filter.most_turns is not None:
        asked.append(_THREADS.c.turn_count <= filter.most_turns)
    return asked


def _rare(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    """What few threads have, found by its own index and not by a look into each thread."""
    runs, steps, ratings, calls = schema.runs, schema.steps, schema.ratings, schema.llm_calls
    # `status <> 'complete'` is said again because it is what ix_runs_unwell is of.
    unwell = select(runs.c.thread_id).where(
        runs.c.status != literal(Status.COMPLETE.value, literal_execute=True)
    )
    asked = [
        _among(filter.error, unwell.where(runs.c.status == Status.FAILED.value)),
        _among(filter.stopped, unwell.where(runs.c.status == Status.STOPPED.value)),
        _among(
            filter.edited,
            select(steps.c.thread_id).where(
                steps.c.revision > literal(1, literal_execute=True),
                steps.c.type == StepType.USER_MESSAGE.value,
            ),
        ),
    ]
    if filter.rating is not None:
        current = ratings.c.is_current & ratings.c.deleted_at.is_(None)
        asked.append(
            _among(True, select(ratings.c.thread_id).where(current, ratings.c.value == filter.rating))
        )
    if filter.model:
        # Most threads may have the model: a look into each, which stops when the page is full.
        called = calls.c.thread_id == _THREADS.c.thread_id
        asked.append(
            select(calls.c.llm_call_id)
            .where(called, calls.c.gen_ai_request_model == filter.model)
            .correlate(_THREADS)
            .exists()
        )
    return asked


def _among(wanted: bool | None, thread_ids: Any) -> ColumnElement[bool]:
    if wanted is None:
        return true()
    return _THREADS.c.thread_id.in_(thread_ids) if wanted else _THREADS.c.thread_id.not_in(thread_ids)


def _tagged(filter: ThreadFilter, dialect: str) -> list[ColumnElement[bool]]:
    if not filter.tag:
        return []
    if dialect == "postgresql":
        return [cast(_THREADS.c.tags, JSONB).contains([filter.tag])]
    each = func.json_each(_THREADS.c.tags).table_valued("value")
    return [select(each.c.value).where(cast(each.c.value, Text) == filter.tag).exists()]


def _made_of_it(filter: ThreadFilter) -> list[ColumnElement[bool]]:
    """What researchers have made of it."""
    if not filter.assigned_to:
        return []
    given = schema.coding_assignments
    theirs = (given.c.researcher_id == filter.assigned_to) & given.c.ended_at.is_(None)
    return [_among(True, select(given.c.thread_id).where(theirs))]


def _after(column: ColumnElement[Any], falls: bool, key: Any, thread_id: str) -> ColumnElement[bool]:
    """Behind a place. The first half is what an index is walked by, on both databases."""
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
        is_count = shown.isascii() and shown.isdigit() and len(shown) <= _MOST_DIGITS
        return (int(shown), thread_id) if is_count else None
    try:
        moment = datetime.fromisoformat(shown)
    except ValueError:
        return None
    return (moment, thread_id) if moment.tzinfo is not None else None
