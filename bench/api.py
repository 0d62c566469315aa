"""What the API adds to a message: `scripts/bench api`.

The same agent answers the same messages: asked in Python, over REST, over a stream, over the page's socket.
Of each the processor time of the process that answers is taken, with what is written behind it; and then many
streams are open at once, and each of their threads is spoken in. What a researcher's program reads is read in
Python too, from the same database.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2

from bench.api_research import LISTED, over_http
from bench.cost import SETTLE_S, Server
from bench.process import ServerProcess, verbatim
from simulation.browser import Browser, Door
from simulation.conversation import Conversation
from simulation.lines import ScriptLine

TREE: Final = Path(__file__).resolve().parent.parent
LIMIT_MS: Final = 5.0
AT_ONCE: Final = 8
_STUDY: Final = """\
id: api
title: API
contact: nobody@example.org
welcome: Hello
login: {mode: claim}
agents:
  - {name: Plain, kind: scripted, reply: "Hello. What can I get you?"}
"""


class Programs:
    """Participants' programs at a server.

    Args:
        server: Which.
        people: How many.
        name: The beginning of their names.
    """

    def __init__(self, server: ServerProcess, people: int, name: str) -> None:
        self._name = name
        self._base = f"{server.url}/api/v1"
        self._people = people
        self.clients: list[httpx2.AsyncClient] = []
        self.threads: list[str] = []

    async def begin(self) -> None:
        """Sign all in, and begin a thread of each."""
        for number in range(self._people):
            client = httpx2.AsyncClient(base_url=self._base, timeout=120)
            tokens = (await client.post("/auth/login", data={"username": f"{self._name} {number}"})).json()
            client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            begun = await client.post("/threads", json={})
            self.clients.append(client)
            self.threads.append(begun.json()["thread"]["id"])

    async def ask(self, number: int) -> None:
        """Say something over REST."""
        path = f"/threads/{self.threads[number]}/messages"
        answer = await self.clients[number].post(path, json={"content": "a message"})
        answer.raise_for_status()

    async def stream(self, number: int) -> None:
        """Say something over a stream, and read it to its end."""
        said = {"message": "a message", "thread_id": self.threads[number]}
        async with self.clients[number].stream("POST", "/chat/stream", json=said) as answer:
            answer.raise_for_status()
            await answer.aread()

    async def follow(self, number: int, ready: asyncio.Event) -> float:
        """Follow a thread to the end of one turn.

        Returns:
            When it was told of that end.
        """
        async with self.clients[number].stream("GET", f"/threads/{self.threads[number]}/stream") as answer:
            async for line in answer.aiter_lines():
                if line == "event: status":
                    ready.set()
                if line == "event: done":
                    return time.perf_counter()
        raise RuntimeError("a stream ended before its turn")

    async def close(self) -> None:
        """Leave."""
        for client in self.clients:
            await client.aclose()


async def _all(calls: Sequence[Callable[[], Awaitable[object]]]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(call: Callable[[], Awaitable[object]]) -> None:
        async with gate:
            await call()

    await asyncio.gather(*(one(call) for call in calls))


async def _cost(server: Server, say: Callable[[int], Awaitable[object]], people: int, messages: int) -> float:
    """Processor milliseconds of the server for one message, the first of each person left out."""
    await _all([partial(say, number) for number in range(people)])
    await asyncio.sleep(SETTLE_S)

    async def phase(_: None) -> None:
        for _number in range(messages):
            await _all([partial(say, number) for number in range(people)])

    return await server.cost_of(phase, None) / (people * messages)


async def _over_the_page(running: ServerProcess, server: Server, people: int, messages: int) -> float:
    async with AsyncExitStack() as stack:
        door = Door(running.url, timeout_s=120)
        browsers = [await stack.enter_async_context(Browser(door, f"page {n}")) for n in range(people)]
        talks = [Conversation(browser, patience_s=120, recover=False) for browser in browsers]
        await _all([browser.log_in for browser in browsers])
        await _all([talk.open for talk in talks])

        async def say(number: int) -> None:
            await talks[number].say(ScriptLine(str(uuid4()), "a message"))

        cost = await _cost(server, say, people, messages)
        for talk in talks:
            await talk.close()
    return cost


async def _many_streams(running: ServerProcess, server: Server, streams: int) -> dict[str, float]:
    """Open so many, ten to a thread, and let each thread have a turn."""
    programs = Programs(running, max(1, streams // 10), "reader")
    await programs.begin()
    before = server.rss_kb()
    readies = [asyncio.Event() for _ in range(streams)]
    people = len(programs.clients)
    following = [
        asyncio.create_task(programs.follow(number % people, ready)) for number, ready in enumerate(readies)
    ]
    for ready in readies:
        await ready.wait()
    memory = server.rss_kb() - before
    began = time.perf_counter()
    await asyncio.gather(*(programs.ask(number) for number in range(people)))
    ends = sorted(end - began for end in await asyncio.gather(*following))
    await programs.close()
    return {
        "open": streams,
        "kb_each": memory / streams,
        "all_told_s": ends[-1],
        "p95_told_s": ends[int(0.95 * (len(ends) - 1))],
    }


async def _served(running: ServerProcess, people: int, messages: int, streams: int) -> dict[str, Any]:
    server = Server(running.pid)
    await server.know_alone(SETTLE_S)
    programs = Programs(running, people, "api")
    await programs.begin()
    figures: dict[str, Any] = {
        "rest_ms": await _cost(server, programs.ask, people, messages),
        "stream_ms": await _cost(server, programs.stream, people, messages),
        "page_ms": await _over_the_page(running, server, people, messages),
    }
    await programs.close()
    figures["research"] = await over_http(running, server, programs.threads[0])
    url = running.environment["VERBATIM_DATABASE_URL"]
    command = [sys.executable, "-m", "bench.api_research", url, programs.threads[0]]
    said = await asyncio.create_subprocess_exec(*command, cwd=TREE, stdout=asyncio.subprocess.PIPE)
    alone = [float(one) for one in (await said.communicate())[0].split()[-2:]]
    figures["research_direct"] = dict(zip(("list", "one"), alone, strict=True))
    return figures | {"streams": await _many_streams(running, server, streams)}


def measure(people: int, messages: int, streams: int) -> dict[str, Any]:
    """Processor milliseconds of one message, by each way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study").mkdir()
        (folder / "study" / "study.yaml").write_text(_STUDY, encoding="utf-8")
        with verbatim(TREE, folder / "data", folder / "study") as running:
            served = asyncio.run(_served(running, people, messages, streams))
        alone = verbatim(TREE, folder / "alone", folder / "study")
        command = [sys.executable, "-m", "bench.api_direct", str(people), str(messages)]
        said = subprocess.run(command, cwd=TREE, env=alone.environment, capture_output=True, check=True)
        direct = float(said.stdout.split()[-1])
    added = {"rest_adds_ms": served["rest_ms"] - direct, "stream_adds_ms": served["stream_ms"] - direct}
    return {"direct_ms": direct} | served | added | {"rest_to_page": served["rest_ms"] / served["page_ms"]}


def main() -> int:
    """Measure and print.

    Returns:
        1 when the API adds more than it may.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--participants", type=int, default=16)
    parser.add_argument("--messages", type=int, default=12, help="of each, by each way; fewer than 14")
    parser.add_argument("--streams", type=int, default=200, help="open at once")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    figures = measure(options.participants, options.messages, options.streams)
    print(f"a message, in Python          {figures['direct_ms']:6.2f} ms of a core")
    for way, name in (("rest", "over REST"), ("stream", "over a stream"), ("page", "over the page's socket")):
        print(f"a message, {name:22s} {figures[f'{way}_ms']:6.2f} ms")
    print(f"REST adds {figures['rest_adds_ms']:.2f} ms, a stream {figures['stream_adds_ms']:.2f} ms")
    print(f"REST is {figures['rest_to_page']:.2f} x the page's socket")
    for what, name in (("list", f"a list of {LISTED} threads"), ("one", "one thread")):
        direct, asked = figures["research_direct"][what], figures["research"][what]
        ways = f"{direct:.2f} ms in Python, {asked:.2f} ms over the API"
        print(f"{name}, for a researcher's token: {ways}, which adds {asked - direct:.2f} ms")
    streams = figures["streams"]
    told = f"all told in {streams['all_told_s']:.2f} s"
    print(f"{streams['open']} streams: {streams['kb_each']:.0f} kB each, {told}")
    if options.json:
        options.json.write_text(json.dumps({"api": figures}, indent=2) + "\n", encoding="utf-8")
    adds = [figures["research"][what] - figures["research_direct"][what] for what in ("list", "one")]
    return 0 if max(figures["rest_adds_ms"], figures["stream_adds_ms"], *adds) < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
