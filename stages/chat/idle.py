"""Intents that their participants have left: after the study's idle minutes each is abandoned, once.

The rows say which those are, so that a restart forgets none; and the writer asks again, where the move is
made, whether the intent is still under way and its participant silent. So of several processes that look at
once, one abandons it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from data_layer.conversations import intents
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from study.intents import IDLE, IntentMove

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 20.0
_AT_ONCE: Final = 200

Told = Callable[[str], Awaitable[None]]


class IdleIntents:
    """Abandons what was left.

    Args:
        record: Where, and what the time is.
        idle_minutes: After which an intent counts as left.
        listeners: Are told of each thread whose intent was abandoned.
    """

    def __init__(self, record: Record, idle_minutes: int, listeners: Sequence[Told] = ()) -> None:
        self.listeners: list[Told] = list(listeners)
        self._record = record
        self._idle = timedelta(minutes=idle_minutes)

    async def sweep(self) -> int:
        """Abandon all that were left.

        Returns:
            How many this process has abandoned.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        count = 0
        while left := await self._sweep_some():
            count += left
        return count

    async def sweep_forever(self) -> None:
        """Look again and again."""
        while True:
            try:
                if count := await self.sweep():
                    log.info("idle_intents_abandoned", count=count)
            except (SQLAlchemyError, OSError) as error:
                log.warning("idle_intents_not_read", error_type=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _sweep_some(self) -> int:
        now = self._record.now()
        found = await intents.left_idle(self._record.database, now - self._idle, _AT_ONCE)
        writes = [
            MoveIntent(
                row["thread_id"],
                row["intent_id"],
                IntentMove.ABANDONED.value,
                IDLE,
                now,
                idle_since=now - self._idle,
            )
            for row in found
        ]
        # Each by itself: one that is refused, for somebody writes again, takes no other along.
        outcomes = await asyncio.gather(*(self._record.writer.submit(write) for write in writes))
        if any(outcome.journaled for outcome in outcomes):
            return 0  # The database is away; they are kept, and would be found once more.
        done = [row["thread_id"] for row, outcome in zip(found, outcomes, strict=True) if not outcome.refused]
        for thread_id in done:
            for listener in self.listeners:
                await listener(thread_id)
        return len(done)
