"""Pages that are told of what happens: server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html. A browser comes back by itself when a stream
ends (research/static/stream.js); so it may end at any moment, and does: with its reader, the session, the
server.

Not sse-starlette: 3.7 replaces uvicorn's handler of signals when it is imported, looks every half second
whether the server ends, and keeps one answer to that for a whole process; and it has no place to ask whether
a session still holds. The loop below would stay, and a line of heartbeat go.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

log = structlog.get_logger(__name__)

T = TypeVar("T")

# A proxy closes what says nothing for a minute, and a browser that has gone is noticed by writing to it.
HEARTBEAT_S: Final = 10.0
# A session that has ended, or a right that was taken away, is noticed after this.
LOOK_AGAIN_S: Final = 3.0
# Of a core that one look should take at most: what takes long is done less often,
SHARE: Final = 0.05
# but never less often than this: on a busy machine everything takes long.
LONGEST_S: Final = 3.0
# Browsers wait so long before they come back; all of them do after a restart.
BACK_IN_MS: Final = 2000


class Streams:
    """The streams of this process, which end when it does."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()

    def end(self) -> None:
        """End all, and let none begin: the server waits for open answers before it stops."""
        self._ended.set()

    async def until_end(self) -> None:
        """Wait for the end of all."""
        await self._ended.wait()

    def answer(
        self,
        events: AsyncGenerator[str, None],
        still_may: Callable[[], Awaitable[bool]],
        headers: dict[str, str],
    ) -> Response:
        """Answer a request with a stream.

        Args:
            events: What is told, as `event` writes it; closed when the stream ends.
            still_may: Asked again and again whether whoever reads may go on.
            headers: Of the answer.
        """
        if self._ended.is_set():
            return Response(status_code=503, headers=headers)
        # nginx and Caddy would gather what is told.
        told = headers | {"X-Accel-Buffering": "no"}
        return _Stream(self._kept(events, still_may), headers=told, media_type="text/event-stream")

    async def _kept(
        self, events: AsyncGenerator[str, None], still_may: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        ended = asyncio.create_task(self._ended.wait())
        coming: asyncio.Task[str | None] | None = None
        said = looked = time.monotonic()
        try:
            yield f"retry: {BACK_IN_MS}\n\n"
            while True:
                coming = coming or asyncio.create_task(_next(events))
                waited: set[asyncio.Task[Any]] = {coming, ended}
                await asyncio.wait(waited, timeout=LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    return
                now = time.monotonic()
                if now - looked >= LOOK_AGAIN_S:
                    looked = now
                    if not await _may(still_may):
                        return
                if coming.done():
                    told = coming.result()
                    if told is None:
                        return
                    coming = None
                    said = now
                    yield told
                elif now - said >= HEARTBEAT_S:
                    said = now
                    yield ": still here\n\n"
        finally:
            ended.cancel()
            if coming is not None:
                coming.cancel()
                await asyncio.wait({coming})
            await events.aclose()


async def _next(events: AsyncGenerator[str, None]) -> str | None:
    """The next one; None when there is none. A task may not end in StopAsyncIteration."""
    return await anext(events, None)


async def _may(still_may: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await still_may()
    except (SQLAlchemyError, OSError) as error:
        # It cannot be known now; nothing new can be read meanwhile either.
        log.warning("session_not_looked_up", error_type=type(error).__name__)
        return True


class _Stream(StreamingResponse):
    """Closes what it reads from, also when its reader has gone in the middle of a word."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = self.body_iterator
        assert isinstance(body, AsyncGenerator)  # Streams.answer makes it
        async with aclosing(body):
            await super().__call__(scope, receive, send)


def event(name: str, data: Any) -> str:
    """Write an event: its data is JSON, which has no line ends."""
    return written(name, json.dumps(data, ensure_ascii=False))


def written(name: str, data: str, place: str = "") -> str:
    """Write an event whose data is JSON already.

    Args:
        name: What it is.
        data: Without line ends.
        place: Its id, by which a reader who was cut off says where they were; empty for none.
    """
    return f"{f'id: {place}{chr(10)}' if place else ''}event: {name}\ndata: {data}\n\n"


def pause_after(spent_s: float) -> float:
    """How long to wait after work, so that it takes no more than its share."""
    return min(spent_s / SHARE, LONGEST_S)


class Poller(Generic[T]):
    """Looks at something while anybody watches: one task for all who do, and none when nobody does.

    Args:
        look: Gets what was seen last, None at first; gives what is there now.
        every_s: Between two looks.
    """

    def __init__(self, look: Callable[[T | None], Awaitable[T]], every_s: float) -> None:
        self._look = look
        self._every_s = every_s
        self._watchers = 0
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self.seen: T | None = None

    @property
    def is_looking(self) -> bool:
        """Whether the task runs."""
        return self._task is not None

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Somebody watches."""
        self._watchers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._go(), name="lookout")
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers and self._task is not None:
                self._task.cancel()
                self._task = self.seen = None

    async def news(self, known: T | None) -> T:
        """Wait for what is not what is known already; whoever is slow misses what lies between."""
        while self.seen is None or self.seen is known:
            await self._news.wait()
        return self.seen

    async def _go(self) -> None:
        while True:
            began = time.monotonic()
            try:
                now = await self._look(self.seen)
            except (SQLAlchemyError, OSError) as error:
                log.warning("not_looked", error_type=type(error).__name__)
            else:
                if now != self.seen:
                    self.seen = now
                    self._news.set()
                    self._news = asyncio.Event()
            await asyncio.sleep(max(self._every_s, pause_after(time.monotonic() - began)))
