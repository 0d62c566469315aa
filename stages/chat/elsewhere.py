"""What other processes have done in threads that somebody has open here.

A participant's pages lead to one process as a rule (docs/how-to/several-processes.md). A program, a page that
was opened before its process went away, or a device without the cookie may speak elsewhere: those who look
on here see it when it is whole, and a Stop reaches the process that gives the reply. Hints may be missed:
where a thread is opened while another process answers in it, the answer is asked for until it is there.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from data_layer.conversations import threads
from data_layer.database.hints import Hint, Hints
from data_layer.record import Record
from stages.chat import history
from stages.chat.away import AWAY
from stages.chat.branches import redraw
from stages.chat.copies import is_answered_elsewhere
from stages.chat.stage import ChatStage
from stages.screen import Screen
from study.strings import Strings
from web.background import later

log = structlog.get_logger(__name__)

# Between two rounds: what comes meanwhile is read once.
_ROUND_S: Final = 0.2
# Between two questions whether an answer that is given elsewhere has come.
_ASK_S: Final = 1.0


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
        self._awaited: set[str] = set()
        self._asking: asyncio.Task[None] | None = None

    def follow(self, hints: Hints) -> None:
        """From now on do so."""
        hints.on(Hint.THREADS, self.heard)
        hints.on(Hint.STOP, self.stop)
        self._stage.await_elsewhere = self.await_answer
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

    def await_answer(self, thread_id: str) -> None:
        """Another process answers in a thread that is opened here."""
        self._awaited.add(thread_id)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask(), name="answers elsewhere")

    async def _ask(self) -> None:
        while self._awaited:
            await asyncio.sleep(_ASK_S)
            for thread_id in sorted(self._awaited):
                try:
                    await self._look(thread_id)
                except AWAY as error:
                    log.warning("answer_elsewhere_not_read", error_type=type(error).__name__)

    async def _look(self, thread_id: str) -> None:
        """Show an answer that has come, or that none will; nobody asks again for what nobody looks at."""
        last = await history.last_spoken(self._record.database, thread_id)
        screens = await self._screens(thread_id)
        if last is not None and screens and await is_answered_elsewhere(self._record, last):
            return
        self._awaited.discard(thread_id)
        left = await self._stage.left_unanswered(thread_id, screens[0]) if screens else None
        await self._redraw(thread_id, screens)
        if left is not None:
            for screen in screens:
                await screen.offer_retry(left.notice_id, left.message_id)

    async def _screens(self, thread_id: str) -> list[Screen]:
        """Those of all who look at a thread here."""
        owner = await threads.owner_of(self._record.database, thread_id)
        return [] if owner is None else self._stage.audiences.screens(owner, thread_id, self._strings)

    async def _show(self, thread_id: str) -> None:
        """Show a thread anew to those who look at it; one that is answered here is shown by its turn."""
        await self._redraw(thread_id, await self._screens(thread_id))

    async def _redraw(self, thread_id: str, screens: Sequence[Screen]) -> None:
        for screen in () if self._stage.under_way(thread_id) else screens:
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
