"""Orders for what is imported, beside a server that may be writing.

An order numbers a message in the search index, and two processes take theirs from the same clock. A server
takes one in a while; an import takes thousands at once, and would now and then take one of the server's. So
it takes a row of them from the seconds that have just passed, where the index shows that nobody has any.
"""

import time
from collections.abc import Iterable
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection

from data_layer.database.engine import Database

# What a server was asked to write this long ago is in the database: it commits within milliseconds.
_SETTLED_US: Final = 5_000_000
# Verify takes a row for new whose order is at most a minute older than it (exports/verify/compare.py).
_BACK_US: Final = 30_000_000
# The key is one of two names.
_TAKEN: Final = {
    name: text(
        f"SELECT {key} FROM search_index WHERE {key} BETWEEN :low AND :high "  # noqa: S608
        f"UNION ALL SELECT -{key} FROM search_index WHERE {key} BETWEEN -:high AND -:low ORDER BY 1"
    )
    for name, key in (("sqlite", "rowid"), ("postgresql", "number"))
}


class FreeOrders:
    """Gives rows of orders that nobody else has.

    Args:
        database: Whose search index is looked at.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = 0

    async def take(self, count: int) -> int:
        """The first of so many orders in a row.

        Raises:
            SQLAlchemyError: The database is away.
        """
        now = time.time_ns() // 1000
        low, high = max(self._last + 1, now - _BACK_US), now - _SETTLED_US
        asked = {"low": low, "high": high}

        def taken(connection: Connection) -> list[int]:
            return list(connection.scalars(_TAKEN[self._database.dialect], asked))

        start = first_gap(low, high, await self._database.read(taken) if low < high else [], count)
        if start is None:
            start = max(self._last + 1, now)
        self._last = start + count - 1
        return start


def first_gap(low: int, high: int, taken: Iterable[int], count: int) -> int | None:
    """Where so many free numbers begin, none of which is beyond `high`; None where there is no such place.

    Args:
        low: The least that may be given.
        high: The greatest.
        taken: Of these, rising.
        count: How many in a row.
    """
    start = low
    for one in taken:
        if one - start >= count:
            return start
        start = one + 1
    return start if high - start + 1 >= count else None
