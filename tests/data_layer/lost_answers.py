"""Databases whose answer to COMMIT can be lost: by a proxy before PostgreSQL, by a failing disk of SQLite."""

import asyncio
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from data_layer.database.engine import Database, open_database


class Cut(Enum):
    """Where the connection breaks."""

    BEFORE = "COMMIT does not arrive"
    AFTER = "COMMIT took effect, and its answer is lost"
    SILENT = "COMMIT took effect, and nothing is heard any more"


class Fragile(Protocol):
    """A database whose next COMMIT meets a fault.

    Attributes:
        database: Open; for the writer under test alone.
        cut: Set when it has happened. Until release() nobody comes in again.
    """

    database: Database
    cut: asyncio.Event

    def arm(self, cut: Cut) -> None:
        """Let the next COMMIT meet it."""

    def release(self) -> None:
        """Let the writer in again."""


class Proxy:
    """Stands between a client and PostgreSQL's socket, and knows a COMMIT when it passes.

    Args:
        upstream: Folder of the server's socket.
    """

    def __init__(self, upstream: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="verbatim-proxy-"))
        self.cut = asyncio.Event()
        self.database: Database
        self._upstream = f"{upstream}/.s.PGSQL.5432"
        self._armed: Cut | None = None
        self._at = b"COMMIT"
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    def arm(self, cut: Cut, at: bytes = b"COMMIT") -> None:
        """Let the next COMMIT meet it, or another statement."""
        self._armed, self._at = cut, at

    def release(self) -> None:
        """Let the writer in again."""
        self._closed = False

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        if self._closed:
            to_client.close()
            return
        server, to_server = await asyncio.open_unix_connection(self._upstream)
        self._writers += [to_client, to_server]
        answers = asyncio.create_task(self._pass_on(server, to_client))
        self._tasks.add(answers)
        while data := await client.read(65536):
            if self._armed is not None and self._at in data:
                await self._break(self._armed, data, answers, server, to_server, to_client)
                return
            to_server.write(data)
        to_server.close()

    async def close(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
        shutil.rmtree(self.folder)

    async def _pass_on(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while data := await server.read(65536):
            to_client.write(data)
        to_client.close()

    async def _break(
        self,
        cut: Cut,
        data: bytes,
        answers: "asyncio.Task[None]",
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        to_client: asyncio.StreamWriter,
    ) -> None:
        self._armed, self._closed = None, True
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
        if cut is not Cut.BEFORE:
            to_server.write(data)
            heard = b""
            while b"COMMIT" not in heard:
                heard += await server.read(65536)
        to_server.close()
        if cut is not Cut.SILENT:
            to_client.close()
        self.cut.set()


class FailingDisk:
    """SQLite, whose COMMIT reports an error of the disk, whether it took effect or not.

    Args:
        url: The file's address.
    """

    def __init__(self, url: str) -> None:
        self.database = open_database(url, 0.05)
        self.cut = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._armed: Cut | None = None
        self._open = threading.Event()
        self._open.set()
        writing: Any = self.database.writing
        event.listen(writing._engine, "commit", self._commit)
        event.listen(writing._engine, "begin", self._begin)

    def arm(self, cut: Cut) -> None:
        """Let the next COMMIT meet it."""
        self._armed = cut

    def release(self) -> None:
        """Let the writer in again."""
        self._open.set()

    def _begin(self, _connection: Any) -> None:
        if not self._open.is_set():
            raise OperationalError("BEGIN", {}, sqlite3.OperationalError("disk I/O error"))

    def _commit(self, connection: Any) -> None:
        if self._armed is None:
            return
        if self._armed is not Cut.BEFORE:
            connection.connection.dbapi_connection.commit()
        self._armed = None
        self._open.clear()
        self._loop.call_soon_threadsafe(self.cut.set)
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))


@asynccontextmanager
async def fragile(url: str, patience_s: float = 10.0) -> AsyncIterator[Fragile]:
    """Open a database through what can break.

    Args:
        url: Its address without that.
        patience_s: Seconds that PostgreSQL's answer is waited for.
    """
    if url.startswith("sqlite"):
        disk = FailingDisk(url)
        yield disk
        await disk.database.close()
        return
    parsed = make_url(url)
    proxy = Proxy(str(parsed.query["host"]))
    server = await asyncio.start_unix_server(proxy.serve, str(proxy.folder / ".s.PGSQL.5432"))
    proxy.database = open_database(
        f"postgresql://postgres@/{parsed.database}?host={proxy.folder}", patience_s
    )
    yield proxy
    await proxy.database.close()
    server.close()
    await proxy.close()
