"""How often a code or a password was guessed, in all processes together.

Each process counts what it sees (web/rate_limit.py). Where several serve one study, who guesses would have as
many attempts as there are processes; so each guess is counted in the database besides, before it is compared.
One process alone asks nothing.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy.engine import Connection

from data_layer.database.hints import Hints
from data_layer.writing.store import Store

# A window begins with its first guess. The server's own moments: no two clocks are compared.
_COUNT: Final = """
INSERT INTO guesses AS g (guess_key, began_at, count) VALUES ($1, clock_timestamp(), 1)
ON CONFLICT (guess_key) DO UPDATE SET
    count = CASE WHEN g.began_at > clock_timestamp() - make_interval(secs => $2) THEN g.count + 1 ELSE 1 END,
    began_at = CASE WHEN g.began_at > clock_timestamp() - make_interval(secs => $2) THEN g.began_at
        ELSE clock_timestamp() END
RETURNING count, ceil(extract(epoch FROM began_at + make_interval(secs => $2) - clock_timestamp()))::int
"""
# Two hours are longer than any window. Nobody waits for another who does the same.
_SWEEP: Final = """
DELETE FROM guesses WHERE guess_key IN (SELECT guess_key FROM guesses
WHERE began_at < clock_timestamp() - interval '2 hours' LIMIT 100 FOR UPDATE SKIP LOCKED)
"""
_FORGET: Final = "DELETE FROM guesses WHERE guess_key = ANY($1)"


@dataclass(frozen=True)
class GuessLimit:
    """How often somebody may guess.

    Args:
        name: Of the limit.
        whose: Whose guesses they are: a name, an address, a researcher.
        most: How many within a window.
        window_s: How long that is.
    """

    name: str
    whose: str
    most: int
    window_s: int

    @property
    def key(self) -> str:
        """What stands for both in the database, which so holds nobody's name."""
        return hashlib.sha256(f"{self.name}\0{self.whose}".encode()).hexdigest()


class Guesses:
    """Counts them.

    Args:
        store: Of the database that the processes share.
        hints: Know whether there is another process.
    """

    def __init__(self, store: Store, hints: Hints) -> None:
        self._store = store
        self._hints = hints

    async def wait_s(self, *limits: GuessLimit) -> int:
        """Count a guess, before it is compared: many at once are as many as one by one.

        Args:
            limits: It counts in all of them.

        Returns:
            How many seconds to wait; 0 when it may be made.

        Raises:
            SQLAlchemyError: The database is away: then nothing can be compared either.
            OSError: Likewise.
        """
        if not self._shared:
            return 0
        # In one order everywhere, or two would wait for each other.
        asked = sorted(limits, key=lambda limit: limit.key)

        def count(connection: Connection) -> int:
            waits = [0]
            for limit in asked:
                counted, left = connection.exec_driver_sql(_COUNT, (limit.key, float(limit.window_s))).one()
                if counted > limit.most:
                    waits.append(min(max(left, 1), limit.window_s))
            connection.exec_driver_sql(_SWEEP)
            return max(waits)

        return await self._store.database.transact(count)

    async def forget(self, *limits: GuessLimit) -> None:
        """Forget somebody's guesses: who knows what was asked for does not guess.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        if self._shared:
            keys = [limit.key for limit in limits]
            await self._store.database.transact(
                lambda connection: connection.exec_driver_sql(_FORGET, (keys,))
            )

    @property
    def _shared(self) -> bool:
        return self._hints.heard and self._hints.others
