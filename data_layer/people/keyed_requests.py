"""Requests under a key that make no row of their own: each is done once, by whichever process, for a day.

Who is to do it writes so first, and then that it is done. In between others are told that it is under way;
of a process that was killed another takes it over, for nobody knows how far it came.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Table, delete, select, update
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.processes import Processes
from data_layer.writing.statements import of_dialect
from data_layer.writing.store import Store
from data_layer.writing.withdrawn import load_withdrawn, take_turn

_table: Final[Table] = schema.keyed_requests
# How long one is known, and how many of a participant's at most: the newest.
LASTS: Final = timedelta(days=1)
MOST: Final = 1_000
# A process of another machine whose lock cannot be seen: it does nothing for so long.
GIVEN_UP: Final = timedelta(minutes=10)
_SWEPT_EACH: Final = timedelta(hours=1)

Claimed = Literal["mine", "done", "under_way", "other"]


@dataclass(frozen=True)
class KeyedClaim:
    """What became of asking for something under a key.

    Args:
        what: mine: it is to be done now. done: it was. under_way: somebody does it. other: under this key
            something else was asked for.
        claim_id: What the doer of it says when it is done.
        status: As it was answered, when it is done.
        answer: What was told of it then.
    """

    what: Claimed
    claim_id: str = ""
    status: int = 200
    answer: Row | None = None


class KeyedRequests:
    """Knows what was asked for.

    Args:
        store: Read from, and written through.
        processes: Tells which others live.
    """

    def __init__(self, store: Store, processes: Processes) -> None:
        self._store = store
        self._processes = processes
        self._swept = store.clock() - _SWEPT_EACH

    async def claim(self, request_id: str, participant_id: str, digest: str) -> KeyedClaim:
        """Ask to do something; the caller sees to it that this process asks for each one at a time.

        Args:
            request_id: Made of whose it is, where it goes and its key.
            participant_id: Whose.
            digest: Of what is asked.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        now = self._store.clock()
        row = {
            "request_id": request_id,
            "participant_id": participant_id,
            "digest": digest,
            "claim_id": str(uuid.uuid4()),
            "process_id": self._processes.own_id,
            "asked_at": now,
        }
        sweeps = now - self._swept >= _SWEPT_EACH
        found = await self._store.database.transact(partial(_claim, row, self._is_gone, sweeps))
        if sweeps:
            self._swept = now
        return found

    async def done(self, request_id: str, claim_id: str, status: int, answer: Row | None) -> None:
        """Say that it is done.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        how = {"status": status, "answer": answer}
        here = _table.c.request_id == request_id, _table.c.claim_id == claim_id
        await self._store.database.transact(
            lambda connection: connection.execute(update(_table).where(*here).values(how))
        )

    async def let_go(self, request_id: str, claim_id: str) -> None:
        """Say that it came to nothing: it may be asked for again, or something else under its key.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        here = _table.c.request_id == request_id, _table.c.claim_id == claim_id
        await self._store.database.transact(
            lambda connection: connection.execute(delete(_table).where(*here))
        )

    def _is_gone(self, row: Row) -> bool:
        """Whether who began it will not end it. This process asks for one thing once at a time."""
        lives = self._processes.lives(row["process_id"])
        if lives is None or row["process_id"] == self._processes.own_id:
            return lives is not None or self._store.clock() - row["asked_at"] > GIVEN_UP
        return not lives


def _claim(row: Row, is_gone: Callable[[Row], bool], sweeps: bool, connection: Connection) -> KeyedClaim:
    take_turn(connection, withdraws=False)
    mine = KeyedClaim("mine", row["claim_id"])
    if row["participant_id"] in load_withdrawn(connection).participants:
        return mine  # Nothing of theirs is kept, and nothing that they ask for is done.
    _make_room(connection, row, sweeps)
    here = _table.c.request_id == row["request_id"]
    # Another process that has just asked for it too is waited for.
    if connection.execute(of_dialect(connection.dialect).insert(_table.name, frozenset(row)), row).rowcount:
        return mine
    found: Any = connection.execute(select(_table).where(here).with_for_update()).mappings().one()
    if found["digest"] != row["digest"]:
        return KeyedClaim("other")
    if found["status"] is not None:
        return KeyedClaim("done", status=found["status"], answer=found["answer"])
    if not is_gone(dict(found)):
        return KeyedClaim("under_way")
    taken = {name: row[name] for name in ("claim_id", "process_id", "asked_at")}
    connection.execute(update(_table).where(here).values(taken))
    return mine


def _make_room(connection: Connection, row: Row, sweeps: bool) -> None:
    old = _table.c.asked_at < row["asked_at"] - LASTS
    theirs = _table.c.participant_id == row["participant_id"]
    newest = select(_table.c.asked_at).where(theirs).order_by(_table.c.asked_at.desc())
    last = connection.scalar(newest.offset(MOST - 1).limit(1))
    if last is not None:
        connection.execute(delete(_table).where(theirs, _table.c.asked_at <= last))
    connection.execute(delete(_table).where(old if sweeps else theirs & old))
