"""What a withdrawal leaves outside the rows: files, lines of the journal, bytes in SQLite's file.

A file cannot go in the database's transaction. The withdrawal's row lists what is still to be erased, so that
a process that dies in between leaves a list, and the next one goes on with it.
"""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Set
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from data_layer.database import schema
from data_layer.database.engine import Database, sqlite_path
from data_layer.database.files import FileStore
from data_layer.database.rows import Row
from data_layer.writing import erasure
from data_layer.writing.journals import Journals

log = structlog.get_logger(__name__)

# Pages of the search index that are merged in one transaction: a few milliseconds between two batches.
_PAGES: Final = 64
# https://www.sqlite.org/fts5.html#the_merge_command: below this many changes there was nothing left to merge.
_NOTHING: Final = 2
_OF_FILES: Final = "files/"
# A file without a row is nobody's after a week: until then its row may wait in another machine's journal.
_NOBODYS_AFTER_S: Final = 7 * 86_400
# Free pages that are overwritten in one transaction: ten megabytes at the usual size.
_FREE_PAGES: Final = 2_500
# How long readers may hold the write-ahead log up; a writer waits as long.
_PATIENCE_S: Final = 0.05
_AGAIN_S: Final = 0.2
_TRIES: Final = 50


class Leftovers:
    """Erases them.

    Args:
        data_dir: Where the files lie.
        journals: Whose lines are looked through.
        database: Whose free bytes are cleared.
        files: What participants gave, wherever it is kept.
    """

    def __init__(self, data_dir: Path, journals: Journals, database: Database, files: FileStore) -> None:
        self._data_dir = data_dir
        self._journals = journals
        self._database = database
        self._files = files

    async def erase(self, leftovers: Row) -> None:
        """Erase files and lines; doing it twice does nothing.

        Raises:
            OSError: The disk refuses.
        """
        await asyncio.to_thread(self._remove, leftovers["paths"])
        await asyncio.to_thread(self._journals.forget, leftovers["ids"])

    async def erase_missed(self, participants: Set[str], threads: Set[str], exports: Set[str]) -> None:
        """Erase what lies on this machine of people who withdrew while no server ran on it.

        Args:
            participants: Everybody who has withdrawn.
            threads: Theirs.
            exports: Those that held them, as their withdrawals name them.

        Raises:
            OSError: The disk refuses.
        """
        paths = [f"pending/{name}" for name in participants & _names_in(self._data_dir / "pending")]
        paths += [
            f"exports/{name}"
            for name in _names_in(self._data_dir / "exports")
            if name.removeprefix(".").partition(".")[0] in exports
        ]
        await asyncio.to_thread(self._remove, paths)
        lines = await asyncio.to_thread(self._journals.forget, {*participants, *threads})
        if paths or lines:
            log.warning("withdrawals_missed_while_away", paths=len(paths), lines=lines)

    async def sweep_files(self) -> None:
        """Erase files that have no row: whoever gave one may have withdrawn, and no list names it.

        Raises:
            OSError: The disk refuses.
            SQLAlchemyError: The database is away.
        """
        if await asyncio.to_thread(self._journals.count_waiting):
            return  # A row may wait there.
        # Read after the files' age is known: what has its row by then is not meant.
        before = time.time() - _NOBODYS_AFTER_S
        table = schema.elements
        async with self._database.engine.connect() as connection:
            named = set(await connection.scalars(select(table.c.file).where(table.c.file.is_not(None))))
        swept = await asyncio.to_thread(self._files.sweep, named, before)
        if swept:
            log.warning("files_without_a_row_erased", count=swept)

    async def scrub(self) -> bool:
        """Clear what SQLite still has of erased rows outside of them; holds no writer up for long.

        FTS5 keeps a deleted row's words until the parts of its index are merged, and the write-ahead log
        keeps pages as they were. PostgreSQL clears both by itself, and sooner when it is asked.

        Returns:
            Whether all of it is done; otherwise readers were in the way: try again later.
        """
        if self._database.dialect == "postgresql":
            return await self._vacuum()
        await self._database.transact(_begin_to_merge)
        while await self._database.transact(_merge_more):
            pass
        while await self._database.transact(_take_free_pages):
            pass
        while await self._database.transact(_give_back_zeros):
            pass
        path = sqlite_path(self._database.url)
        for _ in range(_TRIES):
            if path is None or await asyncio.to_thread(_empty_log, path):
                return True
            await asyncio.sleep(_AGAIN_S)
        return False

    async def _vacuum(self) -> bool:
        names = ["threads", "prompts", "search_index", *(table.name for table in erasure.TABLES)]
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            try:
                await connection.exec_driver_sql(f"VACUUM {', '.join(names)}")
            except DBAPIError as error:
                # Another account owns the tables, say: its own autovacuum comes round.
                log.warning("erased_rows_not_vacuumed", error_type=type(error.orig).__name__)
        return True

    def _remove(self, paths: list[str]) -> None:
        for name in paths:
            if name.startswith(_OF_FILES):
                self._files.remove(name.removeprefix(_OF_FILES))
                continue
            for path in sorted(self._data_dir.glob(name)):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _begin_to_merge(connection: Connection) -> bool:
    """All parts of the search index are to become one: a number below zero says so."""
    return _merge(connection, -_PAGES)


def _merge_more(connection: Connection) -> bool:
    """Go on.

    Returns:
        Whether there is more to do.
    """
    return _merge(connection, _PAGES)


def _merge(connection: Connection, pages: int) -> bool:
    changes = "SELECT total_changes()"
    before = connection.exec_driver_sql(changes).scalar_one()
    statement = "INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)"
    with erasure.overwriting(connection):
        connection.exec_driver_sql(statement, (pages,))
    return bool(connection.exec_driver_sql(changes).scalar_one() - before >= _NOTHING)


def _take_free_pages(connection: Connection) -> bool:
    """Take pages that are free: words lie in them since the search merged its parts, before anybody withdrew.

    Returns:
        Whether there are more.
    """
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS free_pages (zeros BLOB)")
    free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    if free:
        zeros = (min(free, _FREE_PAGES) * size,)
        connection.exec_driver_sql("INSERT INTO free_pages VALUES (zeroblob(?))", zeros)
    return bool(free > _FREE_PAGES)


def _give_back_zeros(connection: Connection) -> bool:
    """Let go of what was taken, overwritten from end to end.

    Returns:
        Whether there is more.
    """
    with erasure.overwriting(connection):
        oldest = "SELECT rowid FROM free_pages ORDER BY rowid LIMIT 1"
        if connection.exec_driver_sql(f"DELETE FROM free_pages WHERE rowid IN ({oldest})").rowcount:  # noqa: S608
            return True
        connection.exec_driver_sql("DROP TABLE free_pages")
    return False


def _empty_log(path: Path) -> bool:
    """Copy the write-ahead log into the file, and cut it off."""
    connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    except sqlite3.OperationalError:
        return False  # Somebody writes.
    finally:
        connection.close()
