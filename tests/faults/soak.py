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
MEGABYTE: Final = 1_000_000
# What comes before both is no slope: each page that was left is kept so long (.chainlit/config.toml), ...
KEPT_S: Final = 900.0
# ... and the writer's 64 MB of SQLite's pages fill until the database has twice as much (engine.py).
CACHED: Final = 2 * 65_536 * 1024


@dataclass(frozen=True)
class Sample:
    """What the server held.

    Args:
        seconds: Since the server had begun.
        turns: Messages answered by then.
        memory: Bytes of it that were resident.
        handles: Files and sockets that it had open.
        database: Bytes of the database and its log.
    """

    seconds: float
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


def slope(samples: list[Sample]) -> float | None:
    """Bytes of memory that a turn adds, by the line that lies nearest to what was seen since it settled."""
    settled = [one for one in samples if one.seconds >= KEPT_S and one.database >= CACHED]
    if len({one.turns for one in settled}) < 2:
        return None
    return statistics.linear_regression([one.turns for one in settled], [one.memory for one in settled]).slope


def told(samples: list[Sample]) -> str:
    """What grew, in a few lines."""
    first, last = samples[0], samples[-1]
    grown = (last.database - first.database) / max(1, 2 * (last.turns - first.turns))
    most = max(one.handles for one in samples)
    a_turn = slope(samples)
    growth = (
        f"not settled yet: that takes {KEPT_S / 60:g} minutes and {CACHED / MEGABYTE:.0f} MB of database"
        if a_turn is None
        else f"{a_turn * 1000 / MEGABYTE:+.2f} MB a 1,000 turns once settled"
    )
    return (
        f"{last.turns} turns of {PARTICIPANTS} participants\n"
        f"memory: {first.memory / MEGABYTE:.0f} MB at first, {last.memory / MEGABYTE:.0f} at the end; "
        f"{growth}\n"
        f"open files and sockets: {first.handles} at first, {most} at most, {last.handles} at the end\n"
        f"database: {grown:.0f} bytes a message"
    )


async def _chat(server: ServerProcess, seconds: float) -> tuple[list[Sample], list[str], float | None]:
    dialogs = read_dialogs(DIALOGS)
    began = time.monotonic()
    until = began + seconds
    samples: list[Sample] = []
    troubles: list[str] = []
    replies: list[float] = []
    said = round_ = 0

    async def watch() -> None:
        while True:
            with suppress(psutil.Error, OSError):
                samples.append(_sample(server, time.monotonic() - began, said))
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
    samples.append(_sample(server, time.monotonic() - began, said))
    return samples, troubles, quantile(replies, 0.95)


def _sample(server: ServerProcess, seconds: float, turns: int) -> Sample:
    process = psutil.Process(server.pid)
    data = Path(server.environment["VERBATIM_DATA_DIR"])
    database = sum(path.stat().st_size for path in data.glob("verbatim.db*"))
    return Sample(seconds, turns, process.memory_info().rss, process.num_fds(), database)
