"""Opening the database: one engine a process, with the settings that durability needs."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import SingletonThreadPool

from data_layer.types import dump_json
from study.errors import DatabaseError

T = TypeVar("T")

# Seconds that a write waits for the database before it counts as away: for another's lock on SQLite,
# for any answer from PostgreSQL.
PATIENCE_S = 15.0
# Connections kept to PostgreSQL: one writes, the others read (sidebar, threads, sign-in).
POOL_SIZE = 8


@dataclass(frozen=True)
class Database:
    """An open database.

    Args:
        engine: SQLAlchemy's engine, asynchronous.
        dialect: Which of the two it is.
        url: As it was given, password included: never log it.
        writing: The writer's own connection to SQLite; None on PostgreSQL.
        patience_s: Seconds that a write waits for an answer.
    """

    engine: AsyncEngine
    dialect: Literal["sqlite", "postgresql"]
    url: str
    writing: "WritingThread | None" = None
    patience_s: float = PATIENCE_S

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Run blocking code in one transaction, without holding the loop.

        On SQLite it runs in one piece in a thread of its own. By aiosqlite each statement crosses
        to a thread and back three or four times, and waits for the interpreter's lock each time: a
        commit of one row took 3.3 ms of CPU so, and 1.3 ms in one piece (`python -m bench.data_layer`).

        Args:
            work: Gets a connection in a transaction, committed when it returns.

        Returns:
            What it returns.

        Raises:
            SQLAlchemyError: The database does not take it, or is away.
            OSError: It is away, or did not answer in time.
        """
        if self.writing is not None:
            return await self.writing.run(work)
        # Without this a server that is gone without a word would hold the writer for hours.
        async with asyncio.timeout(self.patience_s), self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Let go of every connection."""
        if self.writing is not None:
            await self.writing.close()
        await self.engine.dispose()


class WritingThread:
    """One thread with one connection to SQLite: there is only ever one writer there.

    Args:
        path: The database's file.
        patience_s: Seconds that it waits for another's lock.
    """

    def __init__(self, path: str, patience_s: float) -> None:
        self._engine = create_engine(
            f"sqlite+pysqlite:///{path}",
            json_serializer=dump_json,
            hide_parameters=True,
            connect_args={"timeout": patience_s},
            poolclass=SingletonThreadPool,
        )
        event.listen(self._engine, "connect", _prepare_sqlite)
        event.listen(self._engine, "connect", _enlarge_cache)
        event.listen(self._engine, "connect", _overwrite_what_is_freed)
        self._thread = ThreadPoolExecutor(1, "writer")
        self._closed = False

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run blocking code in one transaction, in the thread."""

        def transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)

    async def close(self) -> None:
        """Close the connection in its thread, and end the thread; doing it twice does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


def open_database(url: str, patience_s: float = PATIENCE_S) -> Database:
    """Open a database; nothing is read or made yet.

    Args:
        url: `sqlite+aiosqlite:///path` or `postgresql+asyncpg://...`.
        patience_s: Seconds that a write waits for an answer.

    Returns:
        The open database.

    Raises:
        DatabaseError: The address is neither.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(_wrong_url()) from error
    # Parameters are participants' words: no error message, and so no log, may hold them.
    common: dict[str, Any] = {
        "json_serializer": dump_json,
        "hide_parameters": True,
        "connect_args": {"timeout": patience_s},
    }
    if parsed.drivername == "sqlite+aiosqlite":
        engine = create_async_engine(url, **common)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return Database(engine, "sqlite", url, WritingThread(parsed.database or "", patience_s), patience_s)
    if parsed.drivername == "postgresql+asyncpg":
        engine = create_async_engine(
            url, **common, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_pre_ping=True
        )
        return Database(engine, "postgresql", url, patience_s=patience_s)
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
    # When the log is copied into the file has no part in durability (https://www.sqlite.org/wal.html);
    # each 4 MB, as unless set, it took a fifth of the writer's time under load.
    cursor.execute("PRAGMA wal_autocheckpoint=8000")
    cursor.close()


def _enlarge_cache(connection: Any, _record: Any) -> None:
    """64 MB for the writer, which touches pages all over the file; SQLite's 2 MB are for readers."""
    connection.execute("PRAGMA cache_size=-65536")


def _overwrite_what_is_freed(connection: Any, _record: Any) -> None:
    """Zeros over each row that is changed or erased, where that writes no more pages: what a reply said
    while it grew would otherwise lie on beside it (https://www.sqlite.org/pragma.html#pragma_secure_delete).
    """
    connection.execute("PRAGMA secure_delete=FAST")
