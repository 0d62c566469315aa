"""Events to pages: who gets them, in which order, and that one page keeps nothing from the others."""

from typing import Any

import pytest
import socketio

from page.chat.emitting import at_once


class Pages(socketio.AsyncServer):
    """Socket.IO with a line in place of each page's connection."""

    def __init__(self) -> None:
        super().__init__(async_mode="asgi")
        self.sent: list[tuple[str, str]] = []
        self.gone: set[str] = set()
        self.manager.emit = at_once(self, self.manager.emit)

    async def _send_eio_packet(self, eio_sid: str, eio_pkt: Any) -> None:
        if eio_sid in self.gone:
            raise OSError("gone")
        self.sent.append((eio_sid, eio_pkt.encode()))


@pytest.fixture
async def pages() -> Pages:
    """Two pages that are connected."""
    made = Pages()
    for eio_sid in ("one", "two"):
        await made.manager.connect(eio_sid, "/")
    return made


def sid(pages: Pages, eio_sid: str) -> str:
    """Socket.IO's id of a page."""
    return str(pages.manager.sid_from_eio_sid(eio_sid, "/"))


async def test_an_event_reaches_the_page_that_is_meant(pages: Pages) -> None:
    """And no other; one after the other in the order in which they were called for."""
    await pages.emit("stream_token", {"token": "a"}, to=sid(pages, "one"))
    await pages.emit("task_end", {}, to=sid(pages, "one"))
    assert pages.sent == [("one", '42["stream_token",{"token":"a"}]'), ("one", '42["task_end",{}]')]


async def test_an_event_for_all_reaches_all_but_who_is_left_out(pages: Pages) -> None:
    """By Socket.IO's own ways of saying that; data may be none, one thing or several."""
    await pages.emit("news")
    await pages.emit("news", (1, 2), skip_sid=sid(pages, "one"))
    assert sorted(pages.sent) == [("one", '42["news"]'), ("two", '42["news",1,2]'), ("two", '42["news"]')]


async def test_a_page_that_is_gone_keeps_nothing_from_the_others(pages: Pages) -> None:
    """Nor does it end what tells them."""
    pages.gone = {"one"}
    await pages.emit("news")
    await pages.emit("news", to="nobody")
    assert pages.sent == [("two", '42["news"]')]
