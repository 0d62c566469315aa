"""Opening the database: one engine a process, with the settings that durability needs."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from data_layer.types import dump_json
from study.errors import DatabaseError

# Seconds that a SQLite connection waits for another's write lock before it gives up.
BUSY_TIMEOUT_S = 15.0
# Connections kept to PostgreSQL: one writes, the others read (sidebar, threads, sign-in).
POOL_SIZE = 8


@dataclass(frozen=True)
class Database:
    """An open database.

    Args:
        engine: SQLAlchemy's engine, asynchronous.
        dialect: Which of the two it is.
        url: As it was given, password included: never log it.
    """

    engine: AsyncEngine
    dialect: Literal["sqlite", "postgresql"]
    url: str

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database; nothing is read or made yet.

    Args:
        url: `sqlite+aiosqlite:///path` or `postgresql+asyncpg://...`.

    Returns:
        The open database.

    Raises:
        DatabaseError: The address is neither.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(_wrong_url()) from error
    if parsed.drivername == "sqlite+aiosqlite":
        engine = create_async_engine(url, json_serializer=dump_json, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return Database(engine, "sqlite", url)
    if parsed.drivername == "postgresql+asyncpg":
        engine = create_async_engine(
            url, json_serializer=dump_json, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_pre_ping=True
        )
        return Database(engine, "postgresql", url)
    raise DatabaseError(_wrong_url())


def sqlite_path(url: str) -> Path | None:
    """The file behind an address, or None when it is not a SQLite file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def _wrong_url() -> str:
    return (
        "VERBATIM_DATABASE_URL is not an address that Verbatim can use. Write it like: "
        "sqlite+aiosqlite:///data/verbatim.db or postgresql+asyncpg://name:password@host/database"
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers go on while the writer commits; FULL makes a commit survive a power cut.

    https://www.sqlite.org/pragma.html#pragma_synchronous: in WAL mode NORMAL may lose the last
    commits at a power cut, and a participant's message would be among them.
    """
    cursor: sqlite3.Cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
