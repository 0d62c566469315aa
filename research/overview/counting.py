"""Counting a large record without anybody waiting for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from data_layer.review.overview import Overview

log = structlog.get_logger(__name__)

# A page that is loaded anew need not count again.
REMEMBERED_FOR: Final = timedelta(seconds=30)
# So many times as long as a count took nothing is counted: that costs a twentieth of a core at most,
# however large the record and however many look at it.
_REST: Final = 19
# What takes no longer is waited for, so that a small record's figures are always new.
PATIENCE_S: Final = 0.2


class Counting:
    """Counts in the background, and keeps the last figures.

    Args:
        count: Counts the record.
        clock: The time.
        patience_s: How long a page waits for new figures; PATIENCE_S when None.
    """

    def __init__(
        self,
        count: Callable[[], Awaitable[Overview]],
        clock: Callable[[], datetime],
        patience_s: float | None = None,
    ) -> None:
        self._count = count
        self._clock = clock
        self._patience_s = PATIENCE_S if patience_s is None else patience_s
        self._found: Overview | None = None
        self._took = timedelta()
        self._task: asyncio.Task[None] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether new figures are being counted."""
        return self._task is not None

    async def newest(self) -> Overview | None:
        """The figures: new ones where they are due and quick, else the last ones, while new ones are counted.

        Returns:
            None while the first are being counted.

        Raises:
            SQLAlchemyError: The database is away, and nothing was counted before.
        """
        if self._task is None and self._is_due():
            self._task = asyncio.create_task(self._work(), name="overview")
        # Two who ask at once wait for one count.
        if (task := self._task) is not None:
            done, _ = await asyncio.wait({task}, timeout=self._worth_waiting_s())
            if done and self._found is None:
                task.result()
        return self._found

    def _worth_waiting_s(self) -> float:
        """None when there are figures to show and the last count took longer than a page waits."""
        slow = self._found is not None and self._took > timedelta(seconds=self._patience_s)
        return 0 if slow else self._patience_s

    def _is_due(self) -> bool:
        found = self._found
        # Nothing is remembered of an empty study: the first participant shows at once.
        if found is None or not found.participants["entered"]:
            return True
        return found.at <= self._clock() - max(REMEMBERED_FOR, _REST * self._took)

    async def _work(self) -> None:
        began = time.perf_counter()
        try:
            self._found = await self._count()
        except (SQLAlchemyError, OSError) as error:
            log.warning("overview_not_counted", error_type=type(error).__name__)
            if self._found is None:
                raise
        finally:
            self._took = timedelta(seconds=time.perf_counter() - began)
            self._task = None
