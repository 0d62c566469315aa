"""Passwords of accounts: Argon2id hashes, made and compared in a thread."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select

from data_layer import schema
from data_layer.engine import Database
from data_layer.order import Clock
from data_layer.text import storable
from data_layer.writer import Writer
from data_layer.writes import InsertRow, PatchRow

# Each takes 64 MiB (RFC 9106's second recommended option, argon2-cffi's default) and all its cores.
_AT_ONCE: Final = 2


class Passwords:
    """The passwords of a study's accounts.

    Args:
        database: Where the hashes are.
        writer: Told of new ones.
        clock: The time.
        hasher: With its cost.
    """

    def __init__(
        self, database: Database, writer: Writer, clock: Clock, hasher: PasswordHasher | None = None
    ) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    async def give(self, participant_id: str, password: str) -> None:
        """Give an account a password; whoever is in with an earlier one is out."""
        digest = await self._hash(password)
        moment = self._clock()
        row = {"participant_id": participant_id, "password_hash": digest, "created_at": moment}
        await self._writer.submit(
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
        if self._nobodys is None:
            self._nobodys = await self._hash("nobody's password")
        right = await self._compare(digest or self._nobodys, password)
        if not right or digest is None or participant_id is None:
            return False
        if self._hasher.check_needs_rehash(digest):
            again = await self._hash(password)
            self._writer.submit(
                PatchRow("passwords", {"participant_id": participant_id}, {"password_hash": again})
            )
        return True

    async def _hash_of(self, participant_id: str) -> str | None:
        table = schema.passwords
        query = select(table.c.password_hash).where(table.c.participant_id == participant_id)
        async with self._database.engine.connect() as connection:
            found: str | None = await connection.scalar(query)
        return found

    async def _hash(self, password: str) -> str:
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, storable(password))

    async def _compare(self, digest: str, password: str) -> bool:
        async with self._room:
            return await asyncio.to_thread(self._matches, digest, storable(password))

    def _matches(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except (Argon2Error, InvalidHashError):
            return False
