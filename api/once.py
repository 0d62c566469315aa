"""Requests that are sent again under one Idempotency-Key: done once, and answered alike.

What makes a row has its id from its key (api/turns.py, `made_id`), and what makes none is known by the
database (data_layer/people/keyed_requests.py): both hold after a restart, and for other processes. Here is
remembered, in this process, what was answered: two at once are one, and a key that comes with another request
is refused.
"""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from api.problem import ApiProblem

# Answers that are remembered, and how long one of them may be: some 64 MB at the very most.
_MOST: Final = 1_000
LONGEST: Final = 65_536


@dataclass
class AskedOnce:
    """A request under a key, and what was answered to it.

    Args:
        digest: Of its body.
        answer: Status, headers and body; None while it is under way, or too long to be remembered.
    """

    digest: bytes
    answer: tuple[int, list[tuple[bytes, bytes]], bytes] | None = None


class Onces:
    """What was asked under which key, the newest."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, AskedOnce] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def lock(self, name: str) -> asyncio.Lock:
        """One request of a name at a time."""
        return self._locks.setdefault(name, asyncio.Lock())

    def asked(self, name: str, body: bytes) -> AskedOnce:
        """What was asked under a key; from now on it is this.

        Raises:
            ApiProblem: It was asked with another body.
        """
        digest = hashlib.sha256(body).digest()
        found = self._asked.setdefault(name, AskedOnce(digest))
        self._asked.move_to_end(name)
        while len(self._asked) > _MOST:
            self._asked.popitem(last=False)
        if found.digest != digest:
            raise key_used()
        return found

    def forget(self, name: str) -> None:
        """What was asked came to nothing: it may be mended, and sent under its key again."""
        self._asked.pop(name, None)


def key_used() -> ApiProblem:
    """That a key has come with another request before."""
    return ApiProblem(
        422,
        "key_used",
        "This Idempotency-Key was used for another request. Take a new one.",
        field="header.idempotency-key",
    )
