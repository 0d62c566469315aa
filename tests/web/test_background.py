"""Work beside an answer: what goes on after it, and what is worth doing only while somebody waits for it."""

import asyncio
import gc
from typing import Any

import pytest
from starlette.requests import Request

from web.background import Background, later, while_there
from web.problem import HttpProblem


def request_of(*messages: dict[str, Any]) -> Request:
    """A request whose browser sends these messages, and then nothing."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


async def test_what_somebody_waits_for_is_done() -> None:
    """They get what it gives."""
    assert await while_there(request_of(), asyncio.sleep(0, "done")) == "done"


async def test_what_nobody_waits_for_any_more_is_ended() -> None:
    """A browser that leaves the page closes what it asked for: the work hears of it, and ends."""
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(HttpProblem):
        await while_there(request_of({"type": "http.disconnect"}), work())
    assert ended.is_set()


async def test_what_goes_wrong_is_told() -> None:
    """As it was raised."""

    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await while_there(request_of(), work())


async def test_what_comes_later_is_held_until_it_is_done() -> None:
    """Nobody else holds it: without that, a loop may drop it in the middle."""
    begun, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        # Of this future nobody knows but who waits for it.
        await asyncio.get_running_loop().run_in_executor(None, gc.collect)
        done.set()

    later(work())
    assert not begun.is_set()
    gc.collect()
    await done.wait()


async def test_what_runs_beside_the_server_is_begun_anew_when_it_breaks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And a line of the log names it: nobody would miss it before it is needed."""
    begun: list[int] = []
    again = asyncio.Event()

    async def tell_forever() -> None:
        begun.append(len(begun))
        if len(begun) == 1:
            raise KeyError("a name")
        again.set()
        await asyncio.Event().wait()

    beside = Background(again_s=0)
    beside.begin([tell_forever])
    async with asyncio.timeout(10):
        await again.wait()
        await beside.end()
    assert begun == [0, 1]
    said = capsys.readouterr()
    assert "background_failed" in said.out + said.err
    assert "tell_forever" in said.out + said.err


async def test_what_does_not_let_go_holds_nothing_up() -> None:
    """The server ends: replies that are being given are kept after this."""
    held, ended = asyncio.Event(), asyncio.Event()

    async def stubborn() -> None:
        while not held.is_set():
            try:
                await held.wait()
            except asyncio.CancelledError:
                ended.set()

    beside = Background(let_go_s=0.01)
    beside.begin([stubborn])
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await beside.end()
        await ended.wait()
    held.set()
