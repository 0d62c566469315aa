"""Pages on which nothing was done for the study's idle minutes are let go of; a key press brings them back.

An open connection costs a ping every few seconds, for as long as a forgotten tab stands in some window. What
is heard of a page counts, a sign of life of its connection does not; a reply that is being given keeps it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from data_layer.conversations.connections import Connections
from data_layer.database.order import Clock
from page.chat.guard import Handler
from web.socket_events import ToPage

log = structlog.get_logger(__name__)

IDLE: Final = "idle"  # connections.close_reason
# How often is looked, as a share of the time; and at most.
_LOOKS: Final = 4
_LONGEST_S: Final = 30.0


class IdlePage(Protocol):
    """What of Chainlit's session is needed."""

    thread_id: str
    emit: Any


class IdlePages:
    """Knows when each page was heard last.

    Args:
        minutes: How long a page may be silent.
        clock: The time.
        connections: Told why a connection ends.
        page_of: The page of a socket; None when it is gone.
        is_busy: Whether a reply is being given in a thread.
        disconnect: Closes a socket.
    """

    def __init__(
        self,
        minutes: float,
        clock: Clock,
        connections: Connections,
        page_of: Callable[[str], IdlePage | None],
        is_busy: Callable[[str], bool],
        disconnect: Callable[[str], Awaitable[None]],
    ) -> None:
        self._patience = timedelta(minutes=minutes)
        self._clock = clock
        self._connections = connections
        self._page_of = page_of
        self._is_busy = is_busy
        self._disconnect = disconnect
        self._heard: dict[str, datetime] = {}
        self._told: set[str] = set()

    def hold(self, handlers: dict[str, Handler]) -> dict[str, Handler]:
        """The same handlers; each that is called has heard of its page."""
        held = {event: self._hearing(handler) for event, handler in handlers.items() if event != "disconnect"}
        return held | {"disconnect": self._leaving(handlers["disconnect"])}

    async def sweep(self) -> None:
        """Let go of the pages that were silent for too long.

        A page is told, and closes by itself so that its connection can be made anew; one that is still
        there at the next look is closed from here.
        """
        now = self._clock()
        for sid, heard in tuple(self._heard.items()):
            if sid in self._told:
                self._forget(sid)
                await self._disconnect(sid)
            elif now - heard >= self._patience:
                await self._let_go(sid, now)

    async def sweep_forever(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(min(_LONGEST_S, self._patience.total_seconds() / _LOOKS))
            await self.sweep()

    async def _let_go(self, sid: str, now: datetime) -> None:
        page = self._page_of(sid)
        if page is None:
            self._forget(sid)
        elif self._is_busy(page.thread_id):
            self._heard[sid] = now
        else:
            self._told.add(sid)
            log.info("page_is_idle", thread_id=page.thread_id)
            self._connections.closed(sid, IDLE)
            await page.emit(ToPage.AWAY, {})

    def _hearing(self, handler: Handler) -> Handler:
        async def handle(sid: str, *data: Any) -> Any:
            if sid not in self._told:
                self._heard[sid] = self._clock()
            return await handler(sid, *data)

        return handle

    def _leaving(self, handler: Handler) -> Handler:
        async def handle(sid: str, *data: Any) -> Any:
            self._forget(sid)
            return await handler(sid, *data)

        return handle

    def _forget(self, sid: str) -> None:
        self._heard.pop(sid, None)
        self._told.discard(sid)
