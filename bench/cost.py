"""What a participant costs the server, by its processor's time and not by the clock; the stock app beside it.

Participants sign in, load the page with its reads, connect, say messages that are answered with 40 tokens
(and some with 400, for what a frame costs by itself), then are idle. Between the phases the server's
own processor time is read, so that a busy machine makes this slower and hardly other.

`python -m bench.cost --participants 60 --json cost.json`
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar
from uuid import uuid4

import psutil
from rich.console import Console
from rich.table import Table

from bench.cold_start import Start, cold_start
from bench.load import PEER, VERBATIM, App
from simulation.browser import Browser, Door
from simulation.conversation import Conversation
from simulation.lines import ScriptLine

T = TypeVar("T")
Call: TypeAlias = Callable[[], Awaitable[object]]

AT_ONCE: Final = 8
SETTLE_S: Final = 3.0  # what is written behind an answer is part of its cost
FRAMES: Final = frozenset({"stream_token", "stream_start", "new_message", "update_message"})
ROWS: Final = {
    "sign_in": "a sign-in, ms",
    "page_load": "a page with its reads, ms",
    "connect": "a connection, ms",
    "message": "a message answered with 40 tokens, ms",
    "frame": "a frame more of a reply, ms",
    "token": "a token more of a reply, ms",
    "idle_minute": "a minute of an idle participant, ms",
    "memory": "memory of a connected participant, kB",
}


@dataclass(frozen=True)
class Cost:
    """Processor milliseconds of the server for one of each, and kilobytes of resident memory."""

    sign_in: float
    page_load: float
    connect: float
    message: float
    frame: float
    token: float
    idle_minute: float
    memory: float


class Server:
    """A running server, read from outside."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._alone_ms_per_s = 0.0

    async def know_alone(self, seconds: float) -> None:
        """Learn what it costs while nobody is there; that is no participant's."""
        before = self.cpu_ms()
        await asyncio.sleep(seconds)
        self._alone_ms_per_s = (self.cpu_ms() - before) / seconds

    def cpu_ms(self) -> float:
        """Processor time of all its threads until now."""
        times = self._process.cpu_times()
        return float(times.user + times.system) * 1000

    def rss_kb(self) -> float:
        """Resident memory."""
        return float(self._process.memory_info().rss) / 1000

    async def cost_of(self, phase: Callable[[T], Awaitable[object]], of: T) -> float:
        """Processor milliseconds that a phase costs, with what is written behind it."""
        before, began = self.cpu_ms(), time.perf_counter()
        await phase(of)
        await asyncio.sleep(SETTLE_S)
        passed = time.perf_counter() - began
        return self.cpu_ms() - before - self._alone_ms_per_s * passed


# Ours answers so by another agent, the stock app by the word.
LONG_AGENT: Final = "Four hundred tokens"


class Listening(Conversation):
    """A conversation that counts the frames of replies."""

    frames = 0

    def _hear(self, event: str, data: Any) -> None:
        self.frames += event in FRAMES
        super()._hear(event, data)


async def _some_at_once(calls: Sequence[Call]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(call: Call) -> None:
        async with gate:
            await call()

    await asyncio.gather(*(one(call) for call in calls))


async def measure(url: str, password: str | None, server: Server, people: int, idle_s: float) -> Cost:
    """Drive one server through all phases.

    Args:
        url: Where it listens.
        password: What its form asks for besides a name.
        server: Its process.
        people: How many participants.
        idle_s: How long they are idle.
    """
    door = Door(url, password=password, timeout_s=180)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        browsers = [await enter(Browser(door, f"cost-{n:03d}")) for n in range(people + 1)]
        talks = [Listening(browser, patience_s=300, recover=False) for browser in browsers]
        longs = [Listening(each, profile=LONG_AGENT, patience_s=300, recover=False) for each in browsers]
        await server.know_alone(idle_s)
        # The first of everything is built once: one participant goes before the others.
        for step in _steps(browsers[:1], talks[:1], longs[:1]):
            await _some_at_once(step)
        steps = _steps(browsers[1:], talks[1:], longs[1:])
        sign_in, page_load = [await server.cost_of(_some_at_once, step) for step in steps[:2]]
        before = server.rss_kb()
        connect, short = [await server.cost_of(_some_at_once, step) for step in steps[2:4]]
        memory = server.rss_kb() - before
        idle = await server.cost_of(asyncio.sleep, idle_s)
        await _some_at_once(steps[4])
        longer = await server.cost_of(_some_at_once, steps[5])
        for talk in (*talks, *longs):
            await talk.close()
        frames = _frames(longs[1:]) - _frames(talks[1:])
    return Cost(
        sign_in=sign_in / people,
        page_load=page_load / people,
        connect=connect / people,
        message=short / people,
        frame=(longer - short) / max(1, frames),
        token=(longer - short) / people / 360,
        idle_minute=idle / people * 60 / (idle_s + SETTLE_S),
        memory=memory / people,
    )


def _steps(
    browsers: Sequence[Browser], talks: Sequence[Conversation], longs: Sequence[Conversation]
) -> list[list[Call]]:
    """What each participant does, by phases: sign in, load, connect, say; connect and say, long replies."""
    return [
        [browser.log_in for browser in browsers],
        [partial(_load, talk) for talk in talks],
        [talk.open for talk in talks],
        [partial(_say, talk) for talk in talks],
        [talk.open for talk in longs],
        [partial(_say, talk) for talk in longs],
    ]


def _frames(talks: Sequence[Listening]) -> int:
    return sum(talk.frames for talk in talks)


async def _load(talk: Conversation) -> None:
    async with talk.browser.http.get("") as answer:
        await answer.read()
    await talk.browser.open_page(talk.session_id)


async def _say(talk: Conversation) -> None:
    await talk.say(ScriptLine(str(uuid4()), "long" if talk.profile else "a message"))


def cost_of(app: App, people: int, idle_s: float) -> Cost:
    """Start an app on an empty database and measure it."""
    with tempfile.TemporaryDirectory(prefix="bench-cost-") as name, app.server(Path(name)) as running:
        return asyncio.run(measure(running.url, app.password, Server(running.pid), people, idle_s))


def table_of(ours: Cost, peer: Cost, starts: tuple[Start, Start]) -> Table:
    """Lay both out, with the ratio."""
    table = Table(title="Processor time of the server, and memory")
    for column in ("", "Verbatim", "stock Chainlit", "ratio"):
        table.add_column(column, justify="left" if not column else "right")
    for name, words in ROWS.items():
        own, other = getattr(ours, name), getattr(peer, name)
        table.add_row(words, f"{own:.2f}", f"{other:.2f}", f"{own / other:.2f} x" if other > 0 else "")
    own, other = (start.whole for start in starts)
    table.add_row("a cold start, s", f"{own:.2f}", f"{other:.2f}", f"{own / other:.2f} x")
    return table


def as_json(ours: Cost, peer: Cost, starts: tuple[Start, Start]) -> dict[str, Any]:
    """The figures for a program: `{"cost": {"sign_in": {"ours_ms": ..., "peer_ms": ...}, ...}}`."""
    unit = {name: "kb" if name == "memory" else "ms" for name in ROWS}
    return {
        "cost": {
            name: {f"ours_{unit[name]}": asdict(ours)[name], f"peer_{unit[name]}": asdict(peer)[name]}
            for name in ROWS
        }
        | {"cold_start": {"ours_s": starts[0].whole, "ours_app_s": starts[0].app, "peer_s": starts[1].whole}}
    }


def main() -> int:
    """Measure both in one run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--participants", type=int, default=60)
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of being idle")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    costs: list[Cost] = []
    for app in (VERBATIM, PEER):
        Console(stderr=True).print(f"{app.name} ...")
        costs.append(cost_of(app, options.participants, options.idle))
    ours, peer = costs
    starts = cold_start(VERBATIM), cold_start(PEER)
    Console().print(table_of(ours, peer, starts))
    if options.json:
        options.json.write_text(json.dumps(as_json(ours, peer, starts), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
