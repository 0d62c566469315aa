"""Who types in other processes: told while somebody watches Live, and kept nowhere."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from data_layer.conversations.presence import Presence
from data_layer.database.faults import brief_fault
from data_layer.database.hints import Hint, Hints
from data_layer.database.order import Clock

log = structlog.get_logger(__name__)

# While somebody watches, this is said so often, and holds so long.
_WATCHED_EVERY: Final = timedelta(seconds=5)
_WATCHED_FOR: Final = timedelta(seconds=12)
# Between two times that a process says who types.
_TELL_EVERY_S: Final = 2.0
_BETWEEN: Final = "/"


class TypingElsewhere:
    """Tells whoever watches in another process who types here, and hears it of others.

    Args:
        presence: Who types.
        hints: Cross between processes; on SQLite none do.
        clock: The time.
        tell_every_s: Seconds between two times that it is told.
    """

    def __init__(
        self, presence: Presence, hints: Hints, clock: Clock, tell_every_s: float = _TELL_EVERY_S
    ) -> None:
        self._presence = presence
        self._hints = hints
        self._clock = clock
        self._tell_every_s = tell_every_s
        self._said_at: datetime | None = None
        self._until: datetime | None = None
        self._telling: asyncio.Task[None] | None = None
        hints.on(Hint.WATCHED, self._watched)
        hints.on(Hint.TYPING, self._heard)

    async def watch(self) -> None:
        """Somebody looks at who types: ask the others, unless that was done just now."""
        now = self._clock()
        if not self._hints.others or (self._said_at is not None and now - self._said_at < _WATCHED_EVERY):
            return
        self._said_at = now
        await self._tell(Hint.WATCHED, ())

    def _watched(self, _ids: list[str]) -> None:
        self._until = self._clock() + _WATCHED_FOR
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell_on(), name="typing")

    async def _tell_on(self) -> None:
        while self._until is not None and self._clock() < self._until:
            typing = [_BETWEEN.join(who) for who in self._presence.typing_here()]
            if typing:
                await self._tell(Hint.TYPING, typing)
            await asyncio.sleep(self._tell_every_s)

    async def _tell(self, hint: Hint, ids: "list[str] | tuple[()]") -> None:
        try:
            await self._hints.tell(hint, ids)
        except (SQLAlchemyError, OSError) as error:
            log.warning("typing_not_told", error=brief_fault(error))

    def _heard(self, ids: list[str]) -> None:
        for one in ids:
            participant_id, _, thread_id = one.partition(_BETWEEN)
            self._presence.typed_elsewhere(participant_id, thread_id)
