"""A soak: many participants speak for so long, and what the server holds must not grow with what was said."""

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench.process import ServerProcess
from simulation.browser import Door
from simulation.participant import Manner
from simulation.report import quantile
from simulation.run import deal, script_of, take_part
from study.dialogs import read_dialogs
from tests.journeys.server import DIALOGS, make_server

PARTICIPANTS: Final = 100
# Between two lines: hours of chat in minutes.
THINK_S: Final = 2.0
PATIENCE_S: Final = 240.0
EVERY_S: Final = 5.0
# Caches fill and pools open at first: what comes before this share of the turns is no slope.
SETTLED: Final = 0.25
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class Sample:
    """What the server held.

    Args:
        turns: Messages answered by then.
        memory: Bytes of it that were resident.
        handles: Files and sockets that it had open.
        database: Bytes of the database and its log.
    """

    turns: int
    memory: int
    handles: int
    database: int


def soak(minutes: float) -> int:
    """Let participants chat, and print what grew.

    Args:
        minutes: For how long; who speaks then says all of theirs.

    Returns:
        How much went wrong on the way.
    """
    with tempfile.TemporaryDirectory(prefix="verbatim-soak-") as name:
        server = make_server(Path(name), words=4, delay_ms=5)
        with server:
            samples, troubles, slow = asyncio.run(_chat(server, minutes * 60))
    print(told(samples))
    print(f"95 % of replies were whole within {slow or 0:.2f} s; load {os.getloadavg()[0]:.1f} at the end")
    print(f"{len(troubles)} things went wrong{''.join(f'; {trouble}' for trouble in troubles[:5])}")
    return len(troubles)


def slope(samples: list[Sample]) -> float:
    """Bytes of memory that a turn adds, by the line that lies nearest to what was seen since it settled."""
    settled = [one for one in samples if one.turns >= samples[-1].turns * SETTLED]
    return statistics.linear_regression([one.turns for one in settled], [one.memory for one in settled]).slope


def told(samples: list[Sample]) -> str:
    """What grew, in a few lines."""
    first, last = samples[0], samples[-1]
    grown = (last.database - first.database) / max(1, 2 * (last.turns - first.turns))
    most = max(one.handles for one in samples)
    return (
        f"{last.turns} turns of {PARTICIPANTS} participants\n"
        f"memory: {first.memory / MEGABYTE:.0f} MB at first, {last.memory / MEGABYTE:.0f} at the end; "
        f"{slope(samples) * 1000 / MEGABYTE:+.2f} MB a 1,000 turns once settled\n"
        f"open files and sockets: {first.handles} at first, {most} at most, {last.handles} at the end\n"
        f"database: {grown:.0f} bytes a message"
    )


async def _chat(server: ServerProcess, seconds: float) -> tuple[list[Sample], list[str], float | None]:
    dialogs = read_dialogs(DIALOGS)
    until = time.monotonic() + seconds
    samples: list[Sample] = []
    troubles: list[str] = []
    replies: list[float] = []
    said = round_ = 0

    async def watch() -> None:
        while True:
            with suppress(psutil.Error, OSError):
                samples.append(_sample(server, said))
            await asyncio.sleep(EVERY_S)

    def one_more(*_: int) -> None:
        nonlocal said
        said += 1

    watching = asyncio.create_task(watch())
    try:
        while time.monotonic() < until:
            scripts = [script_of(dialog, number, round_) for number, dialog in enumerate(dialogs)]
            manner = Manner(think_time_s=THINK_S, patience_s=PATIENCE_S)
            hands = deal(scripts, PARTICIPANTS)
            report = await take_part(Door(server.url), hands, manner, progress=one_more)
            troubles += [*report.errors, *report.faults]
            replies += [turn.reply_s for turn in report.turns]
            round_ += 1
    finally:
        watching.cancel()
    samples.append(_sample(server, said))
    return samples, troubles, quantile(replies, 0.95)


def _sample(server: ServerProcess, turns: int) -> Sample:
    process = psutil.Process(server.pid)
    data = Path(server.environment["VERBATIM_DATA_DIR"])
    database = sum(path.stat().st_size for path in data.glob("verbatim.db*"))
    return Sample(turns, process.memory_info().rss, process.num_fds(), database)
