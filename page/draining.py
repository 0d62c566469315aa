"""A server that is to end lets replies be finished first, and hands its pages on to the others.

Begun by a SIGTERM where VERBATIM_DRAIN_S says how long it may take (page/serve.py); a second one ends it at
once. From its beginning `/api/v1/ready` answers 503, so that a proxy sends nobody here any more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Protocol

import structlog
from chainlit.server import sio
from chainlit.session import ws_sessions_sid

log = structlog.get_logger(__name__)

# Proxies ask each second whether a server is ready (deploy/): two of them, and some.
NOTICE_S: Final = 2.5
# Pages that come to another server all at once would make it slow for those who are there.
SPREAD_S: Final = 3.0
_LOOK_S: Final = 0.1


class DrainedPage(Protocol):
    """What of Chainlit's session is needed."""

    thread_id: str
    socket_id: str


class Draining:
    """Hands the pages of this process on.

    Args:
        is_busy: Whether a reply is being given in a thread.
        seconds: How long it may take at most; 0 for not at all.
        works: Whether a reply is being given anywhere: also one whose page was handed on as it was asked for.
        pages: The pages of this process that are connected.
        hand_on: Closes the connection of a page so that it connects anew by itself.
        notice_s: How long proxies are given to see that this server is not ready any more.
    """

    def __init__(
        self,
        is_busy: Callable[[str], bool],
        seconds: float,
        works: Callable[[], bool] = lambda: False,
        pages: Callable[[], Iterable[DrainedPage]] | None = None,
        hand_on: Callable[[str], Awaitable[None]] | None = None,
        notice_s: float = NOTICE_S,
    ) -> None:
        self.seconds = seconds
        self.begun = False
        self._is_busy = is_busy
        self._works = works
        self._pages = pages or _connected
        self._hand_on = hand_on or _hand_on
        self._notice_s = notice_s

    @property
    def may_begin(self) -> bool:
        """Whether the next SIGTERM begins it."""
        return self.seconds > 0 and not self.begun

    async def drain(self) -> None:
        """Let go of every page, those on which a reply is being given when it has ended."""
        self.begun = True
        log.info("draining", seconds=self.seconds)
        try:
            async with asyncio.timeout(self.seconds):
                await asyncio.sleep(self._notice_s)
                pause = SPREAD_S / max(1, len(tuple(self._pages())))
                while pages := tuple(self._pages()):
                    idle = [page for page in pages if not self._is_busy(page.thread_id)]
                    for page in idle:
                        if not self._is_busy(page.thread_id):
                            await self._hand_on(page.socket_id)
                        await asyncio.sleep(pause)
                    await asyncio.sleep(0 if idle else _LOOK_S)
                while self._works():  # noqa: ASYNC110  # what it waits for is a count
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            log.warning("drained_in_part", pages=len(tuple(self._pages())))
        else:
            log.info("drained")


def _connected() -> list[DrainedPage]:
    """Chainlit keeps those that have gone for a while (chainlit/socket.py:282)."""
    return [page for page in ws_sessions_sid.values() if sio.manager.is_connected(page.socket_id, "/")]


async def _hand_on(socket_id: str) -> None:
    """Close the transport beneath a socket: a page that is disconnected by name does not come back.

    socket.io-client connects anew after "transport close", and not after "io server disconnect"
    (https://socket.io/docs/v4/client-socket-instance/#disconnect).
    """
    eio_sid: Any = sio.manager.eio_sid_from_sid(socket_id, "/")
    if eio_sid is not None:
        await sio.eio.disconnect(eio_sid)
