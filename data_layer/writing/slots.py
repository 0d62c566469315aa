"""Which of the slots a process has: its numbers differ from every other's by their remainder.

A slot is taken in one transaction, one process after another, and is free again when its holder is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.advisory_lock import AdvisoryLock
from data_layer.database.order import COMMANDS_SLOT
from data_layer.database.rows import Row
from data_layer.writing import marks
from study.errors import StartError

# A holder on another machine is gone when it has shown no sign of life for so long, by the server's clock.
_SILENT_FOR: Final = timedelta(seconds=90)
# From here to the end of the transaction nobody else takes a slot.
_ONE_BY_ONE: Final = text(f"SELECT pg_advisory_xact_lock({AdvisoryLock.SLOTS})")


@dataclass(frozen=True)
class SlotTaken:
    """What a process has.

    Args:
        slot: Its.
        others: Whether another process has one.
    """

    slot: int
    others: bool


def take_slot(
    connection: Connection, process_id: str, lives: Callable[[str], bool | None], about: Row
) -> SlotTaken:
    """Take the lowest slot that no living process has; one that it has already stays.

    Args:
        connection: In a transaction of its own.
        process_id: Whose.
        lives: Whether a process is alive; None where that cannot be seen from here.
        about: What its row says of the process besides.

    Raises:
        StartError: All are taken.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_BY_ONE)
    # Its row, and with it SQLite's one lock.
    marks.beat(connection, process_id)
    table = schema.processes
    taken, gone = _holders(connection, process_id, lives)
    if gone:
        connection.execute(update(table).where(table.c.process_id.in_(gone)).values(slot=None))
    own = connection.scalar(select(table.c.slot).where(table.c.process_id == process_id))
    free = [slot for slot in range(COMMANDS_SLOT) if slot not in taken]
    if own is None and not free:
        raise StartError(
            f"{COMMANDS_SLOT} processes of Verbatim write to this database already, and no more can. "
            "Stop one of them; one that was killed on another machine is forgotten after 90 seconds."
        )
    slot: int = free[0] if own is None else own
    connection.execute(update(table).where(table.c.process_id == process_id).values(slot=slot, **about))
    return SlotTaken(slot, bool(taken))


class SlotHolder(NamedTuple):
    """Who has a slot.

    Args:
        process_id: The process.
        started_at: When it began.
        is_beating: Whether the database has heard of it lately.
    """

    process_id: str
    started_at: datetime
    is_beating: bool


def holder_of(connection: Connection, slot: int) -> SlotHolder | None:
    """Who has a slot; None where nobody has it."""
    table = schema.processes
    query = select(table.c.process_id, table.c.started_at, table.c.beat_at).where(table.c.slot == slot)
    row = connection.execute(query).one_or_none()
    if row is None or row.started_at is None:
        return None
    is_elsewhere = connection.dialect.name == "postgresql"
    now = connection.scalar(select(func.clock_timestamp())) if is_elsewhere else None
    return SlotHolder(row.process_id, row.started_at, now is not None and now - row.beat_at < _SILENT_FOR)


def _holders(
    connection: Connection, process_id: str, lives: Callable[[str], bool | None]
) -> tuple[set[int], set[str]]:
    """The slots of the living, and who of those that have one is gone."""
    table = schema.processes
    query = select(table.c.process_id, table.c.slot, table.c.beat_at).where(
        table.c.slot.is_not(None), table.c.process_id != process_id
    )
    rows = connection.execute(query).all()
    taken, gone = set(), set()
    is_elsewhere = connection.dialect.name == "postgresql"
    now = connection.scalar(select(func.clock_timestamp())) if is_elsewhere and rows else None
    for holder, slot, beat_at in rows:
        alive = lives(holder)
        if alive is None and now is not None:
            alive = now - beat_at < _SILENT_FOR
        if alive:
            taken.add(slot)
        else:
            gone.add(holder)
    return taken, gone
