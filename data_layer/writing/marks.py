"""Which batches are in the database: what tells a commit whose answer was lost from one that never was.

A connection may be cut between COMMIT and its answer, a disk may fail behind it. Each batch therefore leaves
a mark in its own transaction: a process's row in `processes` bears the number of the last batch that went in.
What was tried and has no answer waits under its number, in the journal or in memory; the mark then says
whether it is in.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, inspect
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.order import utc_now
from data_layer.database.types import iso

# A journal is replayed at return or at the next start. This long a folder may lie about, or a backup be
# under way, before what it holds could go in twice; a row is some fifty bytes.
KEPT_FOR: Final = timedelta(days=90)

# Reading takes the row's lock as well, by writing it: a transaction that may still commit somewhere holds it,
# and is waited for.
_PUT: Final = {
    "sqlite": "INSERT INTO processes (process_id, last_batch, beat_at) VALUES (?, ?, ?) "
    "ON CONFLICT (process_id) DO UPDATE SET last_batch = excluded.last_batch, beat_at = excluded.beat_at",
    # The server's clock, which all machines that write to it have in common.
    "postgresql": "INSERT INTO processes (process_id, last_batch, beat_at) "
    "VALUES ($1, $2, clock_timestamp()) ON CONFLICT (process_id) "
    "DO UPDATE SET last_batch = excluded.last_batch, beat_at = excluded.beat_at",
}
_READ: Final = {
    "sqlite": "INSERT INTO processes (process_id, last_batch, beat_at) VALUES (?, 0, ?) "
    "ON CONFLICT (process_id) DO UPDATE SET beat_at = excluded.beat_at RETURNING last_batch",
    "postgresql": "INSERT INTO processes (process_id, last_batch, beat_at) VALUES ($1, 0, clock_timestamp()) "
    "ON CONFLICT (process_id) DO UPDATE SET beat_at = excluded.beat_at RETURNING last_batch",
}


@dataclass(slots=True)
class Attempt:
    """One try to commit a batch.

    Args:
        process_id: Whose.
        number: Greater with each try of a process.
        marked: Its transaction bears the mark.
        asked: The database was asked to commit it: without an answer nobody knows whether it did.
        went_in: What the mark said, once somebody looked.
    """

    process_id: str
    number: int
    marked: bool = False
    asked: bool = False
    went_in: bool | None = None


class ProcessMarks:
    """The marks of one process.

    Args:
        process_id: Its; a new one when None.
    """

    def __init__(self, process_id: str | None = None) -> None:
        self.process_id = process_id or str(uuid.uuid4())
        self._number = 0
        self._are_kept: bool | None = None
        self._swept = False

    def next(self) -> Attempt:
        """A new try. A number is never given twice, for the same batch neither."""
        self._number += 1
        return Attempt(self.process_id, self._number)

    def put(self, connection: Connection, attempt: Attempt) -> None:
        """Mark a try, in its transaction; with the first, forget what is long gone."""
        if self._are_kept is None:
            # A backup is made, and noted, before an update makes the table.
            self._are_kept = inspect(connection).has_table(schema.processes.name)
        if not self._are_kept:
            return
        name = connection.dialect.name
        connection.exec_driver_sql(_PUT[name], (attempt.process_id, attempt.number, *_moment(name)))
        attempt.marked = True
        if not self._swept:
            # Not before: a replay asks all of them.
            _sweep(connection, utc_now())
            self._swept = True


def last_batch(connection: Connection, process_id: str) -> int:
    """The number of a process's last batch that went in; 0 when none did.

    It waits for a transaction of the process's that is still under way. After it none can commit any more
    whose answer was lost: it had written the row before it was asked to.
    """
    name = connection.dialect.name
    found: int = connection.exec_driver_sql(_READ[name], (process_id, *_moment(name))).scalar_one()
    return found


def beat(connection: Connection, process_id: str) -> None:
    """Show that a process lives, though it writes nothing."""
    last_batch(connection, process_id)


def went_in(connection: Connection, attempt: Attempt) -> bool:
    """Whether a try went in.

    The answer stays what it was: later tries of the process write the same row.
    """
    if attempt.went_in is None:
        attempt.went_in = last_batch(connection, attempt.process_id) >= attempt.number
    return attempt.went_in


def _sweep(connection: Connection, now: datetime) -> None:
    """Forget the marks of processes and of journal entries that are long gone."""
    for column in (schema.processes.c.beat_at, schema.journal_applied.c.applied_at):
        connection.execute(delete(column.table).where(column < now - KEPT_FOR))


def _moment(dialect: str) -> tuple[str, ...]:
    return (iso(utc_now()),) if dialect == "sqlite" else ()
