"""How often an address and a name may try to come in."""

import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

GUESSES_A_NAME: Final = 5
# Researchers are few: a lab behind one router is one address.
ATTEMPTS_AN_ADDRESS: Final = 30


class Throttle:
    """Counts attempts of the last minute, in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._address = RateLimitItemPerMinute(ATTEMPTS_AN_ADDRESS, namespace="research address")
        self._name = RateLimitItemPerMinute(GUESSES_A_NAME, namespace="research name")

    def wait_s(self, address: str, name_key: str) -> int:
        """Count an attempt, before its password is compared: many at once are as many as one by one.

        Returns:
            How many seconds to wait; 0 when the attempt may be made.
        """
        waits = [self._count(self._address, address), self._count(self._name, name_key)]
        return max(waits)

    def forget(self, name_key: str) -> None:
        """Forget a name's attempts: who knows the password does not guess."""
        self._limiter.clear(self._name, name_key)

    def _count(self, item: RateLimitItem, key: str) -> int:
        if self._limiter.hit(item, key):
            return 0
        again = self._limiter.get_window_stats(item, key).reset_time - time.time()
        return min(max(math.ceil(again), 1), 60)
