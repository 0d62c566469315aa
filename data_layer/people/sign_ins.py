"""Who is in: a row a sign-in, which the cookie names. What has ended here opens nothing any more."""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database import schema
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow

log = structlog.get_logger(__name__)

# Every request asks. What is known is asked for again after this: another process may have ended it.
LOOK_AGAIN: Final = timedelta(seconds=10)
KNOWN_MOST: Final = 10_000

# Built once: every page that comes back asks them.
_HAS_BEEN_IN: Final = (
    select(schema.sign_ins.c.sign_in_id)
    .where(schema.sign_ins.c.participant_id == bindparam("participant_id"))
    .limit(1)
)
_WITHDRAWN: Final = select(schema.withdrawals.c.withdrawal_id).where(
    schema.withdrawals.c.participant_id == bindparam("participant_id")
)
_ONE: Final = select(
    schema.sign_ins.c.participant_id, schema.sign_ins.c.expires_at, schema.sign_ins.c.ended_at
).where(schema.sign_ins.c.sign_in_id == bindparam("sign_in_id"))


@dataclass
class _Known:
    participant_id: str
    expires_at: datetime
    ended: bool
    looked_at: datetime


class SignIns:
    """Begins, knows and ends them.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[str, _Known] = OrderedDict()
        # Told of each that has ended, as soon as this process knows of it.
        self.listeners: list[Callable[[str], None]] = []
        # Another process has ended some: whoever looks each LOOK_AGAIN looks now.
        self.ended_elsewhere = asyncio.Event()

    async def begin(self, participant_id: str, mode: str, lasts: timedelta) -> str:
        """Let a browser in.

        Args:
            participant_id: As whom.
            mode: The study's way in.
            lasts: How long at most.

        Returns:
            The sign-in's id, for the cookie.
        """
        now = self._store.clock()
        sign_in_id = str(uuid.uuid4())
        row = {
            "sign_in_id": sign_in_id,
            "participant_id": participant_id,
            "mode": mode,
            "created_at": now,
            "expires_at": now + lasts,
        }
        await self._store.writer.submit(InsertRow("sign_ins", row))
        self._remember(sign_in_id, _Known(participant_id, now + lasts, False, now))
        return sign_in_id

    async def end(self, sign_in_id: str) -> None:
        """End one, for good; at once in this process."""
        self._end_known(sign_in_id)
        await self._store.writer.submit(
            PatchRow(
                "sign_ins",
                {"sign_in_id": sign_in_id},
                {"ended_at": self._store.clock()},
                while_null="ended_at",
            )
        )

    async def holds(self, sign_in_id: str, participant_id: str) -> bool:
        """Whether a sign-in is a participant's and goes on.

        While the database is away, those that are known go on: a conversation does not end with it.

        Raises:
            SQLAlchemyError: The database is away, and this process has never met the sign-in.
            OSError: Likewise.
        """
        now = self._store.clock()
        known = self._known.get(sign_in_id)
        if known is None:
            known = await self._look(sign_in_id, now)
            if known is None:
                return False
            self._remember(sign_in_id, known)
        elif not known.ended and now - known.looked_at >= LOOK_AGAIN:
            # Set first: of many requests at once, one asks.
            known.looked_at = now
            if await self._has_ended(sign_in_id, now):
                self._end_known(sign_in_id)
        self._known.move_to_end(sign_in_id)
        return not known.ended and now < known.expires_at and known.participant_id == participant_id

    async def has_been_in(self, participant_id: str) -> bool:
        """Whether somebody has ever come in.

        Raises:
            SQLAlchemyError: The database is away.
        """
        asked = {"participant_id": participant_id}
        found = await self._store.database.read(lambda connection: connection.scalar(_HAS_BEEN_IN, asked))
        return found is not None

    async def ended_since(self, moment: datetime) -> list[str]:
        """Those that have ended since then, by whichever process; this one knows of them from now on.

        Those of who has withdrawn are not in the database any more: of them it names those that it knew.

        Raises:
            SQLAlchemyError: The database is away.
        """
        table = schema.sign_ins
        async with self._store.database.engine.connect() as connection:
            query = select(table.c.sign_in_id).where(table.c.ended_at >= moment)
            ended = list(await connection.scalars(query))
            gone = select(schema.withdrawals.c.participant_id).where(
                schema.withdrawals.c.withdrawn_at >= moment
            )
            withdrawn = set(await connection.scalars(gone))
        ended += [one for one, known in self._known.items() if known.participant_id in withdrawn]
        for sign_in_id in ended:
            self._end_known(sign_in_id)
        return ended

    def withdrawn(self, participant_id: str) -> None:
        """A participant's sign-ins are erased: at once in this process; others ask within LOOK_AGAIN."""
        for sign_in_id, known in tuple(self._known.items()):
            if known.participant_id == participant_id:
                self._end_known(sign_in_id)

    def _end_known(self, sign_in_id: str) -> None:
        if sign_in_id in self._known:
            self._known[sign_in_id].ended = True
        for tell in self.listeners:
            tell(sign_in_id)

    async def _has_ended(self, sign_in_id: str, now: datetime) -> bool:
        try:
            found = await self._look(sign_in_id, now)
            if found is None and await self._has_withdrawn(self._known[sign_in_id].participant_id):
                return True
        except (SQLAlchemyError, OSError) as error:
            log.warning("sign_in_not_looked_up", error_type=type(error).__name__)
            return False
        # Its row may still wait in the journal.
        return found is not None and found.ended

    async def _has_withdrawn(self, participant_id: str) -> bool:
        asked = {"participant_id": participant_id}
        found = await self._store.database.read(lambda connection: connection.scalar(_WITHDRAWN, asked))
        return found is not None

    async def _look(self, sign_in_id: str, now: datetime) -> _Known | None:
        asked = {"sign_in_id": sign_in_id}
        found = await self._store.database.read(lambda connection: connection.execute(_ONE, asked).first())
        return _Known(found[0], found[1], found[2] is not None, now) if found else None

    def _remember(self, sign_in_id: str, known: _Known) -> None:
        self._known[sign_in_id] = known
        while len(self._known) > KNOWN_MOST:
            self._known.popitem(last=False)
