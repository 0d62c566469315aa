"""The researchers' search: everybody's messages, the newest first, each with the place that was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer import schema
from data_layer.engine import Database
from data_layer.review.candidates import newest
from data_layer.review.filters import ThreadFilter, conditions
from data_layer.review.narrow import index_query, matches
from data_layer.review.query import Node, QueryError, phrases
from data_layer.snippets import Part, snippet
from data_layer.text import search_words
from study.vocabulary import MESSAGE_TYPES, Status

PAGE: Final = 20
# Messages that the index has found and that are read on the way to a page: tens of milliseconds.
MOST_READ: Final = 700
_FIRST_BATCH: Final = 32
# Of so few threads every message is read: the index, asked for common words, would find other threads' first.
_FEW: Final = 300
_READ_OF_FEW: Final = 2_000
# A number is microseconds since 1970: sixteen digits until the year 2286.
_LONGEST_CURSOR: Final = 18
_NEWEST: Final = 2**63 - 1
# Of a search that is asked for all its threads at once: half a second's reading.
MOST_MESSAGES: Final = 20_000
# A row that is read: step_id, type, words, number and thread_id of a message.
_Read = tuple[str, str, str, int, str]


@dataclass(frozen=True)
class Hit:
    """A message that was found.

    Args:
        title: The thread's.
        participant_id: Whose thread it is.
        type: The message's, as in study.vocabulary.StepType.
        at: When it was said.
        is_gone: It, or its thread, has left the participant's screen.
        parts: The place, its words marked.
    """

    thread_id: str
    title: str
    participant_id: str | None
    step_id: str
    type: str
    at: datetime
    is_gone: bool
    parts: list[Part]


@dataclass(frozen=True)
class Found:
    """A page of a search.

    Args:
        hits: The newest first.
        next_cursor: Where it goes on; None at the end.
        is_cut: It stops because so many messages were read, not because the page is full.
    """

    hits: list[Hit]
    next_cursor: str | None
    is_cut: bool


async def find(database: Database, node: Node, filter: ThreadFilter, cursor: str | None = None) -> Found:
    """Search all threads that a filter lets through.

    Args:
        database: Where they are.
        node: The search, as query.parse has read it.
        filter: Of which threads.
        cursor: Of the page before; one that is not ours starts from the top.

    Returns:
        A page of messages as they now read, those that have left a screen too.

    Raises:
        QueryError: The search names nothing that the index could be asked for.
        SQLAlchemyError: The database is away.
    """
    asked = index_query(node, database.dialect)
    async with database.engine.connect() as connection:
        reader = _Reader(connection, database, node, filter)
        met, below = await reader.page(asked, _place(cursor))
        hits = await _hits(connection, met[:PAGE], node)
    if len(met) > PAGE:
        return Found(hits, str(met[PAGE - 1][3]), False)
    return Found(hits, str(below) if below else None, below > 0)


async def threads_found(database: Database, node: Node, filter: ThreadFilter) -> list[str]:
    """All threads with a message that a search finds, whatever page it stands on.

    Raises:
        QueryError: The index finds more than MOST_MESSAGES, or cannot be asked.
        SQLAlchemyError: The database is away.
    """
    asked, before, read = index_query(node, database.dialect), _NEWEST, 0
    found: dict[str, None] = {}
    async with database.engine.connect() as connection:
        reader = _Reader(connection, database, node, filter)
        while before:
            if read >= MOST_MESSAGES:
                raise QueryError(
                    f"The words stand in more than {MOST_MESSAGES:,} messages, too many to choose all their "
                    "threads at once. Add a word to the search, or narrow the dates."
                )
            met, before = await reader.page(asked, before, whole=True)
            found |= dict.fromkeys(one[4] for one in met)
            read += MOST_READ
    return list(found)


class _Reader:
    """Reads what the index has found, or all of few threads, until a page is full."""

    def __init__(
        self, connection: AsyncConnection, database: Database, node: Node, filter: ThreadFilter
    ) -> None:
        self._connection = connection
        self._database = database
        self._node = node
        self._filter = filter

    async def page(self, asked: str, before: int, *, whole: bool = False) -> tuple[list[_Read], int]:
        """Those that match, the newest first, a little more than a page, or all that can be read at once.

        And where it stopped, or 0.
        """
        few = None if self._filter.is_open else await self._few()
        if few is not None:
            return await self._of_few(few, before)
        if whole:
            return await self._read(asked, before, most=MOST_READ, first=MOST_READ)
        wide = index_query(self._node, self._database.dialect, wide=True)
        if wide != asked:
            # FTS5 puts all rows of a long prefix together before it gives the first: 50 ms for common ones.
            # A short one has an index of its own, and the newest of its messages may fill the page.
            met, _ = await self._read(wide, before, most=8 * _FIRST_BATCH, first=8 * _FIRST_BATCH)
            if len(met) > PAGE:
                return met, 0
        return await self._read(asked, before, most=MOST_READ, first=_FIRST_BATCH)

    async def _read(self, asked: str, before: int, most: int, first: int) -> tuple[list[_Read], int]:
        met: list[_Read] = []
        read, many = 0, first
        while len(met) <= PAGE and read < most:
            found = await newest(self._connection, self._database, asked, before, many)
            # A walk that has found nothing is work as well.
            read += 0 if found.numbers else first
            before = found.below
            waiting = list(found.numbers.items())
            while waiting and len(met) <= PAGE and read < most:
                portion, waiting = waiting[:many], waiting[many:]
                met += await self._matching(dict(portion))
                read += len(portion)
                many = max(1, min(many * 4, most - read))
                before = portion[-1][1] if waiting else found.below
            if not before:
                break
        return met, before

    async def _matching(self, numbers: dict[str, int]) -> list[_Read]:
        if not numbers:
            return []
        steps, threads = schema.steps, schema.threads
        query = select(steps.c.step_id, steps.c.type, steps.c.output, steps.c.thread_id)
        query = query.where(steps.c.step_id.in_(numbers))
        if not self._filter.is_open:
            query = query.join(threads, threads.c.thread_id == steps.c.thread_id)
            query = query.where(*conditions(self._filter, self._database.dialect))
        rows = (await self._connection.execute(query)).all()
        read = ((row.step_id, row.type, row.output, numbers[row.step_id], row.thread_id) for row in rows)
        return sorted(self._kept(read), key=lambda one: -one[3])

    async def _few(self) -> list[str] | None:
        """The threads that the filter leaves, when they are few."""
        query = select(schema.threads.c.thread_id).where(*conditions(self._filter, self._database.dialect))
        found = list(await self._connection.scalars(query.limit(_FEW + 1)))
        return found if len(found) <= _FEW else None

    async def _of_few(self, thread_ids: list[str], before: int) -> tuple[list[_Read], int]:
        steps = schema.steps
        # What left the screen is found no more, and a reply only when it has ended (fold_steps.py).
        query = (
            select(steps.c.step_id, steps.c.type, steps.c.output, steps.c.seq, steps.c.thread_id)
            .where(steps.c.thread_id.in_(thread_ids), steps.c.seq < before, steps.c.deleted_at.is_(None))
            .where(steps.c.type.in_(MESSAGE_TYPES), steps.c.status != Status.STREAMING.value)
            .order_by(steps.c.seq.desc())
            .limit(_READ_OF_FEW)
        )
        rows = (await self._connection.execute(query)).all() if thread_ids else []
        met = self._kept(tuple(row) for row in rows)
        return met, rows[-1].seq if len(rows) == _READ_OF_FEW else 0

    def _kept(self, read: Iterable[_Read]) -> list[_Read]:
        return [one for one in read if matches(self._node, search_words(one[2]), one[1])]


async def _hits(connection: AsyncConnection, met: list[_Read], node: Node) -> list[Hit]:
    steps, threads = schema.steps, schema.threads
    query = (
        select(
            steps.c.step_id,
            steps.c.thread_id,
            steps.c.created_at,
            threads.c.title,
            threads.c.participant_id,
            (steps.c.deleted_at.is_not(None) | threads.c.deleted_at.is_not(None)).label("is_gone"),
        )
        .join(threads, threads.c.thread_id == steps.c.thread_id)
        .where(steps.c.step_id.in_([step_id for step_id, *_ in met]))
    )
    about = {row.step_id: row for row in (await connection.execute(query)).all()} if met else {}
    return [_hit(about[one[0]], one, node) for one in met if one[0] in about]


def _hit(about: Any, read: _Read, node: Node) -> Hit:
    step_id, said, words, _, _ = read
    return Hit(
        about.thread_id,
        about.title,
        about.participant_id,
        step_id,
        said,
        about.created_at,
        bool(about.is_gone),
        snippet(words, _marked(node, search_words(words))),
    )


def _marked(node: Node, words: list[str]) -> list[str]:
    """The words of a message to mark; the empty one keeps snippet from taking the last as begun."""
    marked: dict[str, None] = {}
    for phrase in phrases(node, marked=True):
        # Words of a phrase that stands elsewhere apart were not looked for.
        if not matches(phrase, words, ""):
            continue
        marked |= dict.fromkeys(phrase.words)
        if phrase.prefix:
            marked |= dict.fromkeys(word for word in words if word.startswith(phrase.words[-1]))
    return [*marked, ""]


def _place(cursor: str | None) -> int:
    if not cursor or not cursor.isascii() or not cursor.isdigit() or len(cursor) > _LONGEST_CURSOR:
        return _NEWEST
    return int(cursor)
