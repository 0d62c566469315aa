"""Work that is worth doing only while somebody waits for it."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from research.doors import Refused
from research.waiting import while_there


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

    with pytest.raises(Refused):
        await while_there(request_of({"type": "http.disconnect"}), work())
    assert ended.is_set()


async def test_what_goes_wrong_is_told() -> None:
    """As it was raised."""

    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await while_there(request_of(), work())
