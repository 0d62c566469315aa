"""Who is typing now: known for some seconds, and kept nowhere.

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


class _Typists:
    """Who types, by participant and thread; each until some seconds after their last key."""

    def __init__(self) -> None:
        self._typing: dict[tuple[str, str], _Typing] = {}

    def typed(self, who: tuple[str, str], now: datetime) -> None:
        known = self._typing.get(who)
        if known is not None and now < known.until:
            known.until = now + LASTS
            return
        if len(self._typing) >= MOST:
            self._typing = {one: typing for one, typing in self._typing.items() if now < typing.until}
        if len(self._typing) < MOST:
            self._typing[who] = _Typing(now, now + LASTS)

    def done(self, who: tuple[str, str]) -> None:
        self._typing.pop(who, None)

    def since(self, now: datetime) -> dict[tuple[str, str], datetime]:
        self._typing = {who: one for who, one in self._typing.items() if now < one.until}
        return {who: one.since for who, one in self._typing.items()}


class Presence:
    """Knows who types, by participant and thread.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._here = _Typists()
        self._elsewhere = _Typists()

    def typed(self, participant_id: str, thread_id: str) -> None:
        """A key was pressed."""
        self._here.typed((participant_id, thread_id), self._clock())

    def typed_elsewhere(self, participant_id: str, thread_id: str) -> None:
        """A key was pressed in a page of another process (typing_elsewhere.py)."""
        self._elsewhere.typed((participant_id, thread_id), self._clock())

    def done(self, participant_id: str, thread_id: str) -> None:
        """What was typed was sent."""
        self._here.done((participant_id, thread_id))

    def typing(self) -> dict[tuple[str, str], datetime]:
        """Who types now, and since when."""
        return self._elsewhere.since(self._clock()) | self.typing_here()

    def typing_here(self) -> dict[tuple[str, str], datetime]:
        """The same in the pages of this process."""
        return self._here.since(self._clock())
