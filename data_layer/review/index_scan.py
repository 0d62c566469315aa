"""What the index of the words finds, the newest first: messages that may match, and have to be read.

Neither database walks its index of the words from the newest message on where that would be slow, so
each is asked in a way that costs about the same for common words and for rare ones.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database.engine import Database

# A title's number is below zero, a message's is its seq (writing/state.py).
_SQLITE: Final = text(
    "SELECT rowid AS number, target_id FROM search_index "
    "WHERE search_index MATCH :query AND rowid > 0 AND rowid < :before "
    "ORDER BY rowid DESC LIMIT :many"
)
# With what each of them says, for whoever reads hundreds: asked for apart they cost as much again.
_SQLITE_WITH_WORDS: Final = text(
    "SELECT m.step_id, m.type, m.output, found.number, m.thread_id FROM ("
    "SELECT rowid AS number, target_id FROM search_index "
    "WHERE search_index MATCH :query AND rowid > 0 AND rowid < :before ORDER BY rowid DESC LIMIT :many"
    ") AS found CROSS JOIN steps m ON m.step_id = found.target_id ORDER BY found.number DESC"
)
_WITH_WORDS: Final = text(
    "SELECT step_id, type, output, thread_id FROM steps WHERE step_id = ANY(CAST(:ids AS text[]))"
)
# PostgreSQL's index of the words knows no order. What is common is soon met among the newest rows, read one
# by one (about 1 ms for 1,000); what is rare is little to sort; and what is between is met in a longer walk.
_WALKS: Final = (4_000, 32_000)
_RARE: Final = 1_500
# So many in the first walk, and the second will meet a page of them.
_NOT_RARE: Final = 6
_AMONG_THE_NEWEST: Final = text(
    "SELECT number, target_id FROM ("
    "SELECT number, target_id, words FROM search_index "
    "WHERE number > 0 AND number < :before ORDER BY number DESC LIMIT :rows) AS newest "
    "WHERE words @@ CAST(:query AS tsquery) ORDER BY number DESC LIMIT :many"
)
_BOTTOM: Final = text(
    "SELECT number FROM search_index WHERE number > 0 AND number < :before "
    "ORDER BY number DESC LIMIT 1 OFFSET :rows - 1"
)
# MATERIALIZED keeps both from a walk through all rows, which the planner takes for words that it believes
# to be common: for one that stood nowhere it went through 1,000,000 rows, in 1.3 s.
_BY_THE_WORDS: Final = (
    "WITH found AS MATERIALIZED (SELECT number, target_id FROM search_index "
    "WHERE words @@ CAST(:query AS tsquery) AND number > 0 AND number < :before{limit}) "
    "SELECT number, target_id FROM found ORDER BY number DESC LIMIT :many"
)
_SOME: Final = text(_BY_THE_WORDS.format(limit=f" LIMIT {_RARE}"))
_ALL: Final = text(_BY_THE_WORDS.format(limit=""))


@dataclass(frozen=True)
class Candidates:
    """Messages that the index has found.

    Args:
        numbers: Of each message, by its step_id; the newest first.
        below: There may be more with lower numbers; 0 when there are none.
    """

    numbers: dict[str, int]
    below: int


async def newest(
    connection: AsyncConnection, database: Database, query: str, before: int, many: int
) -> Candidates:
    """Ask the index.

    Args:
        connection: To the database.
        database: Which.
        query: As index_query.index_query writes it.
        before: Only messages with lower numbers.
        many: How many are wanted; more are given where they cost nothing.

    Raises:
        SQLAlchemyError: The database is away.
    """
    bound = {"query": query, "before": before, "many": many}
    if database.dialect == "postgresql":
        return await _of_postgresql(connection, bound)
    # A column's filter, so that a word is not found in the column of the participants.
    return _whole(await _numbers(connection, _SQLITE, bound | {"query": f"words : ({query})"}), many)


async def newest_with_words(
    connection: AsyncConnection, database: Database, query: str, before: int, many: int
) -> tuple[list[tuple[str, str, str, int, str]], int]:
    """Ask the index, and read what it finds.

    Args:
        connection: To the database.
        database: Which.
        query: As index_query.index_query writes it.
        before: Only messages with lower numbers.
        many: How many are wanted; more are given where they cost nothing.

    Returns:
        Of each message its id, its type, what it says, its number and its thread, the newest first; and where
        there may be more, or 0.

    Raises:
        SQLAlchemyError: The database is away.
    """
    bound = {"query": query, "before": before, "many": many}
    if database.dialect == "postgresql":
        found = await _of_postgresql(connection, bound)
        # One array, so that the statement is always the same one, and is planned once.
        read = (await connection.execute(_WITH_WORDS, {"ids": list(found.numbers)})).all()
        rows = [(row[0], row[1], row[2], found.numbers[row[0]], row[3]) for row in read]
        return sorted(rows, key=lambda row: -row[3]), found.below
    bound["query"] = f"words : ({query})"
    met = [tuple(row) for row in (await connection.execute(_SQLITE_WITH_WORDS, bound)).all()]
    return met, met[-1][3] if len(met) == many else 0


async def _of_postgresql(connection: AsyncConnection, bound: dict[str, Any]) -> Candidates:
    short, long = _WALKS
    found = await _numbers(connection, _AMONG_THE_NEWEST, bound | {"rows": short})
    if len(found) == bound["many"]:
        return _whole(found, bound["many"])
    # All that is rare is given at once: to find it anew for the next ones would cost as much again.
    whole = bound | {"many": _RARE}
    if len(found) < _NOT_RARE:
        some = await _numbers(connection, _SOME, whole)
        if len(some) < _RARE:
            return Candidates(some, 0)
    found = await _numbers(connection, _AMONG_THE_NEWEST, bound | {"rows": long})
    if len(found) == bound["many"]:
        return _whole(found, bound["many"])
    bottom = await connection.scalar(_BOTTOM, {"before": bound["before"], "rows": long})
    if found or bottom is None:
        return Candidates(found, bottom or 0)
    return _whole(await _numbers(connection, _ALL, whole), _RARE)


async def _numbers(connection: AsyncConnection, statement: Any, bound: dict[str, Any]) -> dict[str, int]:
    asked = {name: bound[name] for name in statement.compile().params}
    return {row.target_id: row.number for row in (await connection.execute(statement, asked)).all()}


def _whole(numbers: dict[str, int], many: int) -> Candidates:
    return Candidates(numbers, min(numbers.values()) if len(numbers) == many else 0)
