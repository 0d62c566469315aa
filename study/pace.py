"""How fast somebody may do something: so many at once, and after that so many a second."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

# How many at once, and how many a second after that; counted for a participant, whose pages may be many.
# page/chat/event_rate_limit.py holds them to it, and simulated ones keep to it by themselves.
# What sets the agent to work. People who type fast send one in five seconds.
SPOKEN: Final = (30, 0.5)
# What changes what stands, or ends it, without asking the agent for anything.
TURNED: Final = (60, 2.0)
# One row in the record tells of a flood; each refusal would make it another.
TOLD: Final = (1, 0.1)
# What makes a session of some 70 KB that is kept for a quarter of an hour, or reads a whole thread.
# To look into one thread after the other takes one of each.
OPENED: Final = (60, 1.0)

# Whoever is forgotten for being one too many begins anew, with all that is allowed at once.
_MOST: Final = 10_000


class RateLimiter:
    """One pace, held for each of many.

    It is kept as one number a key: the moment at which all that was allowed so far would have been
    due, had it come evenly (the generic cell rate algorithm of ATM networks).

    Args:
        at_once: How many may come together after a rest.
        a_second: How many may come for ever.
        clock: Seconds that only go forward.
    """

    def __init__(self, at_once: int, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / a_second
        self._slack = (at_once - 1) * self._interval
        self._clock = clock
        self._due: OrderedDict[str, float] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Whether one more may come now. What may not come does not count."""
        now = self._clock()
        due = max(self._due.pop(key, now), now)
        allowed = due - now <= self._slack + 1e-9
        self._due[key] = due + self._interval if allowed else due
        while len(self._due) > _MOST:
            self._due.popitem(last=False)
        return allowed

    def wait_s(self, key: str) -> float:
        """How long it takes until one more may come."""
        return max(0.0, self._due.get(key, 0.0) - self._slack - self._clock())
