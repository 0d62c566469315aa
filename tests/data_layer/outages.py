"""Databases that can be taken away and given back."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.engine import make_url

from data_layer.record import Record
from data_layer.writing.writer import Writer
from tests.data_layer.rows import rows
from tests.postgres import PostgresServer


class Outage(Protocol):
    """A database that can be taken away and given back."""

    def begin(self) -> None:
        """Take it away."""

    def end(self) -> None:
        """Give it back."""


class HeldLock:
    """SQLite, with its write lock in the hands of another connection."""

    def __init__(self, url: str) -> None:
        self._path = make_url(url).database
        self._connection: sqlite3.Connection | None = None

    def begin(self) -> None:
        """Take the lock."""
        self._connection = sqlite3.connect(self._path or "", isolation_level=None)
        self._connection.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        """Let it go."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class ClosedDatabase:
    """PostgreSQL, with one database closed to everybody."""

    def __init__(self, url: str, server: PostgresServer) -> None:
        self._name = make_url(url).database
        self._server = server

    def begin(self) -> None:
        """Throw everybody out, and let nobody in."""
        self._server.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS false')
        self._server.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'"
        )

    def end(self) -> None:
        """Open it again."""
        self._server.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS true')


async def back(writer: Writer) -> None:
    """Wait until the writer has found the database again."""
    async with asyncio.timeout(20):
        while writer.health.away:  # noqa: ASYNC110  # the writer tells nobody when it is back
            await asyncio.sleep(0.01)


async def told(logs: Sequence[Mapping[str, Any]], level: str) -> None:
    """Wait until something was logged at a level."""
    async with asyncio.timeout(20):
        while not any(entry["log_level"] == level for entry in logs):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)


async def outputs(record: Record) -> list[str]:
    """The texts of all steps, in order."""
    return [row["output"] for row in await rows(record, "steps")]
