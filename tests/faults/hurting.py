"""What is done to running servers, and undone: each a fault of a history."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

import psutil

from bench.process import ServerProcess
from tests.faults.held import Held
from tests.faults.network import Network, State
from tests.faults.truth import Truth
from tests.journeys.workers import WorkersProcess

Hurt: TypeAlias = Callable[[random.Random], Awaitable[None]]
# Above the patience of a database and of a ping, one time in six.
LONG_S: Final = (16.0, 22.0)
SHORT_S: Final = (0.2, 3.0)
HOUR_S: Final = 3600


def how_long(chance: random.Random) -> float:
    """Seconds that something lasts."""
    return chance.uniform(*(LONG_S if chance.random() < 1 / 6 else SHORT_S))


def of_network(network: Network) -> Mapping[str, Hurt]:
    """What happens between page and server."""

    def state(one: State) -> Hurt:
        async def hurt(chance: random.Random) -> None:
            network.become(one)
            await asyncio.sleep(how_long(chance))
            network.become(State.WHOLE)

        return hurt

    return {f"network {one}": state(one) for one in (State.CUT, State.SILENT, State.SLOW)}


def of_one_server(server: ServerProcess) -> Mapping[str, Hurt]:
    """What happens to a process that nobody starts again but us."""

    async def kill(_: random.Random) -> None:
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)

    async def end(_: random.Random) -> None:
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)

    async def pause(chance: random.Random) -> None:
        await _pause(server.pid, chance)

    return {"SIGKILL": kill, "SIGTERM": end, "SIGSTOP": pause}


def of_disk(folder: Path, truth: Truth) -> Mapping[str, Hurt]:
    """What happens to a small disk that is mounted there: it is full for a while."""

    async def fill(chance: random.Random) -> None:
        ballast = folder / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(65_536)):
                pass
        await truth.while_away("the disk is full", how_long(chance))
        ballast.unlink()
        await truth.when_back("the disk was full")

    return {"disk full": fill}


def of_clock(held: Held) -> Mapping[str, Hurt]:
    """What happens to the clock of servers: it is an hour ahead or behind for a while."""

    async def step(chance: random.Random) -> None:
        held.step_clock(chance.choice((-HOUR_S, HOUR_S)))
        await asyncio.sleep(how_long(chance))
        held.step_clock(0)

    return {"clock stepped": step}


def of_fsync(held: Held, truth: Truth) -> Mapping[str, Hurt]:
    """What happens to the disk of a server on SQLite: nothing gets onto it for a while."""

    async def refuse(chance: random.Random) -> None:
        held.refuse_disk(True)
        await truth.while_away("the disk refuses", how_long(chance))
        held.refuse_disk(False)
        await truth.when_back("the disk refused")

    return {"fsync fails": refuse}


def of_workers(served: WorkersProcess) -> Mapping[str, Hurt]:
    """What happens to one of several processes, which are started again by what keeps them."""

    def pages() -> list[int]:
        found = []
        for child in psutil.Process(served.pid).children(recursive=True):
            with suppress(psutil.Error):
                if "page.serve" in child.cmdline():
                    found.append(child.pid)
        return sorted(found)

    async def any_page(chance: random.Random) -> int:
        while not (pids := pages()):  # noqa: ASYNC110  # they are started by another process
            await asyncio.sleep(0.1)
        return chance.choice(pids)

    def send(one: signal.Signals) -> Hurt:
        async def hurt(chance: random.Random) -> None:
            with suppress(ProcessLookupError):
                os.kill(await any_page(chance), one)
            await asyncio.sleep(chance.uniform(*SHORT_S))

        return hurt

    async def pause(chance: random.Random) -> None:
        await _pause(await any_page(chance), chance)

    return {"SIGKILL": send(signal.SIGKILL), "SIGTERM": send(signal.SIGTERM), "SIGSTOP": pause}


async def _pause(pid: int, chance: random.Random) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(how_long(chance))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
