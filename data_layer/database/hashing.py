"""Argon2id hashes of passwords, made and compared in a thread."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from study.codes import make_code
from study.errors import AccountError
from study.text import storable

# 80 bits: more than anybody guesses, at the door or with the hash in hand.
_PASSWORD_GROUPS: Final = 4
# Each takes 64 MiB (RFC 9106's second recommended option, argon2-cffi's default) and all its cores.
_AT_ONCE: Final = 2


def chosen_or_made(password: str | None, shortest: int) -> str:
    """The password of an account.

    Args:
        password: As it was chosen; one is made when None.
        shortest: How many characters it has at least.

    Raises:
        AccountError: It is too short.
    """
    if password is None:
        return make_code(_PASSWORD_GROUPS)
    if len(password) < shortest:
        raise AccountError(
            f"The password has {len(password)} characters. Give {shortest} or more, or leave it out "
            "and a good one is made."
        )
    return password


class Hashing:
    """Makes and compares hashes, a few at a time.

    Args:
        hasher: With its cost.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    async def of(self, password: str) -> str:
        """The hash of a password."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, storable(password))

    async def matches(self, digest: str | None, password: str) -> bool:
        """Whether a hash is a password's.

        Args:
            digest: None for a name that nobody has: it takes as long as a wrong password.
            password: As typed.
        """
        if self._nobodys is None:
            self._nobodys = await self.of("nobody's password")
        async with self._room:
            right = await asyncio.to_thread(self._matches, digest or self._nobodys, storable(password))
        return right and digest is not None

    def is_outdated(self, digest: str) -> bool:
        """Whether a hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(digest)

    def _matches(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, password)
        except (Argon2Error, InvalidHashError):
            return False
