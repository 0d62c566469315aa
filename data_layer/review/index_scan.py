"""What the index of the words finds, the newest first: messages that may match, and have to be read.

Neither database walks its index of the words from the newest message on where that would be slow, so
each is asked in a way that costs about the same for common words and for rare ones.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.engine import Database

# A title's number is below zero, a message's is its seq (fold_state.py).
_SQLITE: Final = text(
    "SELECT rowid AS number, target_id FROM search_index "
    "WHERE search_index MATCH :query AND rowid > 0 AND rowid < :before "
    "ORDER BY rowid DESC LIMIT :many"
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
        query: As narrow.index_query writes it.
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
