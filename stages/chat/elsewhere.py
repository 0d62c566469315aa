"""What other processes have done in threads that somebody has open here.

A participant's pages lead to one process as a rule (docs/how-to/several-processes.md). A program, a page that
was opened before its process went away, or a device without the cookie may speak elsewhere: those who look
on here see it when it is whole, and a Stop reaches the process that gives the reply.
"""

import asyncio
from typing import Final

import structlog

from data_layer.conversations import threads
from data_layer.database.hints import Hint, Hints
from data_layer.record import Record
from stages.chat.away import AWAY
from stages.chat.branches import redraw
from stages.chat.stage import ChatStage
from study.strings import Strings
from web.background import later

log = structlog.get_logger(__name__)

# Between two rounds: what comes meanwhile is read once.
_ROUND_S: Final = 0.2


class Elsewhere:
    """Shows what other processes have done, and stops what they ask to stop.

    Args:
        record: Read anew.
        stage: Knows who looks at what, and what is being said here.
        strings: The study's own language: nothing of it is shown here.
    """

    def __init__(self, record: Record, stage: ChatStage, strings: Strings) -> None:
        self._record = record
        self._stage = stage
        self._strings = strings
        self._waiting: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def follow(self, hints: Hints) -> None:
        """From now on do so."""
        hints.on(Hint.THREADS, self.heard)
        hints.on(Hint.STOP, self.stop)
        self._stage.stop_elsewhere = lambda thread_id: later(self._ask_to_stop(hints, thread_id))

    def heard(self, thread_ids: list[str]) -> None:
        """Threads have changed elsewhere."""
        self._waiting |= set(thread_ids)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name="elsewhere")

    async def done(self) -> None:
        """Wait until all that was heard so far is shown."""
        if self._task is not None:
            await self._task

    async def _work(self) -> None:
        while self._waiting:
            waiting, self._waiting = sorted(self._waiting), set()
            for thread_id in waiting:
                try:
                    await self._show(thread_id)
                except AWAY as error:
                    log.warning("elsewhere_not_read", error_type=type(error).__name__)
            await asyncio.sleep(_ROUND_S)

    async def _show(self, thread_id: str) -> None:
        """Show a thread anew to those who look at it; one that is answered here is shown by its turn."""
        owner = await threads.owner_of(self._record.database, thread_id)
        if owner is None or self._stage.under_way(thread_id):
            return
        for screen in self._stage.audiences.screens(owner, thread_id, self._strings):
            await redraw(self._record, thread_id, screen)

    async def _ask_to_stop(self, hints: Hints, thread_id: str) -> None:
        if hints.others:
            try:
                await hints.tell(Hint.STOP, [thread_id])
            except AWAY as error:
                log.warning("stop_not_told", error_type=type(error).__name__)

    def stop(self, thread_ids: list[str]) -> None:
        """Stop was pressed elsewhere in what may be said here."""
        for thread_id in thread_ids:
            self._stage.stop_here(thread_id)
