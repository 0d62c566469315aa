"""A snapshot of PostgreSQL: one read-only REPEATABLE READ transaction, read by server-side cursors.

asyncpg speaks asyncio only. An export runs in a thread of its own, and so in an event loop of its own, which
goes on only while something is fetched.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import Select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database.engine import Database, open_database
from exports.columns.sql import compile_for
from exports.rows.snapshot import Cursor, Rows, Snapshot, new_moment, unreadable
from study.errors import DatabaseError


class _PostgresqlCursor(Cursor):
    def __init__(self, runner: asyncio.Runner, cursor: Any) -> None:
        self._runner = runner
        self._cursor = cursor

    def fetch(self, count: int) -> Rows:
        rows: Rows = self._runner.run(self._cursor.fetch(count))
        return rows


class PostgresqlSnapshot(Snapshot):
    """What a connection sees in one transaction.

    Args:
        runner: Runs what asyncpg does.
        connection: asyncpg's, in its transaction.
    """

    dialect = "postgresql"

    def __init__(self, runner: asyncio.Runner, connection: Any) -> None:
        self._runner = runner
        self._connection = connection
        self._dialect = make_url("postgresql+asyncpg://").get_dialect()()
        self.taken_at = new_moment()
        # As in SQLite, the first read takes the snapshot.
        self.execute("SELECT 1")

    def open(self, statement: Select[Any]) -> Cursor:
        """Run a select."""
        text, parameters = compile_for(self._dialect, statement)

        async def opened() -> Any:
            # Not cursor() at once: that names the statement also behind a pooler, where another export may
            # have left one of that name (data_layer/database/connecting.py).
            statement = await self._connection.prepare(text)
            return await statement.cursor(*parameters)

        return _PostgresqlCursor(self._runner, self._runner.run(opened()))

    def lend(self) -> str | None:
        """Let other connections see the same, as long as this is held."""
        name: str = self._runner.run(self._connection.fetchval("SELECT pg_export_snapshot()"))
        return name

    def execute(self, text: str) -> None:
        """Run a statement in the transaction."""
        self._runner.run(self._connection.execute(text))


@contextmanager
def postgresql_snapshot(url: str, lent: str | None = None) -> Iterator[PostgresqlSnapshot]:
    """Hold a PostgreSQL database still.

    Args:
        url: Its address.
        lent: What another connection lent: the same is seen.

    Raises:
        DatabaseError: It does not answer, or is not one of ours.
    """
    database = open_database(url)
    with asyncio.Runner() as runner:
        try:
            connection, raw = runner.run(_begun(database, lent))
            snapshot = PostgresqlSnapshot(runner, raw)
        except (SQLAlchemyError, asyncpg.PostgresError, OSError) as error:
            runner.run(database.close())
            raise DatabaseError(unreadable(error)) from error
        try:
            yield snapshot
        # No other OSError: a full disk is not the database's.
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
            raise DatabaseError(unreadable(error)) from error
        finally:
            # Nothing was written, so nothing has to be ended but the connection.
            runner.run(connection.invalidate())
            runner.run(connection.close())
            runner.run(database.close())


async def _begun(database: Database, lent: str | None) -> tuple[AsyncConnection, Any]:
    connection = await database.engine.connect()
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    await raw.transaction(isolation="repeatable_read", readonly=True).start()
    if lent is not None:
        # The server's own name, which takes no parameter.
        await raw.execute(f"SET TRANSACTION SNAPSHOT '{lent}'")
    return connection, raw
