"""Which turns are under way: one after another in a thread, and which of them can be stopped."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

from stages.chat.reply import Reply


class Turns:
    """The turns of all threads."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._openings: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._replies: dict[str, tuple[Reply, asyncio.Task[Any] | None]] = {}
        self._counts: Counter[str] = Counter()
        self._early: set[str] = set()
        self._being_kept: dict[str, dict[str, asyncio.Event]] = {}

    def alone(self, thread_id: str) -> asyncio.Lock:
        """Held by the turn that a thread is in."""
        return self._locks.setdefault(thread_id, asyncio.Lock())

    def in_order(self, thread_id: str) -> asyncio.Lock:
        """Held until a message is handed to be written: one with files must not be overtaken by the next."""
        return self._lines.setdefault(thread_id, asyncio.Lock())

    def opening(self, thread_id: str) -> asyncio.Lock:
        """Held by who looks, as they open a thread, whether an answer in it broke off."""
        return self._openings.setdefault(thread_id, asyncio.Lock())

    @contextmanager
    def count(self, thread_id: str, message_id: str = "") -> Iterator[None]:
        """A message is committed before its reply is known of: between the two it is not left unanswered.

        Args:
            thread_id: Its thread's.
            message_id: Its own, where it is kept in this turn.
        """
        self._counts[thread_id] += 1
        try:
            yield
        finally:
            self.shown(thread_id, message_id)
            self._counts[thread_id] -= 1
            if not self._counts[thread_id]:
                del self._counts[thread_id]
            self._early.discard(thread_id)

    def keeps(self, thread_id: str, message_id: str) -> None:
        """A message gets its number and is being committed, until `shown` or the end of its turn."""
        self._being_kept.setdefault(thread_id, {}).setdefault(message_id, asyncio.Event())

    def shown(self, thread_id: str, message_id: str) -> None:
        """It stands on the screens, or never will."""
        kept = self._being_kept.get(thread_id, {})
        if message_id in kept:
            kept.pop(message_id).set()
            if not kept:
                del self._being_kept[thread_id]

    async def all_shown(self, thread_id: str) -> None:
        """Wait until what was said before now stands on the screens: what comes next has a later number."""
        for shown in tuple(self._being_kept.get(thread_id, {}).values()):
            await shown.wait()

    def under_way(self, thread_id: str) -> bool:
        """Whether a message of a thread is being kept or answered, or waits for it."""
        return bool(self._counts[thread_id])

    @property
    def any_under_way(self) -> bool:
        """Whether a message of any thread is."""
        return bool(self._counts)

    @contextmanager
    def giving(self, thread_id: str, reply: Reply) -> Iterator[None]:
        """The current task gives a reply, and can be stopped."""
        self._replies[thread_id] = (reply, asyncio.current_task())
        try:
            yield
        finally:
            self._replies.pop(thread_id, None)

    def too_late(self, thread_id: str, reply: Reply) -> None:
        """A reply is ending: from here on a Stop changes nothing."""
        self._replies[thread_id] = (reply, None)

    def running(self, thread_id: str) -> Reply | None:
        """The reply that is being given in a thread."""
        running = self._replies.get(thread_id)
        return running[0] if running else None

    def stop(self, thread_id: str) -> bool:
        """Stop the reply that is being given in a thread, or is about to be."""
        running = self._replies.get(thread_id)
        if running is None and self.under_way(thread_id):
            # The message is on its way to its reply: see stopped_early.
            self._early.add(thread_id)
            return True
        if running is None or running[1] is None:
            return False
        return running[1].cancel()

    def stopped_early(self, thread_id: str) -> bool:
        """Whether Stop was pressed before there was a reply to stop; asked once, by the reply."""
        stopped = thread_id in self._early
        self._early.discard(thread_id)
        return stopped

    async def stop_all(self) -> None:
        """Stop every reply, and wait for their ends."""
        tasks = [task for _, task in self._replies.values() if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
