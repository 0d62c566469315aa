"""The WebSocket below Socket.IO's events: what no frame of our page is.

Socket.IO gathers a binary event's attachments in memory until as many have come as its client
announced, up to 9,999,999,999, and asks nobody who they are (socketio/async_server.py:697). And it
reads every event before it looks whether anybody hears that name.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from study.pace import RateLimiter
from web.background import later

log = structlog.get_logger(__name__)

# What a connection may send at once, and how many frames a second for ever. A page sends some ten when
# it opens, and two a turn.
FRAMES: Final = (200, 20.0)
# Who has not said by then who they are, is no page of ours.
FIRST_WORD_WITHIN_S: Final = 20.0
_BINARY: Final = ("5", "6")
_CONNECT: Final = "0"
_RESERVED: Final = frozenset({"connect", "disconnect"})

Listener = Callable[..., Awaitable[Any]]


class FrameLimit:
    """Stands between Engine.IO and Socket.IO.

    Args:
        hang_up: Ends a connection by its Engine.IO id.
        is_somebody: Whether a connection has said who it is, and was let in.
    """

    def __init__(self, hang_up: Callable[[str], Awaitable[None]], is_somebody: Callable[[str], bool]) -> None:
        self._hang_up = hang_up
        self._is_somebody = is_somebody
        self._pace = RateLimiter(*FRAMES)

    def connected(self, listener: Listener) -> Listener:
        """What hears that a connection begins."""

        async def hear(eio_sid: str, environ: dict[str, Any]) -> Any:
            asyncio.get_running_loop().call_later(FIRST_WORD_WITHIN_S, self._still_nobody, eio_sid)
            return await listener(eio_sid, environ)

        return hear

    def came(self, listener: Listener) -> Listener:
        """What hears the frames."""

        async def hear(eio_sid: str, data: Any) -> Any:
            if not isinstance(data, str) or data.startswith(_BINARY):
                await self._end(eio_sid, "a binary frame")
            elif not self._pace.allows(eio_sid):
                await self._end(eio_sid, "too many frames in a short time")
            else:
                try:
                    return await listener(eio_sid, data)
                except (ValueError, RecursionError):
                    # What an event does runs in a task of its own, what a connection does runs here.
                    if data.startswith(_CONNECT):
                        raise
                    await self._end(eio_sid, "a frame that cannot be read")
            return None

        return hear

    def event(self, listener: Listener) -> Listener:
        """What hears the events. A client that names one "connect" would have the handler of that name
        run, with an environment of the client's making (socketio/async_server.py:612).
        """

        async def hear(eio_sid: str, namespace: str | None, number: int | None, data: Any) -> Any:
            named = data[0] if isinstance(data, list) and data else None
            if not isinstance(named, str) or named in _RESERVED:
                await self._end(eio_sid, "no event of a page")
                return None
            return await listener(eio_sid, namespace, number, data)

        return hear

    def _still_nobody(self, eio_sid: str) -> None:
        if not self._is_somebody(eio_sid):
            later(self._end(eio_sid, "nobody has come in by it"))

    async def _end(self, eio_sid: str, why: str) -> None:
        log.warning("refused", what="a connection", why=why)
        await self._hang_up(eio_sid)
