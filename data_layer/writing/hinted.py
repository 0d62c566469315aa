"""What other processes are told of a batch, when it is committed."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy.engine import Connection

from data_layer.database.hints import Hint, Hints
from data_layer.writing.batch import Unit
from data_layer.writing.people_writes import Withdraw
from data_layer.writing.writes import InsertRow, PatchRow, Write


def tell(hints: Hints, connection: Connection, units: Sequence[Unit]) -> None:
    """Send the hints of a batch with its transaction.

    Threads that read otherwise are told after it (Hints.threads_changed): nearly every batch has some, and a
    commit with a hint waits for all others of the server.

    Args:
        hints: Sends them.
        connection: In the transaction.
        units: What was written.
    """
    told: dict[Hint, set[str]] = {}
    for unit in units:
        for write in unit.writes:
            for hint, one in _hints_of(write):
                told.setdefault(hint, set()).update(one)
    for hint, ids in told.items():
        hints.put(connection, hint, ids)


def _hints_of(write: Write) -> Iterator[tuple[Hint, Collection[str]]]:
    match write:
        case Withdraw():
            yield Hint.WITHDRAWN, [write.participant_id]
        case InsertRow(table="study_controls"):
            yield Hint.STUDY_STATE, ()
        case PatchRow(table="sign_ins") if "ended_at" in write.changes:
            yield Hint.SIGNED_OUT, ()
        case _:
            return
