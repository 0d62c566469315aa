"""How often somebody may try something: attempts in moving windows, counted in this process.

Which limits there are, and what is said to whoever passes one, is the business of each door.
"""

import ipaddress
import math
import time
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.storage.memory import Entry
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

# How often those are forgotten who do not come again.
_SWEPT_EACH_S: Final = 60.0


@dataclass(frozen=True)
class SpentLimit:
    """What is left of a limit to somebody.

    Args:
        name: The limit's.
        limit: How many they have.
        window_s: In how many seconds.
        remaining: How many are left.
        reset_s: In how many seconds there are more.
        allowed: Whether the attempt that was counted may be made.
    """

    name: str
    limit: int
    window_s: int
    remaining: int
    reset_s: int
    allowed: bool


class WindowsInMemory(MemoryStorage):
    """Moving windows in memory. Who comes forgets what has passed; asked in one thread alone.

    The library's own starts a thread for that with each attempt, which costs a request two milliseconds.
    """

    STORAGE_SCHEME: list[str] = []  # noqa: RUF012  # the library's own; it is not made by an address

    def __init__(self) -> None:
        super().__init__()
        self.timer.cancel()
        self._swept = time.time()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count attempts, unless they are too many.

        Args:
            key: Whose.
            limit: How many they have.
            expiry: In how many seconds.
            amount: How many these are.

        Returns:
            Whether they count.
        """
        now = time.time()
        if now - self._swept > _SWEPT_EACH_S:
            self._swept = now
            for passed in [one for one, entries in self.events.items() if entries[0].expiry <= now]:
                self.clear(passed)
        entries = self.events.get(key, [])
        while entries and entries[-1].expiry <= now:
            entries.pop()
        if len(entries) + amount > limit:
            return False
        # The newest stands first, as the library reads them.
        self.events[key] = entries
        entries[:0] = [Entry(expiry) for _ in range(amount)]
        return True


class RateLimit:
    """Counts attempts."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(WindowsInMemory())

    def wait_s(self, *attempts: tuple[RateLimitItem, str]) -> int:
        """Count an attempt, before what was tried is looked at: many at once are as many as one by one.

        Args:
            attempts: Limits, each with whose attempt it is; it counts in all of them.

        Returns:
            How many seconds to wait; 0 when it may be made. It does not count in a limit that refuses it.
        """
        return max([self._wait_s(limit, key) for limit, key in attempts])

    def spend(self, limit: RateLimitItem, key: str) -> SpentLimit:
        """Count an attempt, and say what is left.

        Args:
            limit: Of which; its namespace is its name.
            key: Whose.
        """
        allowed = self._limiter.hit(limit, key)
        stands = self._limiter.get_window_stats(limit, key)
        window = limit.get_expiry()
        reset = min(max(math.ceil(stands.reset_time - time.time()), 1), window)
        return SpentLimit(limit.namespace, limit.amount, window, max(0, stands.remaining), reset, allowed)

    def forget(self, limit: RateLimitItem, key: str) -> None:
        """Forget somebody's attempts: who knows what was asked for does not guess."""
        self._limiter.clear(limit, key)

    def _wait_s(self, limit: RateLimitItem, key: str) -> int:
        if self._limiter.hit(limit, key):
            return 0
        again = self._limiter.get_window_stats(limit, key).reset_time - time.time()
        return min(max(math.ceil(again), 1), limit.get_expiry())


def address_of(request: HTTPConnection) -> str:
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
