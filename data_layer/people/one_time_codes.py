"""The second step of a sign-in, for researchers who want one: a code from an app on their phone."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from data_layer import schema, totp
from data_layer.engine import Database
from data_layer.order import Clock
from data_layer.writer import Writer
from data_layer.writes import PatchRow, Row, TakeCode
from study.errors import DatabaseError

# Between the password and the code.
TICKET_LASTS: Final = timedelta(minutes=5)


class OneTimeCodes:
    """Turns codes on and off, and takes them.

    Args:
        database: Where the secrets are.
        writer: Told of changes.
        clock: The time.
    """

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def begin(self, researcher_id: str) -> None:
        """Make a secret, and another one when asked again, until the first right code of one was given."""
        changes = {"totp_secret": totp.new_secret(), "totp_last": None}
        await self._sure(PatchRow("researchers", {"researcher_id": researcher_id}, changes, "totp_since"))

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
        await self._sure(PatchRow("researchers", key, {"totp_since": self._clock()}, "totp_since"))
        return True

    async def turn_off(self, researcher_id: str) -> None:
        """The password alone opens the account again."""
        changes = {"totp_secret": None, "totp_since": None, "totp_last": None}
        await self._sure(PatchRow("researchers", {"researcher_id": researcher_id}, changes))

    async def ticket(self, researcher_id: str) -> str:
        """What says, for five minutes, that somebody has given their password; it opens nothing.

        It is signed with what only the database holds, and worth nothing once the password changes.
        """
        until = int((self._clock() + TICKET_LASTS).timestamp())
        row = await self._row(researcher_id)
        if row is None:
            raise DatabaseError("There is no such researcher any more.")
        said = f"{researcher_id}.{until}"
        return f"{said}.{_sign(row, said)}"

    async def of_ticket(self, ticket: str) -> str | None:
        """Whose ticket it is; None when it is forged, too old, or of an earlier password."""
        researcher_id, _, rest = ticket.partition(".")
        until, _, signature = rest.partition(".")
        row = await self._row(researcher_id)
        if row is None or row["disabled_at"] is not None or row["totp_since"] is None:
            return None
        right = hmac.compare_digest(_sign(row, f"{researcher_id}.{until}").encode(), signature.encode())
        if not right or self._clock() >= datetime.fromtimestamp(int(until), self._clock().tzinfo):
            return None
        return researcher_id

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
        step = totp.step_of_code(secret, typed, self._clock()) if secret else None
        if step is None:
            return False
        outcome = await self._writer.submit(TakeCode(researcher_id, step))
        if outcome.journaled:
            raise DatabaseError(_AWAY)
        return not outcome.refused

    async def _row(self, researcher_id: str) -> Row | None:
        table = schema.researchers
        async with self._database.engine.connect() as connection:
            found = await connection.execute(select(table).where(table.c.researcher_id == researcher_id))
            row = found.mappings().first()
        return dict(row) if row else None

    async def _sure(self, write: PatchRow) -> None:
        outcome = await self._writer.submit(write)
        if outcome.refused or outcome.journaled:
            raise DatabaseError(_AWAY)


_AWAY: Final = "The database does not answer. See that it runs, then try again."


def _sign(row: Row, said: str) -> str:
    key = hashlib.sha256(f"{row['password_hash']} {row['totp_secret']}".encode()).digest()
    return hmac.new(key, f"sign-in ticket {said}".encode(), hashlib.sha256).hexdigest()
