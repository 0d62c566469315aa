"""Who has withdrawn: what a batch asks before it writes anything, so that nobody's words come back.

A write may be called for before a withdrawal and reach the database after it: a reply that is still being
given, a page in another process, a journal that is replayed days later. Threads bear their own state
(fold_state.own_thread); rows that only name a thread or a participant are looked at here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.engine import Connection, Engine

from data_layer import schema
from data_layer.writes import InsertRow, Write
from study.vocabulary import ThreadState


@dataclass(frozen=True)
class Gone:
    """Participants who have withdrawn, and the threads that were theirs.

    Args:
        participants: Their pseudonyms.
        threads: Ids of the empty rows that stay.
    """

    participants: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()

    def any_of(self, writes: Sequence[Write]) -> bool:
        """Whether a row of theirs is among new rows: then the others of its unit are theirs as well.

        A changed row needs no look: it is not there any more.
        """
        return bool(self.participants) and any(
            write.row.get("participant_id") in self.participants or write.row.get("thread_id") in self.threads
            for write in writes
            if isinstance(write, InsertRow)
        )

    def and_of(self, participant_id: str, threads: frozenset[str]) -> "Gone":
        """These and one more."""
        return Gone(self.participants | {participant_id}, self.threads | threads)


NOBODY: Final = Gone()

# From here to the end of a batch nobody else withdraws anybody, in whichever process. A write takes SQLite's
# one lock, also one that changes nothing; on PostgreSQL batches go on beside each other, and wait for a
# withdrawal only.
_TURN: Final = {
    ("sqlite", False): "UPDATE withdrawals SET study_id = study_id WHERE withdrawal_id = ''",
    ("sqlite", True): "UPDATE withdrawals SET study_id = study_id WHERE withdrawal_id = ''",
    ("postgresql", False): "SELECT pg_advisory_xact_lock_shared(7313)",
    ("postgresql", True): "SELECT pg_advisory_xact_lock(7313)",
}
# A withdrawal is never undone, so that the number of them tells whether there is one more.
_COUNT: Final = "SELECT count(*) FROM withdrawals"
_known: "WeakKeyDictionary[Engine, tuple[int, Gone]]" = WeakKeyDictionary()


def take_turn(connection: Connection, *, withdraws: bool) -> None:
    """Begin a batch.

    Args:
        connection: In the batch's transaction.
        withdraws: Whether somebody is withdrawn in it.
    """
    connection.exec_driver_sql(_TURN[connection.dialect.name, withdraws])


def known(connection: Connection) -> Gone:
    """Who has withdrawn so far; read anew when somebody has since, also by another process."""
    count: Any = connection.exec_driver_sql(_COUNT).scalar_one()
    before, gone = _known.get(connection.engine, (0, NOBODY))
    if count != before:
        gone = _read(connection)
        _known[connection.engine] = (count, gone)
    return gone


def _read(connection: Connection) -> Gone:
    threads, people = schema.threads, schema.withdrawals.c.participant_id
    participants = frozenset(connection.scalars(select(people)))
    theirs = select(threads.c.thread_id).where(threads.c.state == ThreadState.WITHDRAWN.value)
    return Gone(participants, frozenset(connection.scalars(theirs)))
