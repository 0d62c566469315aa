"""Passwords of participants' accounts."""

from argon2 import PasswordHasher
from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.hashing import Hashing
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow


class Passwords:
    """The passwords of a study's accounts.

    Args:
        store: Read from, and written through.
        hasher: With its cost.
    """

    def __init__(self, store: Store, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._hashing = Hashing(hasher)

    async def give(self, participant_id: str, password: str) -> None:
        """Give an account a password; whoever is in with an earlier one is out."""
        digest = await self._hashing.of(password)
        moment = self._store.clock()
        row = {"participant_id": participant_id, "password_hash": digest, "created_at": moment}
        await self._store.writer.submit(
            InsertRow("passwords", row),
            PatchRow("passwords", {"participant_id": participant_id}, {"password_hash": digest}),
            PatchRow(
                "sign_ins", {"participant_id": participant_id}, {"ended_at": moment}, while_null="ended_at"
            ),
        )

    async def is_right(self, participant_id: str | None, password: str) -> bool:
        """Whether a password is an account's.

        Args:
            participant_id: None for a name that nobody has: it takes as long as a wrong password.
            password: As typed.

        Raises:
            SQLAlchemyError: The database is away.
        """
        digest = await self._hash_of(participant_id or "")
        if not await self._hashing.matches(digest, password) or digest is None or participant_id is None:
            return False
        if self._hashing.is_outdated(digest):
            again = await self._hashing.of(password)
            self._store.writer.submit(
                PatchRow("passwords", {"participant_id": participant_id}, {"password_hash": again})
            )
        return True

    async def _hash_of(self, participant_id: str) -> str | None:
        table = schema.passwords
        query = select(table.c.password_hash).where(table.c.participant_id == participant_id)
        async with self._store.database.engine.connect() as connection:
            found: str | None = await connection.scalar(query)
        return found
