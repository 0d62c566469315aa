"""How many messages a search finds, and the same messages with the most relevant first.

Both cost the same however much was said: no more than MOST_COUNTED messages are counted or put in an order,
the newest of those that match, and no more than MOST_LOOKED_AT are read for it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database.engine import Database
from data_layer.review.filters import ThreadFilter
from data_layer.review.index_query import index_query, is_said_by_index
from data_layer.review.query import Node, phrases
from data_layer.review.quick import Quick
from data_layer.review.search import (
    MOST_READ,
    NEWEST,
    PAGE,
    Met,
    Reader,
    SearchResult,
    hits_of,
    search_threads,
)
from study.numbers import whole_number

MOST_COUNTED: Final = 1_000
MOST_LOOKED_AT: Final = 3 * MOST_READ
# BM25's two constants, as Robertson and Zaragoza give them (The Probabilistic Relevance Framework, 2009).
_K1: Final = 1.2
_B: Final = 0.75
_MOST_DIGITS: Final = 19
# Titles have numbers below zero. PostgreSQL first looks among the newest rows: common words are soon counted
# there, and are never looked up in all of the index.
_COUNT: Final = {
    "sqlite": (
        "SELECT count(*) FROM (SELECT 1 FROM search_index "
        "WHERE search_index MATCH :query AND rowid > 0 LIMIT :most)",
    ),
    "postgresql": (
        "SELECT count(*) FROM (SELECT 1 FROM ("
        "SELECT number, words FROM search_index WHERE number > 0 ORDER BY number DESC LIMIT 32000) AS newest "
        "WHERE words @@ CAST(:query AS tsquery) LIMIT :most) AS counted",
        "WITH found AS MATERIALIZED (SELECT number FROM search_index "
        "WHERE words @@ CAST(:query AS tsquery) AND number > 0 LIMIT :most) SELECT count(*) FROM found",
    ),
}


class SortOrder(StrEnum):
    """What the messages found can be in the order of; the values beside those of `Sort`."""

    NEW = "new"
    RELEVANT = "relevance"


@dataclass(frozen=True)
class Count:
    """How many messages a search finds.

    Args:
        number: So many were met, at most MOST_COUNTED.
        is_over: There are more.
        is_cut: There may be more: so many that do not match were read on the way that it stopped.
    """

    number: int
    is_over: bool = False
    is_cut: bool = False


async def count_found(database: Database, node: Node, filter: ThreadFilter) -> Count:
    """Count what a search finds, up to MOST_COUNTED.

    Args:
        database: Where it is asked.
        node: The search.
        filter: Of which threads.

    Raises:
        QueryError: The search names nothing that the index could be asked for.
        SQLAlchemyError: The database is away.
    """
    asked = index_query(node, database.dialect)
    async with database.connect() as connection:
        if filter.is_open and is_said_by_index(node):
            return await _by_the_index(connection, database, asked)
        met, below = await _pool(Reader(connection, database, node, filter), asked, NEWEST)
    return _count(len(met), below)


async def newest_counted(
    database: Database, node: Node, filter: ThreadFilter, cursor: str | None = None
) -> tuple[SearchResult, Count]:
    """A page of a search, the newest first, and how many it finds.

    What has to be read to be counted is read once, and the first page taken from it.

    Args:
        database: Where they are.
        node: The search.
        filter: Of which threads.
        cursor: Of the page before; one that is not ours starts from the top.

    Raises:
        QueryError: The search names nothing that the index could be asked for.
        SQLAlchemyError: The database is away.
    """
    if cursor or not filter.is_open or is_said_by_index(node):
        found = await search_threads(database, node, filter, cursor)
        return found, await count_found(database, node, filter)
    asked = index_query(node, database.dialect)
    async with database.connect() as connection:
        met, below = await _pool(Reader(connection, database, node, filter), asked, NEWEST)
        hits = await hits_of(connection, met[:PAGE], node)
    following = met[PAGE - 1].number if len(met) > PAGE else below
    page = SearchResult(hits, str(following) if following else None, len(met) <= PAGE and below > 0)
    return page, _count(len(met), below)


async def most_relevant(
    database: Database, node: Node, filter: ThreadFilter, cursor: str | None = None
) -> tuple[SearchResult, Count]:
    """Search all threads that a filter lets through, the most relevant message first.

    Args:
        database: Where they are.
        node: The search.
        filter: Of which threads.
        cursor: Of the page before; one that is not ours starts from the top.

    Returns:
        A page, and of how many: the newest MOST_COUNTED that match are put in order, as BM25 does it.

    Raises:
        QueryError: The search names nothing that the index could be asked for.
        SQLAlchemyError: The database is away.
    """
    before, skipped = _place(cursor)
    asked = index_query(node, database.dialect)
    async with database.connect() as connection:
        met, below = await _pool(Reader(connection, database, node, filter), asked, before)
        ordered = _ordered(node, met[:MOST_COUNTED])
        hits = await hits_of(connection, ordered[skipped : skipped + PAGE], node)
    # What is said while somebody turns the pages stays out of them: no message moves to another page.
    top = before if before != NEWEST else max((one.number for one in met), default=0) + 1
    following = f"{top}-{skipped + PAGE}" if skipped + PAGE < len(ordered) else None
    return SearchResult(hits, following, False), _count(len(met), below)


async def most_relevant_ids(database: Database, node: Node, filter: ThreadFilter) -> list[str]:
    """The messages that a search finds, the most relevant first: of the newest MOST_COUNTED that match.

    Args:
        database: Where they are.
        node: The search.
        filter: Of which threads.

    Raises:
        QueryError: The search names nothing that the index could be asked for.
        SQLAlchemyError: The database is away.
    """
    asked = index_query(node, database.dialect)
    async with database.connect() as connection:
        met, _ = await _pool(Reader(connection, database, node, filter), asked, NEWEST)
    return [one.step_id for one in _ordered(node, met[:MOST_COUNTED])]


async def _by_the_index(connection: AsyncConnection, database: Database, asked: str) -> Count:
    # A column's filter, so that a word is not found in the column of the participants.
    query = f"words : ({asked})" if database.dialect == "sqlite" else asked
    bound, number = {"query": query, "most": MOST_COUNTED + 1}, 0
    for statement in _COUNT[database.dialect]:
        number = await connection.scalar(text(statement), bound) or 0
        if number > MOST_COUNTED:
            break
    return _count(number)


def _count(met: int, below: int = 0) -> Count:
    is_over = met > MOST_COUNTED
    return Count(min(met, MOST_COUNTED), is_over, below > 0 and not is_over)


async def _pool(reader: Reader, asked: str, before: int) -> tuple[list[Met], int]:
    """The newest messages that match, with at most MOST_LOOKED_AT read; and where that stopped, or 0."""
    met: list[Met] = []
    read = 0
    while before and len(met) <= MOST_COUNTED and read < MOST_LOOKED_AT:
        some, before = await reader.page(asked, before, whole=True)
        met += some
        read += MOST_READ
    return met, before


def _ordered(node: Node, met: Sequence[Met]) -> list[Met]:
    """By BM25 over the messages that were met, long ones by their letters; between equals the newer first."""
    wanted, quick = list(dict.fromkeys(phrases(node, marked=True))), Quick(node)
    lengths = [len(one.text) for one in met]
    usual = sum(lengths) / max(len(lengths), 1) or 1.0
    often = [quick.times(wanted, one.text) for one in met]
    having = [sum(1 for each in often if each[at]) for at in range(len(wanted))]
    weights = [math.log(1 + (len(met) - has + 0.5) / (has + 0.5)) for has in having]

    def score(at: int) -> float:
        long = _K1 * (1 - _B + _B * lengths[at] / usual)
        return sum(
            [weight * has * (_K1 + 1) / (has + long) for weight, has in zip(weights, often[at], strict=True)]
        )

    return [met[at] for at in sorted(range(len(met)), key=lambda at: (-score(at), -met[at].number))]


def _place(cursor: str | None) -> tuple[int, int]:
    written_top, _, written_skipped = (cursor or "").partition("-")
    top, skipped = whole_number(written_top, _MOST_DIGITS), whole_number(written_skipped)
    return (NEWEST, 0) if top is None or skipped is None else (min(top, NEWEST), skipped)
