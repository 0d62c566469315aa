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


class WriteOrder:
    """Strictly increasing numbers: microseconds since 1970 while the clock runs forward.

    Args:
        microseconds: Reads the clock; a test passes its own.
    """

    def __init__(self, microseconds: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._microseconds = microseconds
        self._last = 0

    def take(self) -> int:
        """The next number. Greater than all before it, even when the clock was set back."""
        self._last = max(self._last + 1, self._microseconds())
        return self._last

    def start_after(self, number: int) -> None:
        """Never go below what an earlier process has already given out."""
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
