"""The order of writes, taken synchronously at the call."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from sqlalchemy import func, select

from data_layer.database import schema
from study.vocabulary import Status

Clock: TypeAlias = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


# Processes that may give out numbers for one database at once. A number says by its remainder which slot it
# is of, so that no two processes give out the same; it stays below 2^53, where JavaScript tells all apart.
SLOTS: Final = 64
# The last one is of commands, which write beside the servers.
COMMANDS_SLOT: Final = SLOTS - 1


class WriteOrder:
    """Strictly increasing numbers: microseconds since 1970 while the clock runs forward.

    Args:
        microseconds: Reads the clock; a test passes its own.
        slot: Whose numbers these are, of several processes on one database; None where there is but one.
    """

    def __init__(
        self, microseconds: Callable[[], int] = lambda: time.time_ns() // 1000, slot: int | None = None
    ) -> None:
        self.slot = slot
        self._microseconds = microseconds
        self._last = 0

    def take(self) -> int:
        """The next number. Greater than all before it, even when the clock was set back."""
        number = max(self._last + 1, self._microseconds())
        if self.slot is not None:
            number += (self.slot - number) % SLOTS
        self._last = number
        return number

    def start_after(self, number: int) -> None:
        """Never go below what another process has already given out."""
        self._last = max(self._last, number)


# What an earlier process may have given out at last. Of a step's `version`, which grows while it
# streams, those that still stream are enough: all others are followed by a row with a `seq`.
GREATEST_KEPT: Final = (
    *(
        select(func.max(table.c.seq))
        for table in (schema.steps, schema.threads, schema.runs, schema.llm_calls, schema.events)
    ),
    select(func.max(schema.steps.c.version)).where(schema.steps.c.status == Status.STREAMING.value),
)
