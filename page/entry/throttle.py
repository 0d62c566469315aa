"""How often one address and one name may try to come in.

An address may be a whole school behind one router, so it is given much; a name is one person, and a
guessed code or password is tried often or not at all.
"""

import ipaddress
import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from page.entry.refusals import EntryRefused

ATTEMPTS_A_NAME: Final = 10
GUESSES_A_NAME: Final = 5


class Throttle:
    """Counts attempts of the last minute, in this process.

    Args:
        per_address: How many attempts one address has in a minute.
    """

    def __init__(self, per_address: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._address = RateLimitItemPerMinute(per_address, namespace="address")
        self._name = RateLimitItemPerMinute(ATTEMPTS_A_NAME, namespace="name")
        self._guess = RateLimitItemPerMinute(GUESSES_A_NAME, namespace="guess")

    def by_address(self, request: Request) -> None:
        """Count an attempt of an address.

        Raises:
            EntryRefused: It had too many.
        """
        self._count(self._address, _address_of(request))

    def by_name(self, key: str) -> None:
        """Count an attempt under a name, by who has not shown that it is theirs.

        Raises:
            EntryRefused: There were too many.
        """
        self._count(self._name, key)

    def guess(self, key: str) -> None:
        """Count a code or password, before it is compared: many at once are as many as one by one.

        Raises:
            EntryRefused: There were too many.
        """
        self._count(self._guess, key, wants_code=True)

    def guessed_right(self, key: str) -> None:
        """Forget the guesses: who knows it does not guess."""
        self._limiter.clear(self._guess, key)

    def _count(self, item: RateLimitItem, key: str, *, wants_code: bool = False) -> None:
        if self._limiter.hit(item, key):
            return
        again = self._limiter.get_window_stats(item, key).reset_time - time.time()
        seconds = min(max(math.ceil(again), 1), 60)
        raise EntryRefused(
            429,
            "entry.too_many",
            wants_code=wants_code,
            retry_after_s=seconds,
            values={"seconds": seconds},
        )


def _address_of(request: Request) -> str:
    """Who asks. uvicorn has put the visitor's address here if a proxy that it trusts named it.

    A home or a machine in IPv6 has 2^64 addresses and counts as one.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return host
