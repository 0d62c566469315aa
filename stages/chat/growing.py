"""A text that grows: a reply, or a stretch of an agent's thinking.

The first words go out at once; after them they gather into frames, at most FRAMES_A_SECOND, for a
Socket.IO event costs the server about half a millisecond however few words it carries. What is there is
committed at least every CHECKPOINT_S. A text begins with the first thing in it that can be seen: white
space alone makes no message and no step.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

import structlog

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.writes import PutStep
from stages.screen import Screen
from study.text import is_blank
from study.vocabulary import Status

log = structlog.get_logger(__name__)

FRAMES_A_SECOND: Final = 8
CHECKPOINT_S: Final = 1.0


async def at_once() -> None:
    """Nothing else is shown beside it."""


class Growing:
    """A row of `steps` whose output grows.

    Args:
        record: Where it is kept.
        screen: Where it is shown; None for what the participant does not see.
        begin: Makes the row, when there is something to see.
        sleep: Waits for seconds, between two frames.
        in_turn: Waits until what has an earlier number is shown.
    """

    def __init__(
        self,
        record: Record,
        screen: Screen | None,
        begin: Callable[[], Row],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        in_turn: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        self._in_turn = in_turn
        self._record = record
        self._screen = screen
        self._begin = begin
        self._sleep = sleep
        self._row: Row | None = None
        self._text = ""
        self._shown = ""
        self._kept = ""
        self._more = asyncio.Event()
        self._at_work: list[asyncio.Task[None]] = []

    @property
    def is_blank(self) -> bool:
        """Whether nothing that came so far can be seen."""
        return is_blank(self._text)

    @property
    def shown(self) -> Row | None:
        """The row as it stands on the screen now; None before its first words, and for what is not shown."""
        return None if self._row is None or self._screen is None else self._row | {"output": self._shown}

    def add(self, text: str) -> None:
        """More has come."""
        if not text:
            return
        self._text += text
        self._more.set()
        if not self._at_work:
            self._at_work = [
                asyncio.create_task(self._show_frames(), name="frames of a growing text"),
                asyncio.create_task(self._keep_up(), name="checkpoints of a growing text"),
            ]

    async def settle(self) -> None:
        """Let nothing more be shown by itself: the end is near."""
        for task in self._at_work:
            task.cancel()
        # Whatever befell them, the end is committed.
        for broken in await asyncio.gather(*self._at_work, return_exceptions=True):
            if isinstance(broken, Exception):
                log.error("reply_not_shown", error_type=type(broken).__name__)

    def end(self, status: Status, at: datetime, **columns: Any) -> PutStep | None:
        """End it.

        Args:
            status: How. What was stopped or failed keeps what was on the screen, not what was still on its
                way; what is whole, or stood on no screen, keeps all.
            at: When.
            columns: What else its row says at the end.

        Returns:
            What to write; None where nothing came that could be seen.
        """
        if status == Status.COMPLETE or self._screen is None:
            self._shown = self._text
            if self._row is None and not self.is_blank:
                self._row = self._begin()  # The whole of it came before its first frame.
        if self._row is None:
            return None
        self._row |= {"output": self._shown, "status": status.value, "ended_at": at} | columns
        return PutStep(dict(self._row), at)

    async def show(self) -> None:
        """Show it as it now stands."""
        if self._row is not None and self._screen is not None:
            await self._screen.show(self._row)

    async def _show_frames(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await self._frame()
            await self._sleep(1 / FRAMES_A_SECOND)

    async def _frame(self) -> None:
        if self._row is None and self.is_blank:
            return
        if self._row is None:
            await self._in_turn()
        new = self._text[len(self._shown) :]
        self._shown = self._text
        if self._row is None:
            self._row = self._begin() | {"output": new}
            self._checkpoint(self._row)
            if self._screen is not None:
                await self._screen.begin(self._row)
        elif self._screen is not None:
            await self._screen.more(self._row["step_id"], new)

    async def _keep_up(self) -> None:
        """Apart from the frames: an agent may think for long after words that have been read."""
        while True:
            await self._sleep(CHECKPOINT_S)
            if self._row is not None and self._shown != self._kept:
                self._checkpoint(self._row)

    def _checkpoint(self, row: Row) -> None:
        self._kept = self._shown
        self._record.writer.submit(PutStep(row | {"output": self._shown}, self._record.now()))
