"""A server that is to end hands its pages on: idle ones at once, others when their reply has ended."""

import asyncio
from dataclasses import dataclass

import pytest

from page import draining
from page.draining import Draining

PATIENCE_S = 10


@dataclass(frozen=True)
class Page:
    """A page that is open."""

    thread_id: str
    socket_id: str


class Pages:
    """The pages of a process, and which of them were handed on."""

    def __init__(self, *threads: str) -> None:
        self.open = [Page(thread, f"socket of {thread}") for thread in threads]
        self.handed_on: list[str] = []
        self.busy: set[str] = set()

    async def hand_on(self, socket_id: str) -> None:
        """Close one."""
        self.handed_on.append(socket_id)
        self.open = [page for page in self.open if page.socket_id != socket_id]

    def draining(self, seconds: float) -> Draining:
        """What hands them on."""
        return Draining(
            self.busy.__contains__,
            seconds,
            lambda: bool(self.busy),
            lambda: tuple(self.open),
            self.hand_on,
            notice_s=0,
        )


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is there whom many pages at once would make slow."""
    monkeypatch.setattr(draining, "SPREAD_S", 0)
    monkeypatch.setattr(draining, "_LOOK_S", 0.001)


async def test_idle_pages_go_at_once_and_others_after_their_reply() -> None:
    """No reply is cut; nobody is told that they are signed out."""
    pages = Pages("a", "b", "c")
    pages.busy.add("b")
    drained = asyncio.create_task(pages.draining(PATIENCE_S).drain())
    async with asyncio.timeout(PATIENCE_S):
        while len(pages.open) > 1:  # noqa: ASYNC110  # what it waits for is a list
            await asyncio.sleep(0.001)
    assert pages.handed_on == ["socket of a", "socket of c"]
    pages.busy.clear()
    await drained
    assert pages.handed_on[-1] == "socket of b"


async def test_a_reply_whose_page_has_left_is_waited_for() -> None:
    """A message may come in the moment in which its page is handed on: its reply is not cut."""
    pages = Pages()
    pages.busy.add("a thread that nobody has open here")
    drained = asyncio.create_task(pages.draining(PATIENCE_S).drain())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(drained), 0.05)
    pages.busy.clear()
    await drained


async def test_it_ends_when_its_time_is_over() -> None:
    """A reply that never ends holds up no update."""
    pages = Pages("a")
    pages.busy.add("a")
    await pages.draining(0.01).drain()
    assert pages.handed_on == []


async def test_from_its_beginning_nobody_is_sent_here() -> None:
    """What /ready asks; and a second signal ends the server at once."""
    begins = Pages("a").draining(PATIENCE_S)
    assert begins.may_begin
    await begins.drain()
    assert (begins.begun, begins.may_begin) == (True, False)


def test_without_time_there_is_nothing_to_begin() -> None:
    """As it is unless it is set."""
    assert not Pages().draining(0).may_begin
