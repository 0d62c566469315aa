"""Reading a database as it stood at one moment, however long the reading takes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Select

from data_layer.engine import sqlite_path

Rows = Sequence[Sequence[Any]]


class Cursor(ABC):
    """The rows of one select, a few at a time."""

    @abstractmethod
    def fetch(self, count: int) -> Rows:
        """The next rows: at most `count`, none at the end."""


class Snapshot(ABC):
    """A database as it stood at one moment.

    Args:
        taken_at: When; what was committed later is not in it.
        dialect: Which of the two databases it is.
    """

    taken_at: datetime
    dialect: Literal["sqlite", "postgresql"]

    @abstractmethod
    def open(self, statement: Select[Any]) -> Cursor:
        """Run a select."""

    def all(self, statement: Select[Any]) -> Rows:
        """All rows of a select that has few."""
        cursor, rows = self.open(statement), []
        while more := cursor.fetch(1000):
            rows += list(more)
        return rows

    def number(self, statement: Select[Any]) -> int:
        """The one number that a select gives."""
        return int(self.all(statement)[0][0])


@contextmanager
def take_snapshot(url: str) -> Iterator[Snapshot]:
    """Hold a database still for reading; those who write go on.

    Args:
        url: The database's address.

    Yields:
        The snapshot. While it is held, SQLite's log grows and PostgreSQL keeps old rows.

    Raises:
        DatabaseError: It is not there, cannot be opened, or has no tables.
    """
    path = sqlite_path(url) if url.startswith("sqlite") else None
    if path is not None:
        from exports.snapshot_sqlite import sqlite_snapshot

        with sqlite_snapshot(path) as snapshot:
            yield snapshot
    else:
        from exports.snapshot_postgresql import postgresql_snapshot

        with postgresql_snapshot(url) as snapshot:
            yield snapshot


def moment() -> datetime:
    """Now, to the millisecond."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def unreadable(error: Exception) -> str:
    """What a person is told when a database cannot be read, with the repair."""
    cause = getattr(error, "orig", None) or error
    reason = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
    repair = "Check that the address is right and that the database is running."
    if "no such table" in reason or "does not exist" in reason:
        repair = "Start the app once, or run: python cli.py migrate"
    return f"The database cannot be read: {reason}. {repair}"
