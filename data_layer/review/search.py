"""The researchers' search: everybody's messages, the newest first, each with the place that was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer import schema
from data_layer.engine import Database
from data_layer.review.filters import ThreadFilter, conditions
from data_layer.review.narrow import index_query, matches
from data_layer.review.query import Node, Phrase, phrases
from data_layer.snippets import Part, snippet
from data_layer.text import search_words
from data_layer.writes import Row

PAGE: Final = 20
# Messages that the index has found and that are read on the way to a page: tens of milliseconds.
MOST_READ: Final = 700
_FIRST_BATCH: Final = 64
# A number is microseconds since 1970: sixteen digits until the year 2286.
_LONGEST_CURSOR: Final = 18
_NEWEST: Final = 2**63 - 1

# A title's number is below zero, a message's is its seq (fold_state.py).
_CANDIDATES: Final = {
    "sqlite": (
        "SELECT rowid AS number, target_id FROM search_index "
        "WHERE search_index MATCH :query AND rowid > 0 AND rowid < :before "
        "ORDER BY rowid DESC LIMIT :many"
    ),
    # MATERIALIZED keeps it from the walk below, which it takes for words that it believes to be common:
    # for one that stood nowhere it went through 1,000,000 rows, in 1.3 s.
    "postgresql": (
        "WITH found AS MATERIALIZED (SELECT number, target_id FROM search_index "
        "WHERE words @@ CAST(:query AS tsquery) AND number > 0 AND number < :before) "
        "SELECT number, target_id FROM found ORDER BY number DESC LIMIT :many"
    ),
}
# What is common is found among the newest, where the index of the words would give half the table to sort.
_AMONG_THE_NEWEST: Final = (
    "SELECT number, target_id FROM ("
    "SELECT number, target_id, words FROM search_index "
    "WHERE number > 0 AND number < :before ORDER BY number DESC LIMIT 4000) AS newest "
    "WHERE words @@ CAST(:query AS tsquery) ORDER BY number DESC LIMIT :many"
)


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
        is_cut: It stops because MOST_READ messages were read, not because the page is full.
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
    asked = _asked(node, database)
    before, read, many = _place(cursor), 0, _FIRST_BATCH
    hits: list[tuple[int, Hit]] = []
    async with database.engine.connect() as connection:
        while len(hits) <= PAGE and read < MOST_READ:
            numbers = await _candidates(connection, database, asked, before, many)
            hits += await _among(connection, database, numbers, node, filter)
            read += len(numbers)
            if len(numbers) < many:
                before = 0
                break
            before, many = min(numbers.values()), min(many * 2, MOST_READ - read) or 1
    if len(hits) > PAGE:
        return Found([hit for _, hit in hits[:PAGE]], str(hits[PAGE - 1][0]), False)
    return Found([hit for _, hit in hits], str(before) if before else None, before > 0)


async def why_nothing(database: Database, node: Node, filter: ThreadFilter) -> str:
    """Say why a search finds nothing.

    Args:
        database: Where it was asked.
        node: The search.
        filter: Of which threads.

    Returns:
        A sentence, with what could be done.

    Raises:
        SQLAlchemyError: The database is away.
    """
    wanted = list(dict.fromkeys(phrases(node, marked=True)))
    unknown = [phrase for phrase in wanted if not await _stands_somewhere(database, phrase)]
    if unknown:
        named = ", ".join(f"“{phrase}”" for phrase in unknown)
        return f"No message has {named}. Look at the spelling, or end a word in * to find what begins so."
    if not filter.is_open and (await find(database, node, ThreadFilter())).hits:
        return "Messages match, but none in the threads that the filters leave. Take a filter away."
    if len(wanted) > 1:
        return (
            "Each of these stands in some message, but none has them as the search asks. "
            "Leave one out, or write OR between them."
        )
    return "What is looked for stands in messages, but NOT or role: leaves all of them out. Take that away."


async def _stands_somewhere(database: Database, phrase: Phrase) -> bool:
    return bool((await find(database, phrase, ThreadFilter())).hits)


def _asked(node: Node, database: Database) -> str:
    asked = index_query(node, database.dialect)
    return f"words : ({asked})" if database.dialect == "sqlite" else asked


async def _candidates(
    connection: AsyncConnection, database: Database, asked: str, before: int, many: int
) -> dict[str, int]:
    """What the index finds: the number of each message."""
    bound = {"query": asked, "before": before, "many": many}
    if database.dialect == "postgresql":
        found = (await connection.execute(text(_AMONG_THE_NEWEST), bound)).all()
        if len(found) == many:
            return {row.target_id: row.number for row in found}
    found = (await connection.execute(text(_CANDIDATES[database.dialect]), bound)).all()
    return {row.target_id: row.number for row in found}


async def _among(
    connection: AsyncConnection, database: Database, numbers: dict[str, int], node: Node, filter: ThreadFilter
) -> list[tuple[int, Hit]]:
    """Those that match, the newest first."""
    steps, threads = schema.steps, schema.threads
    columns = (steps.c.step_id, steps.c.thread_id, steps.c.type, steps.c.output, steps.c.created_at)
    query = (
        select(
            *columns,
            threads.c.title,
            threads.c.participant_id,
            (steps.c.deleted_at.is_not(None) | threads.c.deleted_at.is_not(None)).label("is_gone"),
        )
        .join(threads, threads.c.thread_id == steps.c.thread_id)
        .where(steps.c.step_id.in_(numbers), *conditions(filter, database.dialect))
    )
    rows = [dict(row) for row in (await connection.execute(query)).mappings()] if numbers else []
    hits = ((numbers[row["step_id"]], _hit(row, node)) for row in rows)
    return sorted(_kept(hits), key=lambda one: -one[0])


def _kept(hits: Iterable[tuple[int, Hit | None]]) -> list[tuple[int, Hit]]:
    return [(number, hit) for number, hit in hits if hit is not None]


def _hit(row: Row, node: Node) -> Hit | None:
    words = search_words(row["output"])
    if not matches(node, words, row["type"]):
        return None
    return Hit(
        row["thread_id"],
        row["title"],
        row["participant_id"],
        row["step_id"],
        row["type"],
        row["created_at"],
        bool(row["is_gone"]),
        snippet(row["output"], _marked(node, words)),
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
