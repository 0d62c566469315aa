"""The server is asked to end: whoever has to know hears of it before it waits for anybody."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from page.ending import on_ending

PATIENCE_S = 10


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What happens; the server listens for SIGTERM as uvicorn does."""
    told: list[str] = []
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    for one in before:
        signal.signal(one, lambda *_: told.append("server"))
    yield told
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT])
async def test_both_hear_of_it(heard: list[str], one: signal.Signals) -> None:
    """The server ends as it would have; streams end with it."""
    streams = asyncio.Event()
    on_ending(streams.set)
    os.kill(os.getpid(), one)
    async with asyncio.timeout(PATIENCE_S):
        await streams.wait()
    assert heard == ["server"]


@pytest.mark.parametrize(("one", "hears"), [(signal.SIGTERM, []), (signal.SIGINT, ["streams"])])
async def test_who_is_drained_first_hears_later(
    heard: list[str], one: signal.Signals, hears: list[str]
) -> None:
    """A SIGTERM that begins to drain ends no stream yet; Ctrl+C does."""
    told: list[str] = []
    on_ending(lambda: told.append("streams"), lambda: True)
    os.kill(os.getpid(), one)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (heard, told) == (["server"], hears)


async def test_a_signal_that_nobody_listens_to_stays_what_it_is(heard: list[str]) -> None:
    """Nothing stands in the way of a process that shall simply end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    on_ending(lambda: None)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
