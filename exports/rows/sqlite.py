"""A snapshot of SQLite: one read transaction on a connection that cannot write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Select
from sqlalchemy.engine import make_url

from exports.columns.sql import compile_for
from exports.rows.snapshot import Cursor, Rows, Snapshot, new_moment, unreadable
from study.errors import DatabaseError


class _SqliteCursor(Cursor):
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def fetch(self, count: int) -> Rows:
        return self._cursor.fetchmany(count)


class SqliteSnapshot(Snapshot):
    """What a connection sees in one transaction.

    Args:
        connection: In autocommit mode, so that transactions are begun here and nowhere else.
    """

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._dialect = make_url("sqlite://").get_dialect()()
        self.taken_at = new_moment()
        # The snapshot is taken by the first read after BEGIN, not by BEGIN.
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def open(self, statement: Select[Any]) -> Cursor:
        """Run a select."""
        text, parameters = compile_for(self._dialect, statement)
        return _SqliteCursor(self.connection.execute(text, parameters))


@contextmanager
def sqlite_snapshot(path: Path) -> Iterator[SqliteSnapshot]:
    """Hold a SQLite file still.

    Raises:
        DatabaseError: It is not there, or not a database of ours.
    """
    if not path.is_file():
        raise DatabaseError(
            f"There is no database {path}. Name the right one in VERBATIM_DATABASE_URL, or write it like: "
            "--database sqlite+aiosqlite:///data/verbatim.db"
        )
    try:
        # Read only: an export may never change what it exports.
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise DatabaseError(unreadable(error)) from error
    try:
        yield SqliteSnapshot(connection)
    except sqlite3.Error as error:
        raise DatabaseError(unreadable(error)) from error
    finally:
        connection.close()
