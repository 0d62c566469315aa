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

from data_layer.database import schema
from data_layer.database.advisory_lock import AdvisoryLock
from data_layer.writing.writes import InsertRow, Write
from study.vocabulary import ThreadState


@dataclass(frozen=True)
class WithdrawnParticipants:
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

    def and_of(self, participant_id: str, threads: frozenset[str]) -> "WithdrawnParticipants":
        """These and one more."""
        return WithdrawnParticipants(self.participants | {participant_id}, self.threads | threads)


NOBODY: Final = WithdrawnParticipants()

# A writer gives a batch up after 15 seconds (engine.PATIENCE_S). Where the network went without a word, the
# server would keep its locks for hours, and let no other batch of ours in. For this transaction alone.
_ABANDONED: Final = "set_config('idle_in_transaction_session_timeout', '20s', true)"
# From here to the end of a batch nobody else withdraws anybody, in whichever process. A write takes SQLite's
# one lock, also one that changes nothing; on PostgreSQL batches go on beside each other, and wait for a
# withdrawal only.
_TURN: Final = {
    ("sqlite", False): "UPDATE withdrawals SET study_id = study_id WHERE withdrawal_id = ''",
    ("sqlite", True): "UPDATE withdrawals SET study_id = study_id WHERE withdrawal_id = ''",
    ("postgresql", False): f"SELECT pg_advisory_xact_lock_shared({AdvisoryLock.WITHDRAWALS}), {_ABANDONED}",
    ("postgresql", True): f"SELECT pg_advisory_xact_lock({AdvisoryLock.WITHDRAWALS}), {_ABANDONED}",
}
# A withdrawal is never undone, so that the number of them tells whether there is one more.
_COUNT: Final = "SELECT count(*) FROM withdrawals"
_known: "WeakKeyDictionary[Engine, tuple[int, WithdrawnParticipants]]" = WeakKeyDictionary()


def take_turn(connection: Connection, *, withdraws: bool) -> None:
    """Begin a batch.

    Args:
        connection: In the batch's transaction.
        withdraws: Whether somebody is withdrawn in it.
    """
    connection.exec_driver_sql(_TURN[connection.dialect.name, withdraws])


def load_withdrawn(connection: Connection) -> WithdrawnParticipants:
    """Who has withdrawn so far; read anew when somebody has since, also by another process."""
    count: Any = connection.exec_driver_sql(_COUNT).scalar_one()
    before, gone = _known.get(connection.engine, (0, NOBODY))
    if count != before:
        gone = _read(connection)
        _known[connection.engine] = (count, gone)
    return gone


def _read(connection: Connection) -> WithdrawnParticipants:
    threads, people = schema.threads, schema.withdrawals.c.participant_id
    participants = frozenset(connection.scalars(select(people)))
    theirs = select(threads.c.thread_id).where(threads.c.state == ThreadState.WITHDRAWN.value)
    return WithdrawnParticipants(participants, frozenset(connection.scalars(theirs)))
