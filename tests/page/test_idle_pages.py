"""Pages on which nothing was done are let go of: which, when, and what the record says of it."""

from typing import Any

import pytest

from data_layer.record import Record
from page.chat.idle_pages import IdlePages
from tests.data_layer.rows import ADA, new_id, one
from tests.fakes import HandClock


class Page:
    """A page that remembers what it was told."""

    def __init__(self) -> None:
        self.thread_id = new_id()
        self.told: list[str] = []

    async def emit(self, event: str, _data: Any) -> None:
        """Tell it something."""
        self.told.append(event)


class Room:
    """Pages that are let go of after ten minutes."""

    def __init__(self, record: Record, clock: HandClock) -> None:
        self.clock = clock
        self.record = record
        self.pages: dict[str, Page] = {}
        self.busy: set[str] = set()
        self.closed: list[str] = []
        self.idle = IdlePages(
            10, clock, record.connections, self.pages.get, self.busy.__contains__, self._disconnect
        )
        self.handlers = self.idle.hold(
            dict.fromkeys(("connect", "typing", "client_message", "disconnect"), self._handler)
        )

    async def _handler(self, *_data: Any) -> None:
        """Chainlit's."""

    async def _disconnect(self, sid: str) -> None:
        self.closed.append(sid)
        await self.handlers["disconnect"](sid)

    async def connect(self, sid: str = "s") -> Page:
        """A page connects."""
        page = self.pages[sid] = Page()
        self.record.connections.opened(
            sid, session_id=new_id(), participant_id=ADA, thread_id=page.thread_id, user_agent=""
        )
        await self.handlers["connect"](sid, {}, {})
        return page

    async def later(self, minutes: float) -> None:
        """Time passes, and somebody looks."""
        self.clock.forward(minutes * 60)
        await self.idle.sweep()


@pytest.fixture
def room(record: Record, clock: HandClock) -> Room:
    """Nobody is in it."""
    return Room(record, clock)


async def test_a_silent_page_is_told_and_the_record_says_why(room: Room) -> None:
    """It may close by itself; what it says of that later changes nothing."""
    page = await room.connect()
    await room.later(9.9)
    assert page.told == []
    await room.later(0.1)
    assert (page.told, room.closed) == (["away"], [])
    await room.handlers["disconnect"]("s", "transport close")
    room.record.connections.closed("s", "transport close")
    await room.later(60)
    assert (page.told, room.closed) == (["away"], [])
    await room.record.writer.flush()
    row = await one(room.record, "connections")
    assert row["close_reason"] == "idle"
    assert row["closed_at"] is not None


async def test_one_that_does_not_close_is_closed(room: Room) -> None:
    """At the next look, and once."""
    await room.connect()
    await room.later(10)
    for _ in range(3):
        await room.later(1)
    assert room.closed == ["s"]


@pytest.mark.parametrize("event", ["typing", "client_message"])
async def test_what_is_done_there_keeps_it(room: Room, event: str) -> None:
    """From each thing that is heard the time runs anew."""
    page = await room.connect()
    for _ in range(3):
        await room.later(9)
        await room.handlers[event]("s", {})
    assert page.told == []
    await room.later(10)
    assert page.told == ["away"]


async def test_a_reply_that_is_being_given_keeps_it(room: Room) -> None:
    """Its participant waits; from its end the time runs anew."""
    page = await room.connect()
    room.busy.add(page.thread_id)
    await room.later(30)
    room.busy.clear()
    await room.later(9)
    assert page.told == []
    await room.later(1)
    assert page.told == ["away"]


async def test_each_page_for_itself(room: Room) -> None:
    """Another tab of the same participant stays."""
    silent, lively = await room.connect("a"), await room.connect("b")
    await room.later(6)
    await room.handlers["typing"]("b")
    await room.later(6)
    assert (silent.told, lively.told) == (["away"], [])


async def test_one_that_is_gone_is_forgotten(room: Room) -> None:
    """Whether it said so or not."""
    await room.connect("a")
    await room.handlers["disconnect"]("a", "transport close")
    await room.connect("b")
    del room.pages["b"]
    await room.later(10)
    assert room.idle._heard == {}
