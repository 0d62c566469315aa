"""How often an address and a name may try to come in."""

import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

GUESSES_A_NAME: Final = 5
# Researchers are few: a lab behind one router is one address.
ATTEMPTS_AN_ADDRESS: Final = 30
# Three codes of a million are right at a moment: at five a minute, one guess of fifty a day would hit for
# whoever has the password; at twenty an hour, one of seven hundred.
CODES_AN_HOUR: Final = 20


class Throttle:
    """Counts attempts of the last minute, and of codes in the last hour, in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._address = RateLimitItemPerMinute(ATTEMPTS_AN_ADDRESS, namespace="research address")
        self._name = RateLimitItemPerMinute(GUESSES_A_NAME, namespace="research name")
        self._code = RateLimitItemPerMinute(GUESSES_A_NAME, namespace="research code")
        self._codes = RateLimitItemPerHour(CODES_AN_HOUR, namespace="research codes")

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

    def wait_for_code_s(self, address: str, researcher_id: str) -> int:
        """The same for a one-time code; a right password does not set it back, only a right code does."""
        items = ((self._address, address), (self._code, researcher_id), (self._codes, researcher_id))
        return max([self._count(item, key) for item, key in items])

    def forget_codes(self, researcher_id: str) -> None:
        """Forget a researcher's attempts at codes."""
        for item in (self._code, self._codes):
            self._limiter.clear(item, researcher_id)

    def _count(self, item: RateLimitItem, key: str) -> int:
        if self._limiter.hit(item, key):
            return 0
        again = self._limiter.get_window_stats(item, key).reset_time - time.time()
        return max(math.ceil(again), 1)
