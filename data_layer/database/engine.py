"""Opening the database: one engine a process, with the settings that durability needs."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import SingletonThreadPool

from data_layer.database.address import PostgresAddress, is_postgresql, read_address
from data_layer.database.connecting import Connecting
from data_layer.database.types import dump_json
from study.errors import DatabaseError

T = TypeVar("T")

# Seconds that a write waits for the database before it counts as away: for another's lock on SQLite,
# for any answer from PostgreSQL.
PATIENCE_S = 15.0
# Connections kept to PostgreSQL: one writes, the others read (sidebar, threads, sign-in).
POOL_SIZE = 8
# Threads that read from SQLite: one that takes long does not hold up the others.
READING_THREADS = 4


@dataclass(frozen=True)
class Database:
    """An open database.

    Args:
        engine: SQLAlchemy's engine, asynchronous.
        dialect: Which of the two it is.
        url: As it was given, password included.
        writing: The writer's own connection to SQLite; None on PostgreSQL.
        reading: Threads that read from SQLite in one piece; None on PostgreSQL.
        patience_s: Seconds that a write waits for an answer.
        connecting: How connections to PostgreSQL are made; None on SQLite.
    """

    engine: AsyncEngine
    dialect: Literal["sqlite", "postgresql"]
    url: str = field(repr=False)
    writing: "WritingThread | None" = None
    reading: "ReadingThreads | None" = None
    patience_s: float = PATIENCE_S
    connecting: Connecting | None = None

    @property
    def pooled(self) -> bool:
        """Whether a pooler is known to stand before PostgreSQL."""
        return self.connecting is not None and bool(self.connecting.pooled)

    def connect(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to read over, for as long as one is needed.

        Raises:
            SQLAlchemyError: On entering it: the database is away.
            OSError: Likewise.
        """
        return self.engine.connect()

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

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run blocking code that reads and changes nothing, without holding the loop.

        For what is asked often and answered by an index. By aiosqlite a read of one row takes twice as
        much of a processor, and several times as much beside others (`python -m bench.cost`).

        Args:
            work: Gets a connection; what it makes of rows is plain by the time it returns.

        Returns:
            What it returns.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: It went away in the middle.
        """
        if self.reading is not None:
            return await self.reading.run(work)
        async with self.engine.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Let go of every connection."""
        if self.writing is not None:
            await self.writing.close()
        if self.reading is not None:
            await self.reading.close()
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
        """Run blocking code in one transaction, in the thread.

        Raises:
            OSError: It is closed: what comes as late as that waits in the journal for the next start.
        """

        def transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        if self._closed:
            raise OSError("the database is closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)

    async def close(self) -> None:
        """Close the connection in its thread, and end the thread; doing it twice does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


class ReadingThreads:
    """A few threads that read from SQLite, each read in one piece.

    Args:
        path: The database's file.
        patience_s: Seconds that a read waits for another's lock.
    """

    def __init__(self, path: str, patience_s: float) -> None:
        self.engine = create_engine(
            f"sqlite+pysqlite:///{path}",
            json_serializer=dump_json,
            hide_parameters=True,
            connect_args={"timeout": patience_s},
            pool_size=READING_THREADS,
        )
        event.listen(self.engine, "connect", _prepare_sqlite)
        self._threads = ThreadPoolExecutor(READING_THREADS, "reader")
        self._closed = False

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run blocking code on a connection, in a thread.

        Raises:
            OSError: They are closed.
        """

        def reading() -> T:
            with self.engine.connect() as connection:
                return work(connection)

        if self._closed:
            raise OSError("the database is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, reading)

    async def close(self) -> None:
        """Let what is being read end, and close the connections; doing it twice does nothing."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()


def open_database(url: str, patience_s: float = PATIENCE_S) -> Database:
    """Open a database; nothing is read or made yet.

    Args:
        url: `sqlite+aiosqlite:///path`, or PostgreSQL's as people paste it (data_layer/database/address.py).
        patience_s: Seconds that a write waits for an answer.

    Returns:
        The open database.

    Raises:
        DatabaseError: The address is neither, or asks for what cannot be followed.
    """
    # Parameters are participants' words: no error message, and so no log, may hold them.
    common: dict[str, Any] = {"json_serializer": dump_json, "hide_parameters": True}
    if is_postgresql(url):
        connecting = Connecting(postgres_address(url), patience_s)
        # The address is kept out of the engine: it holds the password, and errors name their engine.
        engine = create_async_engine(
            "postgresql+asyncpg://",
            **common,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=True,
        )
        connecting.listen(engine)
        return Database(engine, "postgresql", url, patience_s=patience_s, connecting=connecting)
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(_WRONG_URL) from error
    if parsed.drivername != "sqlite+aiosqlite":
        raise DatabaseError(_WRONG_URL)
    engine = create_async_engine(url, **common, connect_args={"timeout": patience_s})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    path = parsed.database or ""
    return Database(
        engine,
        "sqlite",
        url,
        WritingThread(path, patience_s),
        ReadingThreads(path, patience_s),
        patience_s,
    )


def postgres_address(url: str) -> PostgresAddress:
    """What PostgreSQL's address says: the one way from VERBATIM_DATABASE_URL to a connection.

    Raises:
        DatabaseError: It cannot be read, or asks for what cannot be followed.
    """
    try:
        return read_address(url)
    except ValueError as error:
        raise DatabaseError(f"VERBATIM_DATABASE_URL is wrong: {error}.") from None


def sqlite_path(url: str) -> Path | None:
    """The file behind an address, or None when it is not a SQLite file."""
    if is_postgresql(url):
        return None
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


_WRONG_URL: Final = (
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
