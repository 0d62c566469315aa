"""Who is typing now: known for some seconds, in this process alone, and kept nowhere.

It stands here, and not with the page that hears of it, because the researchers' room asks for it: the two
may not import each other, and both have the record. It is no part of what is kept, for it says nothing of
what was said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from data_layer.database.order import Clock

# The page says it each three seconds while keys are pressed (public/page/typing.js): one message may be late.
LASTS: Final = timedelta(seconds=6)
# Far more than pages that one process bears; whoever comes after them is not shown as typing.
MOST: Final = 10_000


@dataclass
class _Typing:
    since: datetime
    until: datetime


class Presence:
    """Knows who types, by participant and thread.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._typing: dict[tuple[str, str], _Typing] = {}

    def typed(self, participant_id: str, thread_id: str) -> None:
        """A key was pressed."""
        now = self._clock()
        known = self._typing.get((participant_id, thread_id))
        if known is not None and now < known.until:
            known.until = now + LASTS
            return
        if len(self._typing) >= MOST:
            self._typing = {who: one for who, one in self._typing.items() if now < one.until}
        if len(self._typing) < MOST:
            self._typing[participant_id, thread_id] = _Typing(now, now + LASTS)

    def done(self, participant_id: str, thread_id: str) -> None:
        """What was typed was sent."""
        self._typing.pop((participant_id, thread_id), None)

    def typing(self) -> dict[tuple[str, str], datetime]:
        """Who types now, and since when."""
        now = self._clock()
        self._typing = {who: one for who, one in self._typing.items() if now < one.until}
        return {who: one.since for who, one in self._typing.items()}
