"""Rows as queries give them: their columns by name."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import Connection, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

Row: TypeAlias = dict[str, Any]
T = TypeVar("T")

# Rows of one transaction, and ids of one question: what a participant's message waits for at most. SQLite
# takes 32,766 parameters in a statement since 3.32; 500 keeps the compiled statements few and small.
CHUNK: Final = 500


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Values in pieces that a question, or a transaction, may hold."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


async def read_rows(connection: AsyncConnection, query: Executable) -> list[Row]:
    """The rows that a query gives, each with its columns by name."""
    return [dict(row) for row in (await connection.execute(query)).mappings()]


def rows_of(connection: Connection, query: Executable, asked: Row | None = None) -> list[Row]:
    """The same without waiting, in one piece (Database.read).

    Args:
        connection: Where.
        query: Asks.
        asked: Its parameters, where they are bound by name.
    """
    return [dict(row) for row in connection.execute(query, asked).mappings()]
