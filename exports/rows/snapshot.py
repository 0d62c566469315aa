"""A database as it stood at one moment, and what its two kinds have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Select

from data_layer.database.faults import reason, repair

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

    def lend(self) -> str | None:
        """A name by which other connections see the same, as long as this is held; none of SQLite's."""
        return None

    def all(self, statement: Select[Any]) -> Rows:
        """All rows of a select that has few."""
        cursor, rows = self.open(statement), []
        while more := cursor.fetch(1000):
            rows += list(more)
        return rows

    def number(self, statement: Select[Any]) -> int:
        """The one number that a select gives."""
        return int(self.all(statement)[0][0])


def new_moment() -> datetime:
    """Now, to the millisecond."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def unreadable(error: Exception) -> str:
    """What a person is told when a database cannot be read, with the repair."""
    why = reason(error)
    known = repair(error) or "Check that the address is right and that the database is running."
    if "no such table" in why or ("relation" in why and "does not exist" in why):
        known = "Start the app once, or run: python cli.py migrate"
    return f"The database cannot be read: {why}. {known}"
