"""What everything that keeps something needs: rows to read, writes that are sure, the time."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select

from data_layer.database.engine import Database
from data_layer.database.order import Clock
from data_layer.database.rows import Row, read_rows
from data_layer.writing.writer import Writer
from data_layer.writing.writes import Write
from study.errors import DatabaseError, WriteRefused
from study.reasons import Reason

# A write that waits in the journal is not lost: to try again would make it twice.
KEPT_FOR_LATER: Final = "The database does not answer. The change is kept, and comes when it does."
NOT_TAKEN: Final = "The database does not take this. See the server's log for the cause."


@dataclass(frozen=True)
class Store:
    """The record, as its parts read and write it.

    Args:
        database: Read from.
        writer: Written through.
        clock: The time.
    """

    database: Database
    writer: Writer
    clock: Clock

    async def rows(self, query: Select[Any]) -> list[Row]:
        """All rows that a query gives.

        Raises:
            SQLAlchemyError: The database is away.
        """
        async with self.database.engine.connect() as connection:
            return await read_rows(connection, query)

    async def first(self, query: Select[Any]) -> Row | None:
        """The first row that a query gives.

        Raises:
            SQLAlchemyError: The database is away.
        """
        async with self.database.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return dict(row) if row else None

    async def commit(self, *writes: Write) -> None:
        """Write together, and go on when it is in the database.

        Raises:
            WriteRefused: One of the writes may not be made.
            DatabaseError: The database does not answer, and the writes wait in the journal; or it does not
                take them.
        """
        if not writes:
            return
        outcome = await self.writer.submit(*writes)
        if outcome.reason is Reason.NOT_TAKEN_BY_DATABASE:
            raise DatabaseError(NOT_TAKEN)
        if outcome.reason is not None:
            raise WriteRefused(outcome.reason, outcome.detail)
        if outcome.journaled:
            raise DatabaseError(KEPT_FOR_LATER)
