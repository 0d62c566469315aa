"""The researchers' search: everybody's messages, the newest first, each with the place that was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.text import search_words
from data_layer.review.filters import ThreadFilter, conditions
from data_layer.review.held_elsewhere import IMPORTED_HERE
from data_layer.review.index_query import index_query, matches
from data_layer.review.index_scan import newest, newest_with_words
from data_layer.review.query import Node, phrases
from data_layer.review.quick import Quick
from data_layer.search.snippets import SnippetPart, snippet
from study.errors import QueryError
from study.numbers import whole_number
from study.vocabulary import MESSAGE_TYPES, Status

PAGE: Final = 20
# Messages that the index has found and that are read on the way to a page: tens of milliseconds.
MOST_READ: Final = 700
_FIRST_BATCH: Final = 32
# Of so few threads every message is read: the index, asked for common words, would find other threads' first.
_FEW: Final = 300
_READ_OF_FEW: Final = 2_000
# A number is microseconds since 1970: sixteen digits until the year 2286.
_MOST_DIGITS: Final = 18
NEWEST: Final = 2**63 - 1
# Of a search that is asked for all its threads at once: half a second's reading.
MOST_MESSAGES: Final = 20_000


@dataclass(frozen=True)
class Met:
    """A message that was met.

    Args:
        step_id: Its own.
        type: As in study.vocabulary.StepType.
        text: What it says.
        number: Its place: greater is newer.
        thread_id: Where it stands.
    """

    step_id: str
    type: str
    text: str
    number: int
    thread_id: str


@dataclass(frozen=True)
class SearchHit:
    """A message that was found.

    Args:
        title: The thread's.
        participant_id: Whose thread it is.
        type: The message's, as in study.vocabulary.StepType.
        at: When it was said.
        is_gone: It, or its thread, has left the participant's screen.
        parts: The place, its words marked.
        imported: Its thread was held elsewhere.
    """

    thread_id: str
    title: str
    participant_id: str | None
    step_id: str
    type: str
    at: datetime
    is_gone: bool
    parts: list[SnippetPart]
    imported: bool


@dataclass(frozen=True)
class SearchResult:
    """A page of a search.

    Args:
        hits: The newest first.
        next_cursor: Where it goes on; None at the end.
        is_cut: It stops because so many messages were read, not because the page is full.
    """

    hits: list[SearchHit]
    next_cursor: str | None
    is_cut: bool


async def search_threads(
    database: Database, node: Node, filter: ThreadFilter, cursor: str | None = None
) -> SearchResult:
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
    async with database.connect() as connection:
        reader = Reader(connection, database, node, filter)
        met, below = await reader.page(asked, _place(cursor))
        hits = await hits_of(connection, met[:PAGE], node)
    if len(met) > PAGE:
        return SearchResult(hits, str(met[PAGE - 1].number), False)
    return SearchResult(hits, str(below) if below else None, below > 0)


async def threads_found(database: Database, node: Node, filter: ThreadFilter) -> list[str]:
    """All threads with a message that a search finds, whatever page it stands on.

    Raises:
        QueryError: The index finds more than MOST_MESSAGES, or cannot be asked.
        SQLAlchemyError: The database is away.
    """
    asked, before, read = index_query(node, database.dialect), NEWEST, 0
    found: dict[str, None] = {}
    async with database.connect() as connection:
        reader = Reader(connection, database, node, filter)
        while before:
            if read >= MOST_MESSAGES:
                raise QueryError(
                    f"The words stand in more than {MOST_MESSAGES:,} messages, too many to choose all their "
                    "threads at once. Add a word to the search, or narrow the dates."
                )
            met, before = await reader.page(asked, before, whole=True)
            found |= dict.fromkeys(one.thread_id for one in met)
            read += MOST_READ
    return list(found)


class Reader:
    """Reads what the index has found, or all of few threads, until a page is full.

    Args:
        connection: To the database.
        database: Which.
        node: The search.
        filter: Of which threads.
    """

    def __init__(
        self, connection: AsyncConnection, database: Database, node: Node, filter: ThreadFilter
    ) -> None:
        self._connection = connection
        self._database = database
        self._node = node
        self._quick = Quick(node)
        self._filter = filter

    async def page(self, asked: str, before: int, *, whole: bool = False) -> tuple[list[Met], int]:
        """Those that match, the newest first, a little more than a page, or all that can be read at once.

        And where it stopped, or 0.

        Args:
            asked: As index_query.index_query writes it.
            before: Only messages with lower numbers.
            whole: Up to MOST_READ are read, however many match.

        Raises:
            SQLAlchemyError: The database is away.
        """
        few = None if self._filter.is_open else await self._few()
        if few is not None:
            return await self._of_few(few, before)
        if whole and self._filter.is_open:
            read, below = await newest_with_words(self._connection, self._database, asked, before, MOST_READ)
            return self._kept(read), below
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

    async def _read(self, asked: str, before: int, most: int, first: int) -> tuple[list[Met], int]:
        met: list[Met] = []
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

    async def _matching(self, numbers: dict[str, int]) -> list[Met]:
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
        return sorted(self._kept(read), key=lambda one: -one.number)

    async def _few(self) -> list[str] | None:
        """The threads that the filter leaves, when they are few."""
        query = select(schema.threads.c.thread_id).where(*conditions(self._filter, self._database.dialect))
        found = list(await self._connection.scalars(query.limit(_FEW + 1)))
        return found if len(found) <= _FEW else None

    async def _of_few(self, thread_ids: list[str], before: int) -> tuple[list[Met], int]:
        steps = schema.steps
        # What left the screen is found no more, and a reply only when it has ended (writing/apply/steps.py).
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

    def _kept(self, read: Iterable[tuple[str, str, str, int, str]]) -> list[Met]:
        return [Met(*row) for row in read if self._quick.matches(row[2], row[1])]


async def hits_of(connection: AsyncConnection, met: list[Met], node: Node) -> list[SearchHit]:
    """What a page shows of messages that were met, in their order; those that went meanwhile are left out.

    Raises:
        SQLAlchemyError: The database is away.
    """
    steps, threads = schema.steps, schema.threads
    query = (
        select(
            steps.c.step_id,
            steps.c.thread_id,
            steps.c.created_at,
            threads.c.title,
            threads.c.participant_id,
            (steps.c.deleted_at.is_not(None) | threads.c.deleted_at.is_not(None)).label("is_gone"),
            IMPORTED_HERE,
        )
        .join(threads, threads.c.thread_id == steps.c.thread_id)
        .where(steps.c.step_id.in_([one.step_id for one in met]))
    )
    about = {row.step_id: row for row in (await connection.execute(query)).all()} if met else {}
    return [_hit(about[one.step_id], one, node) for one in met if one.step_id in about]


def _hit(about: Any, read: Met, node: Node) -> SearchHit:
    return SearchHit(
        about.thread_id,
        about.title,
        about.participant_id,
        read.step_id,
        read.type,
        about.created_at,
        bool(about.is_gone),
        snippet(read.text, _marked(node, search_words(read.text))),
        bool(about.imported),
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
    place = whole_number(cursor, _MOST_DIGITS)
    return NEWEST if place is None else place
