"""One fault at one point of the scenario, in a process of its own; then the folder is opened and checked."""

import asyncio
import os
import random
import shutil
import sqlite3
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from tests.data_layer.said_by_ada import everything_kept
from tests.faults.model import same, violations
from tests.faults.nemesis import KILLED, Fault, Nemesis
from tests.faults.scenario import MARKER, Scenario, until_back
from tests.faults.told import Tale, count, read_tale

DEFAULTS: Final = ThreadDefaults("example", "0.1.0+gtest", "f" * 64)
WITHIN_S: Final = 60.0
BROKEN: Final = 70


@dataclass(frozen=True)
class Place:
    """Where a fault happens.

    Args:
        at: The point of the scenario, from 1; 0 for none.
        fault: What happens there.
        again: The point of the start after it; 0 for none.
        fault_again: What happens there.
        loses: A message that is taken out behind everybody's back, to see that it is missed.
    """

    at: int
    fault: Fault
    again: int = 0
    fault_again: Fault = Fault.KILL
    loses: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What came of it.

    Args:
        place: Where it was placed.
        struck: What it hit, by name; None when the point was not reached.
        found: What does not hold, a sentence each.
        ok: Calls that ended ok.
        fail: Calls that were refused.
        unknown: Calls of which nobody knows.
        points: What was passed, in order, when the scenario came to its end.
        seconds: How long it took.
    """

    place: Place
    struck: str | None
    found: list[str]
    ok: int
    fail: int
    unknown: int
    points: list[str]
    seconds: float


def try_place(place: Place, migrated: Path, folder: Path) -> Verdict:
    """Play the scenario with a fault, start anew, and check.

    Args:
        place: The fault.
        migrated: An empty SQLite database at head.
        folder: An empty folder.
    """
    began = time.monotonic()
    data = folder / "data"
    data.mkdir(parents=True)
    shutil.copyfile(migrated, data / "verbatim.db")
    found = _in_child(folder, lambda: _play(folder, place))
    if place.again:
        found += _in_child(folder, lambda: _start_again(folder, place))
    calls, struck, points = read_tale(folder / "tale.jsonl")
    if place.loses is not None:
        with closing(sqlite3.connect(data / "verbatim.db", isolation_level=None)) as connection:
            connection.execute("DELETE FROM steps WHERE output = ?", (place.loses,))
    found += asyncio.run(_check(folder))
    if MARKER in (folder / "log").read_text("utf-8", "replace"):
        found.append("the log has words of a participant")
    told = {how: count(calls, how) for how in ("ok", "fail", "unknown")}
    seconds = time.monotonic() - began
    return Verdict(place, struck, found, told["ok"], told["fail"], told["unknown"], points, seconds)


def _in_child(folder: Path, work: Callable[[], Coroutine[Any, Any, None]]) -> list[str]:
    """Do something in a process that may end in its middle.

    Returns:
        How it ended otherwise than it may, a sentence each.
    """
    sys.stdout.flush()
    with warnings.catch_warnings():
        # As of 3.12 where there are threads: those of tests hold no lock that a child needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _be_child(folder, work)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return (
        []
        if code in (0, KILLED)
        else [f"the process ended with {code}: {(folder / 'log').read_text()[-2000:]}"]
    )


def _be_child(folder: Path, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    code = BROKEN
    try:
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.stdout = sys.stderr = open(log, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        asyncio.run(_in_time(work()))
        code = 0
    except BaseException:
        os.write(log, traceback.format_exc().encode())
    finally:
        os._exit(code)


async def _in_time(work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.timeout(WITHIN_S):
        await work


def _open(folder: Path) -> Record:
    url = f"sqlite+aiosqlite:///{folder / 'data' / 'verbatim.db'}"
    record = Record(open_database(url, 2.0), folder / "data", DEFAULTS)
    record.writer._retry_s = 0.005
    return record


async def _play(folder: Path, place: Place) -> None:
    tale = Tale(folder / "tale.jsonl")
    record = _open(folder)
    await record.start()
    nemesis = Nemesis(folder / "data", place.at, place.fault, tale.struck)
    nemesis.follow(record.database)
    nemesis.watch()
    await Scenario(record, tale, nemesis).play()
    await until_back(record)
    tale.note_points(nemesis.points)
    os._exit(0)  # As a kill when all is quiet: an orderly end closes what is open.


def warm(migrated: Path, folder: Path) -> None:
    """Play it here once, in peace: what that has compiled, each child begins with."""
    (folder / "data").mkdir(parents=True)
    shutil.copyfile(migrated, folder / "data" / "verbatim.db")

    async def play() -> None:
        record = _open(folder)
        await record.start()
        nemesis = Nemesis(folder / "data", 0, Fault.KILL)
        nemesis.follow(record.database)
        await Scenario(record, Tale(folder / "tale.jsonl"), nemesis).play()
        await record.close()

    asyncio.run(play())


async def _start_again(folder: Path, place: Place) -> None:
    tale = Tale(folder / "again.jsonl")
    record = _open(folder)
    nemesis = Nemesis(folder / "data", place.again, place.fault_again, tale.struck)
    nemesis.follow(record.database)
    nemesis.watch()
    try:
        await record.start()
        await record.withdrawals.finish()
        await until_back(record)
    except Exception:
        traceback.print_exc()  # A start may fail, and is tried again.
    os._exit(0)


async def _check(folder: Path) -> list[str]:
    calls, _, _ = read_tale(folder / "tale.jsonl")
    record = _open(folder)
    await record.start()
    await record.withdrawals.finish()
    found = await violations(record, calls, MARKER)
    first = await everything_kept(record)
    await record.close()
    again = _open(folder)
    await again.start()
    found += same(first, await everything_kept(again))
    await again.close()
    return found


def passed(migrated: Path, folder: Path) -> Verdict:
    """The scenario without a fault: what there is to strike."""
    return try_place(Place(0, Fault.KILL), migrated, folder)


def sample(points: Sequence[str], many: int, chance: random.Random) -> list[Place]:
    """Some places, spread evenly; every other one where something is made durable, each fault as often."""
    faults = list(Fault)
    chance.shuffle(faults)
    durable = [at for at, name in enumerate(points, 1) if not name.startswith("statement")]
    each = (range(1, len(points) + 1), durable)
    places = []
    for number in range(many):
        among = each[number % 2]
        at = among[(number * len(among) + chance.randrange(len(among))) // many % len(among)]
        places.append(Place(at, faults[number // 2 % len(faults)]))
    return places


def everywhere(points: Sequence[str]) -> list[Place]:
    """Each fault at each point."""
    return [Place(at, fault) for at in range(1, len(points) + 1) for fault in Fault]


# Points that a start passes, at least, where something waits in the journal.
START_POINTS: Final = 40


def spread_over_again(places: Sequence[Place], chance: random.Random) -> list[Place]:
    """Let every third place be followed by a fault of the start after it."""
    return [
        replace(place, again=chance.randint(1, START_POINTS), fault_again=chance.choice(list(Fault)))
        if number % 3 == 0
        else place
        for number, place in enumerate(places)
    ]
