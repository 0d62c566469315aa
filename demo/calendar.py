"""When threads begin: over six weeks, more on weekdays and in the evening, and fewer towards the end."""

from datetime import UTC, date, datetime
from random import Random
from typing import Final

DAYS: Final = 42
_DAY_MS: Final = 24 * 3_600_000
# Monday first.
_WEEK: Final = (1.0, 1.0, 1.1, 1.0, 0.8, 0.5, 0.7)


def beginnings(chance: Random, count: int, begin: date) -> list[int]:
    """Draw when threads begin.

    Args:
        chance: Where the draws come from.
        count: How many threads.
        begin: The first day.

    Returns:
        Milliseconds since 1970, in order.
    """
    first = round(datetime(begin.year, begin.month, begin.day, tzinfo=UTC).timestamp() * 1000)
    # Recruiting gathers speed for a week, and wanes.
    weights = [
        _WEEK[(begin.weekday() + day) % 7] * min(day + 2, 8) * (1.2 - day / DAYS) for day in range(DAYS)
    ]
    days = chance.choices(range(DAYS), weights, k=count)
    return sorted(first + day * _DAY_MS + round(chance.triangular(6, 23.5, 18) * 3_600_000) for day in days)
