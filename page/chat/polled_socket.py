"""A WebSocket made of requests, for who cannot have one: behind it, all is as with any other.

Whoever serves it gets what ASGI promises of a WebSocket; whoever speaks by it brings and fetches frames.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Scope

from study.pace import RateLimiter

log = structlog.get_logger(__name__)

# What waits to be fetched. More waits in Engine.IO, as before a WebSocket whose reader is slow.
ROOM: Final = 65_536
# How long Engine.IO is held by that: its own pings have ended the connection by then.
_HELD_S: Final = 20.0
# Answers with frames, at once and a second: the first words go out as they come, what follows goes together.
_ANSWERED: Final = (4, 20.0)


class PolledSocket:
    """One connection.

    Args:
        participant_id: Who opened it; nobody else's requests are of it.
        sign_in_id: Under which of their sign-ins.
        room: How many characters may wait to be fetched.

    Attributes:
        owner: Both of these.
        is_ended: By either side.
        is_asked: Whether a request waits for frames; whoever serves requests says so.
        is_told: Whether one brings frames.
    """

    def __init__(self, participant_id: str, sign_in_id: str | None, *, room: int = ROOM) -> None:
        self.owner = (participant_id, sign_in_id)
        self.is_ended = False
        self.is_asked = False
        self.is_told = False
        self._room = room
        self._brought: asyncio.Queue[Message] = asyncio.Queue()
        self._waiting: list[str] = []
        self._length = 0
        self._read = asyncio.Event()
        self._news = asyncio.Event()
        self._taken = asyncio.Event()
        self._pace = RateLimiter(*_ANSWERED)

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        """Let it be served until it ends.

        Args:
            app: What serves WebSockets.
            scope: Of one.
        """
        self._brought.put_nowait({"type": "websocket.connect"})
        try:
            await app(scope, self._receive, self._send)
        except Exception as error:  # As uvicorn does of a WebSocket: one connection's failure is no other's.
            log.exception("polled_socket_failed", error_type=type(error).__name__)
        finally:
            self._end()

    async def bring(self, frames: Sequence[str]) -> bool:
        """Take frames from whoever speaks, and wait until they are read. False when it has ended instead."""
        if not self.is_ended:
            self._read.clear()
            for frame in frames:
                self._brought.put_nowait({"type": "websocket.receive", "text": frame})
            await self._read.wait()
        return not self.is_ended

    async def fetch(self) -> list[str]:
        """Wait for what there is to hear, and take it; nothing when it has ended."""
        await self._news.wait()
        if not self.is_ended:
            await asyncio.sleep(self._pace.wait_s(""))
            self._pace.allows("")
        frames, self._waiting, self._length = self._waiting, [], 0
        if not self.is_ended:
            self._news.clear()
        self._taken.set()
        return frames

    def hang_up(self) -> None:
        """End it from the side of whoever speaks, as a network that went away does."""
        self._brought.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self._end()

    def _end(self) -> None:
        self.is_ended = True
        self._read.set()
        self._news.set()
        self._taken.set()

    async def _receive(self) -> Message:
        if self._brought.empty():
            self._read.set()
        return await self._brought.get()

    async def _send(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            self._end()
        elif message["type"] == "websocket.send":
            await self._put(message)

    async def _put(self, message: Message) -> None:
        while self._length > self._room and not self.is_ended:
            self._taken.clear()
            async with asyncio.timeout(_HELD_S):
                await self._taken.wait()
        if self.is_ended:
            raise ConnectionError("nobody fetches any more")
        frame: str = message["text"]  # nothing is said to a page in bytes
        self._waiting.append(frame)
        self._length += len(frame)
        self._news.set()


def sid_in(frames: Sequence[str]) -> str | None:
    """What Engine.IO calls a connection that has just been opened; None when it was not."""
    if not frames or not frames[0].startswith("0{"):
        return None
    named = json.loads(frames[0][1:]).get("sid")
    return named if isinstance(named, str) else None
