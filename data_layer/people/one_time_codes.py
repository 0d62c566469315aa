"""The second step of a sign-in, for researchers who want one: a code from an app on their phone."""

import hashlib
from datetime import timedelta
from typing import Final

from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.order import Clock
from data_layer.database.rows import Row
from data_layer.people import totp
from data_layer.writing.people_writes import TakeCode
from data_layer.writing.store import KEPT_FOR_LATER, Store
from data_layer.writing.writes import PatchRow
from study.errors import DatabaseError

# Between the password and the code.
TICKET_LASTS: Final = timedelta(minutes=5)
_OLDEST_S: Final = int(TICKET_LASTS.total_seconds()) - 1  # in whole seconds, as a ticket counts them


class OneTimeCodes:
    """Turns codes on and off, and takes them.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, researcher_id: str) -> None:
        """Make a secret, and another one when asked again, until the first right code of one was given."""
        changes = {"totp_secret": totp.new_secret(), "totp_last": None}
        await self._store.commit(
            PatchRow("researchers", {"researcher_id": researcher_id}, changes, "totp_since")
        )

    async def waiting_secret(self, researcher_id: str) -> str | None:
        """The secret whose first code has not been given yet: nobody is shown it after that."""
        row = await self._row(researcher_id)
        return row["totp_secret"] if row and row["totp_since"] is None else None

    async def confirm(self, researcher_id: str, typed: str) -> bool:
        """Turn codes on by the first right one.

        Returns:
            Whether it was right.
        """
        if await self.waiting_secret(researcher_id) is None or not await self._take(researcher_id, typed):
            return False
        key = {"researcher_id": researcher_id}
        await self._store.commit(
            PatchRow("researchers", key, {"totp_since": self._store.clock()}, "totp_since")
        )
        return True

    async def turn_off(self, researcher_id: str) -> None:
        """The password alone opens the account again."""
        changes = {"totp_secret": None, "totp_since": None, "totp_last": None}
        await self._store.commit(PatchRow("researchers", {"researcher_id": researcher_id}, changes))

    async def ticket(self, researcher_id: str) -> str:
        """What says, for five minutes, that somebody has given their password; it opens nothing.

        It is signed with what only the database holds, and worth nothing once the password changes.
        """
        row = await self._row(researcher_id)
        if row is None:
            raise DatabaseError("There is no such researcher any more.")
        return _TicketSigner(row, self._store.clock).sign(researcher_id).decode()

    async def of_ticket(self, ticket: str) -> str | None:
        """Whose ticket it is; None when it is forged, too old, or of an earlier password."""
        row = await self._row(ticket.partition(".")[0])
        if row is None or row["disabled_at"] is not None or row["totp_since"] is None:
            return None
        try:
            _TicketSigner(row, self._store.clock).unsign(ticket, max_age=_OLDEST_S)
        except BadSignature:
            return None
        return str(row["researcher_id"])

    async def take(self, researcher_id: str, typed: str) -> bool:
        """Take a code at a sign-in.

        Returns:
            Whether it was right, and not taken before.
        """
        row = await self._row(researcher_id)
        return row is not None and row["totp_since"] is not None and await self._take(researcher_id, typed)

    async def _take(self, researcher_id: str, typed: str) -> bool:
        row = await self._row(researcher_id)
        secret = row["totp_secret"] if row else None
        step = totp.step_of_code(secret, typed, self._store.clock()) if secret else None
        if step is None:
            return False
        outcome = await self._store.writer.submit(TakeCode(researcher_id, step))
        if outcome.journaled:
            raise DatabaseError(KEPT_FOR_LATER)
        return not outcome.refused

    async def _row(self, researcher_id: str) -> Row | None:
        table = schema.researchers
        return await self._store.first(select(table).where(table.c.researcher_id == researcher_id))


class _TicketSigner(TimestampSigner):
    """Signs with what only the database holds of a researcher, at the time of our own clock."""

    def __init__(self, row: Row, clock: Clock) -> None:
        key = f"{row['password_hash']} {row['totp_secret']}"
        super().__init__(key, salt="sign-in ticket", key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        """Whole seconds since 1970."""
        return int(self._clock().timestamp())
