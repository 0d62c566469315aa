"""The frames of a connection, before Socket.IO reads them."""

import asyncio
from typing import Any

import pytest
import socketio.packet

from page.chat import frame_limit
from page.chat.frame_limit import FRAMES, FrameLimit


class Wire:
    """Socket.IO behind the frames, and Engine.IO before them."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.ended = asyncio.Event()
        self.ends: list[str] = []
        self.known: set[str] = set()
        self.frames = FrameLimit(self.hang_up, self.known.__contains__)

    async def hang_up(self, eio_sid: str) -> None:
        """End a connection."""
        self.ends.append(eio_sid)
        self.ended.set()

    async def listen(self, *heard: Any) -> str:
        """Hear something."""
        self.heard.append(heard)
        return "heard"


@pytest.fixture
async def wire() -> Wire:
    """A server without connections."""
    return Wire()


@pytest.mark.parametrize("frame", ['0{"sessionId":"x"}', '2["stop"]', '21["client_message",{}]', "1", ""])
async def test_what_a_page_sends_is_heard(wire: Wire, frame: str) -> None:
    """Text, of any kind but the binary ones."""
    assert await wire.frames.came(wire.listen)("a", frame) == "heard"
    assert wire.heard == [("a", frame)]
    assert wire.ends == []


@pytest.mark.parametrize("frame", [b"", b"x" * 100, '51-["client_message",{}]', "61-[]", "59999999999-[]"])
async def test_a_binary_frame_ends_the_connection(wire: Wire, frame: str | bytes) -> None:
    """Socket.IO would keep all that follows in memory, until as much has come as was announced."""
    await wire.frames.came(wire.listen)("a", frame)
    assert (wire.heard, wire.ends) == ([], ["a"])


UNREADABLE = ['2["stop",{', "2" + "[" * 100_000 + "]" * 100_000, '2["stop",' + "9" * 5_000 + "]", "2é"]


@pytest.mark.parametrize("frame", UNREADABLE, ids=["broken", "deep", "digits", "no JSON"])
async def test_a_frame_that_cannot_be_read_ends_the_connection(wire: Wire, frame: str) -> None:
    """As Socket.IO's own reader fails: one line in the log, and no traceback for each."""

    async def reads(_eio_sid: str, data: str) -> None:
        socketio.packet.Packet(encoded_packet=data)

    await wire.frames.came(reads)("a", frame)
    assert wire.ends == ["a"]


async def test_a_fault_of_ours_while_a_page_connects_is_not_taken_for_its_frame(wire: Wire) -> None:
    """It is raised, and logged with its place."""

    async def connects(*_: Any) -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        await wire.frames.came(connects)("a", "0{}")
    assert wire.ends == []


async def test_too_many_frames_end_the_connection(wire: Wire) -> None:
    """Before any of them is read; another connection's are heard."""
    came = wire.frames.came(wire.listen)
    for _ in range(FRAMES[0] + 1):
        await came("a", "2[]")
    assert len(wire.heard) == FRAMES[0]
    assert wire.ends == ["a"]
    assert await came("b", "2[]") == "heard"


@pytest.mark.parametrize(
    "data", [["connect", {}], ["disconnect"], [], [7], [None], [["stop"]], {}, None, "stop", 7]
)
async def test_what_is_no_event_ends_the_connection(wire: Wire, data: Any) -> None:
    """The server's own two names, and everything that has none."""
    await wire.frames.event(wire.listen)("a", "/", 1, data)
    assert (wire.heard, wire.ends) == ([], ["a"])


async def test_an_event_is_heard(wire: Wire) -> None:
    """With all that came with it."""
    assert await wire.frames.event(wire.listen)("a", None, 7, ["stop", 1]) == "heard"
    assert wire.heard == [("a", None, 7, ["stop", 1])]


async def test_who_does_not_say_who_they_are_is_not_waited_for(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that nobody has come in by would be held for as long as it answers pings."""
    monkeypatch.setattr(frame_limit, "FIRST_WORD_WITHIN_S", 0.01)
    wire.known.add("somebody")
    connected = wire.frames.connected(wire.listen)
    assert await connected("somebody", {}) == "heard"
    await connected("nobody", {})
    async with asyncio.timeout(5):
        await wire.ended.wait()
    assert wire.ends == ["nobody"]
