"""One history: real servers, participants who speak, faults at random moments, and what holds in the end."""

import asyncio
import random
import shutil
import subprocess
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.process import ServerProcess
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from simulation.report import Report
from simulation.run import simulate
from study.dialogs import Dialog, read_dialogs
from tests.faults import hurting
from tests.faults.held import Held, can_hold
from tests.faults.hurting import Hurt
from tests.faults.hurting_postgres import of_postgres
from tests.faults.model import answered_twice, incoherences, shown_alone
from tests.faults.network import Network
from tests.faults.truth import Truth
from tests.journeys.checks import (
    assert_ids_hang_together,
    assert_says_what_the_file_says,
    assert_screens_equal_record,
)
from tests.journeys.server import DIALOGS, export, make_server
from tests.journeys.workers import workers
from tests.postgres import PostgresServer

PARTICIPANTS: Final = 8
PATIENCE_S: Final = 240.0
PAUSE_S: Final = (0.3, 2.5)
# A start takes some two seconds; a kill soon after it strikes a replay, or participants who come back.
BETWEEN_KILLS_S: Final = (0.05, 2.0)
KILL: Final = "SIGKILL"
# What a start asks for, and some.
DISK: Final = "size=160m,mode=0700"
DEFAULTS: Final = ThreadDefaults("journey", "campaign", "f" * 64)


@dataclass
class History:
    """What was done, and what came of it.

    Args:
        faults: How often each kind was placed.
        messages: How many a participant was told are kept, and answered.
        found: What does not hold, a sentence each.
    """

    faults: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    found: list[str] = field(default_factory=list)


def on_sqlite(seed: int, *, kills_only: bool = False) -> History:
    """One server on SQLite, whose data lies on a small disk of its own.

    Args:
        seed: Chooses the faults.
        kills_only: Nothing else happens to it, and that again and again.
    """
    with _disk() as (folder, is_own), _held(folder / "held") as held:
        server = make_server(folder, words=1, delay_ms=15)
        history = History()
        truth = Truth(server.url, history.found)
        hurts = dict(hurting.of_one_server(server))
        if is_own:
            hurts |= hurting.of_disk(folder, truth)
        if held is not None:
            server.environment |= held.environment
            hurts |= {**hurting.of_clock(held), **hurting.of_fsync(held, truth)}
        if kills_only:
            hurts = {KILL: hurts[KILL]}
        url = server.environment["VERBATIM_DATABASE_URL"]
        with server:
            return _play(server, hurts, seed, url, folder / "data", history)


def on_postgres(seed: int, postgres: PostgresServer) -> History:
    """Two processes behind a proxy, on PostgreSQL."""
    name = postgres.make_database()
    url = postgres.url_of(name)
    with (
        tempfile.TemporaryDirectory(prefix="verbatim-history-") as made,
        _held(Path(made) / "held") as held,
        workers(Path(made), url, 2, words=1, delay_ms=15, more=held.environment if held else None) as served,
    ):
        history = History()
        truth = Truth(served.url, history.found)
        hurts = {**hurting.of_workers(served), **of_postgres(postgres, name, truth)}
        if held is not None:
            hurts |= hurting.of_clock(held)
        return _play(served, hurts, seed, url, Path(made) / "data", history)


def _play(
    server: ServerProcess,
    hurts: Mapping[str, Hurt],
    seed: int,
    url: str,
    data: Path,
    history: History,
) -> History:
    chance = random.Random(seed)
    dialogs = read_dialogs(DIALOGS)
    try:
        report = asyncio.run(_speak(server, hurts, chance, dialogs, history))
    except Exception as error:
        told = "".join(traceback.format_exception(error))[-3000:]
        history.found.append(f"the history broke off: {told}\n{server.tail()[-1000:]}")
        return history
    history.messages = len(report.turns)
    history.found += [*report.errors, *report.faults]
    with tempfile.TemporaryDirectory() as out:
        history.found += _exported(server, Path(out) / "out", report, dialogs)
    server.stop()
    history.found += asyncio.run(_kept(url, data, report))
    return history


async def _speak(
    server: ServerProcess,
    hurts: Mapping[str, Hurt],
    chance: random.Random,
    dialogs: list[Dialog],
    history: History,
) -> Report:
    network = Network(server.port)
    address = await network.open()
    kills_only = list(hurts) == [KILL]
    kinds = dict(hurts) if kills_only else {**hurts, **hurting.of_network(network)}
    pause_s = BETWEEN_KILLS_S if kills_only else PAUSE_S
    speaking = asyncio.create_task(simulate(address, dialogs, PARTICIPANTS, patience_s=PATIENCE_S))
    try:
        while not speaking.done():
            await asyncio.wait([speaking], timeout=chance.uniform(*pause_s))
            if not speaking.done():
                # A server's end is what most can be lost by: one time in two.
                kind = KILL if chance.random() < 0.5 else chance.choice(sorted(kinds))
                await kinds[kind](chance)
                history.faults[kind] += 1
        return await speaking
    finally:
        speaking.cancel()
        await network.close()


def _exported(server: ServerProcess, out: Path, report: Report, dialogs: list[Dialog]) -> Iterator[str]:
    """What was shown is what is exported, and the export proves itself."""
    checks: list[Callable[[], object]] = [
        lambda: export(server, out, "--format", "parquet"),
        lambda: export(server, "verify", out),
        lambda: assert_says_what_the_file_says(out, "parquet", dialogs),
        lambda: assert_ids_hang_together(out, "parquet", report),
        lambda: assert_screens_equal_record(out, "parquet", report),
    ]
    for check in checks:
        try:
            check()
        except AssertionError as failure:
            yield str(failure)[:2000]


async def _kept(url: str, data: Path, report: Report) -> list[str]:
    """The record hangs together once all servers have ended."""
    record = Record(open_database(url), data, DEFAULTS)
    try:
        await record.start()
        found = [*await incoherences(record), *await answered_twice(record)]
        return [*found, *await shown_alone(record, report.seen)]
    finally:
        await record.close()


@contextmanager
def _held(folder: Path) -> Iterator[Held | None]:
    """What holds clock and disk of servers, where there is a compiler."""
    if not can_hold():
        yield None
        return
    folder.mkdir()
    held = Held(folder)
    try:
        yield held
    finally:
        held.close()


@contextmanager
def _disk() -> Iterator[tuple[Path, bool]]:
    """A folder on a small disk of its own, where this account may mount one.

    Yields:
        The folder, and whether it is one.
    """
    folder = Path(tempfile.mkdtemp(prefix="verbatim-history-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        command = ["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", str(folder)]
        is_own = subprocess.run(command, capture_output=True, check=False).returncode == 0
        if is_own:
            stack.callback(_unmount, folder)
        yield folder, is_own


def _unmount(folder: Path) -> None:
    for _ in range(20):
        if subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.5)
