"""Streams of events: what ends them, and who looks for them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse

from web import sse
from web.sse import Poller, Streams, event

PATIENCE_S = 10


class Events:
    """Something that is told of now and then, for ever."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.closed = False

    async def __call__(self) -> AsyncGenerator[str, None]:
        """Tell."""
        try:
            while True:
                yield await self.told.get()
        finally:
            self.closed = True


@pytest.fixture
def events() -> Events:
    """Nothing has been told yet."""
    return Events()


async def yes() -> bool:
    """Whoever reads may go on."""
    return True


def read(all_streams: Streams, events: Events, may: object = yes) -> AsyncIterator[str]:
    """Read a stream's body, as the server does."""
    answer = all_streams.answer(events(), may, {})  # type: ignore[arg-type]
    assert isinstance(answer, StreamingResponse)
    assert answer.media_type == "text/event-stream"
    return answer.body_iterator.__aiter__()  # type: ignore[return-value]


async def rest(body: AsyncIterator[str]) -> list[str]:
    """What comes until it ends."""
    async with asyncio.timeout(PATIENCE_S):
        return [told async for told in body]


async def test_what_is_told_is_sent(events: Events) -> None:
    """In its order, after the pause that a browser makes before it comes back."""
    body = read(Streams(), events)
    assert (await anext(body)).startswith("retry: ")
    for word in ("one", "two"):
        events.told.put_nowait(word)
        assert await anext(body) == word


async def test_the_server_ends_them_all(events: Events) -> None:
    """At once, and takes no new one: a stop does not wait for who reads."""
    all_streams = Streams()
    body = read(all_streams, events)
    await anext(body)
    asyncio.get_running_loop().call_later(0.01, all_streams.end)
    assert await rest(body) == []
    assert events.closed
    assert all_streams.answer(events(), yes, {}).status_code == 503


async def test_a_session_that_has_ended_ends_it(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while much is told."""
    monkeypatch.setattr(sse, "LOOK_AGAIN_S", 0.01)
    may = True

    async def still() -> bool:
        return may

    body = read(Streams(), events, still)
    await anext(body)
    events.told.put_nowait("one")
    assert await anext(body) == "one"
    may = False
    for _ in range(3):
        events.told.put_nowait("more")
    await asyncio.sleep(0.02)
    assert len(await rest(body)) < 3
    assert events.closed


async def test_a_database_that_is_away_ends_nothing(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing about the session."""
    monkeypatch.setattr(sse, "LOOK_AGAIN_S", 0.01)

    async def away() -> bool:
        raise SQLAlchemyError

    body = read(Streams(), events, away)
    await anext(body)
    asyncio.get_running_loop().call_later(0.05, events.told.put_nowait, "one")
    assert await anext(body) == "one"


async def test_silence_is_broken_by_a_heartbeat(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment, which browsers pass over."""
    monkeypatch.setattr(sse, "LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.02)
    body = read(Streams(), events)
    await anext(body)
    assert (await anext(body)).startswith(": ")


async def test_a_reader_who_leaves_is_let_go(events: Events) -> None:
    """In the middle of waiting, what was read from is closed."""
    answer = Streams().answer(events(), yes, {})
    sent: list[object] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "asgi": {"spec_version": "2.3"}, "headers": []}
    serving = asyncio.create_task(answer(scope, receive, send))
    await asyncio.sleep(0.01)
    gone.set()
    async with asyncio.timeout(PATIENCE_S):
        await serving
    assert events.closed
    assert len(sent) >= 2


async def test_an_event_is_one_line_of_data() -> None:
    """Whatever is in it."""
    assert event("here", {"title": "a\nb\r\n\nevent: x\u2028"}).count("\n") == 3


async def test_one_task_looks_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as anybody watches, and no longer; each gets what is new to them."""
    looks: list[int | None] = []

    async def look(before: int | None) -> int:
        looks.append(before)
        return len(looks)

    lookout = Poller(look, 0.001)
    assert not lookout.is_looking
    async with lookout.watched(), lookout.watched():
        first = await lookout.news(None)
        assert await lookout.news(first) > first
    assert not lookout.is_looking
    count = len(looks)
    await asyncio.sleep(0.02)
    assert len(looks) == count
    async with lookout.watched():
        await lookout.news(None)
    assert looks[count] is None  # whoever comes later begins anew


async def test_what_stays_the_same_is_no_news() -> None:
    """Nobody is woken for it."""

    async def look(_before: str | None) -> str:
        return "same"

    lookout = Poller(look, 0.001)
    async with lookout.watched():
        known = await lookout.news(None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await lookout.news(known)


async def test_a_look_that_fails_is_taken_again() -> None:
    """The database comes back."""
    looks = 0

    async def look(_before: int | None) -> int:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise OSError
        return looks

    lookout = Poller(look, 0.001)
    async with lookout.watched(), asyncio.timeout(PATIENCE_S):
        assert await lookout.news(None) == 3
