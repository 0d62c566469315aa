"""A participant's search: titles and messages, the newest first, each with the place that was found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database.engine import Database
from data_layer.database.rows import Row
from data_layer.database.types import UtcTime
from data_layer.search.index import indexed_words, match_query
from data_layer.search.snippets import SnippetPart, snippet
from study.numbers import whole_number
from study.text import beginning

PAGE: Final = 20
TITLES: Final = 5
# A query is a few words; what is longer narrows nothing.
_LONGEST_QUERY: Final = 1_000
# A seq is microseconds since 1970: sixteen digits until the year 2286.
_MOST_DIGITS: Final = 18


@dataclass(frozen=True)
class ParticipantSearchHit:
    """What was found.

    Args:
        title: The thread's.
        step_id: The message; None for a title.
        type: The message's, as in study.vocabulary.StepType; None for a title.
        at: When it was said; of a title, when the thread was last active.
        parts: The place, its words marked.
    """

    thread_id: str
    title: str
    step_id: str | None
    type: str | None
    at: datetime
    parts: list[SnippetPart]


@dataclass(frozen=True)
class ParticipantSearchResult:
    """A page of a search."""

    hits: list[ParticipantSearchHit]
    next_cursor: str | None


async def search_own_threads(
    database: Database, participant_id: str, query: str, cursor: str | None = None, limit: int = PAGE
) -> ParticipantSearchResult:
    """Search what stands in a participant's living threads.

    Args:
        query: Whatever was typed: all its words must stand in one message, or one title.
        cursor: Of the page before; one that is not ours starts from the top.
        limit: How many messages a page has at most.

    Returns:
        On the first page titles, then messages, the newest first.
    """
    words = indexed_words(beginning(query, _LONGEST_QUERY))
    if not words:
        return ParticipantSearchResult([], None)
    place = whole_number(cursor, _MOST_DIGITS)
    bound: Row = match_query(database.dialect, participant_id, words)
    bound |= {"participant": participant_id, "before": place or _NEWEST, "many": limit + 1}
    statement = text(_MESSAGES[database.dialect]).columns(created_at=UtcTime())
    async with database.engine.connect() as connection:
        titles = [] if place else await _titles(connection, database.dialect, bound)
        found = (await connection.execute(statement, bound)).mappings().all()
    more, rows = len(found) > limit, [dict(row) for row in found[:limit]]
    answered = {row["thread_id"] for row in rows}
    hits = [
        ParticipantSearchHit(
            row["thread_id"], row["title"], None, None, row["last_activity_at"], snippet(row["title"], words)
        )
        for row in titles
        # A title that nobody chose is the beginning of a message, which is found itself.
        if row["renamed"] or row["thread_id"] not in answered
    ]
    for row in rows:
        parts = snippet(row["output"], words)
        hits.append(
            ParticipantSearchHit(
                row["thread_id"], row["title"], row["step_id"], row["type"], row["created_at"], parts
            )
        )
    return ParticipantSearchResult(hits, str(rows[-1]["number"]) if more else None)


async def _titles(connection: AsyncConnection, dialect: str, bound: Row) -> list[Row]:
    statement = text(_TITLES[dialect]).columns(last_activity_at=UtcTime(), renamed=Boolean())
    values = {name: value for name, value in bound.items() if name != "before"} | {"many": TITLES}
    return [dict(row) for row in (await connection.execute(statement, values)).mappings()]


# A title's number is below zero, a message's is its seq (writing/state.py). CROSS JOIN has SQLite walk the
# index, from its newest row, and look the others up: it stops when a page is full.
_NEWEST: Final = 2**63 - 1
_MESSAGES: Final = {
    "sqlite": (
        "SELECT s.rowid AS number, s.thread_id, t.title, m.step_id, m.type, m.output, m.created_at "
        "FROM search_index s "
        "CROSS JOIN threads t ON t.thread_id = s.thread_id "
        "CROSS JOIN steps m ON m.step_id = s.target_id "
        "WHERE search_index MATCH :query AND s.rowid > 0 AND s.rowid < :before "
        "AND t.participant_id = :participant AND t.deleted_at IS NULL AND m.deleted_at IS NULL "
        "ORDER BY s.rowid DESC LIMIT :many"
    ),
    "postgresql": (
        "SELECT s.number, s.thread_id, t.title, m.step_id, m.type, m.output, m.created_at "
        "FROM search_index s "
        "JOIN threads t ON t.thread_id = s.thread_id "
        "JOIN steps m ON m.step_id = s.target_id "
        "WHERE s.owner = :owner AND s.words @@ CAST(:query AS tsquery) "
        "AND s.number > 0 AND s.number < :before "
        "AND t.participant_id = :participant AND t.deleted_at IS NULL AND m.deleted_at IS NULL "
        "ORDER BY s.number DESC LIMIT :many"
    ),
}
_TITLES: Final = {
    "sqlite": (
        "SELECT t.thread_id, t.title, t.renamed, t.last_activity_at "
        "FROM search_index s CROSS JOIN threads t ON t.thread_id = s.thread_id "
        "WHERE search_index MATCH :query AND s.rowid < 0 "
        "AND t.participant_id = :participant AND t.deleted_at IS NULL ORDER BY s.rowid LIMIT :many"
    ),
    "postgresql": (
        "SELECT t.thread_id, t.title, t.renamed, t.last_activity_at "
        "FROM search_index s JOIN threads t ON t.thread_id = s.thread_id "
        "WHERE s.owner = :owner AND s.words @@ CAST(:query AS tsquery) AND s.number < 0 "
        "AND t.participant_id = :participant AND t.deleted_at IS NULL ORDER BY s.number LIMIT :many"
    ),
}
