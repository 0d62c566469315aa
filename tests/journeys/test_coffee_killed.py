"""The server is killed three times while fifty participants order coffee: no word is lost."""

import asyncio
import random
import secrets
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from bench.dialogs import DIALOGS, STUDY
from bench.dialogs_play import PlayedDialog, play_all, read_dialogs
from bench.process import verbatim
from simulation.browser import Door
from simulation.participant import Manner
from simulation.report import Report
from simulation.run import deal, take_part
from tests.agent.task.counter import barista
from tests.journeys.compare import read_table
from tests.journeys.server import TREE, export
from tests.journeys.test_coffee import PARTICIPANTS, script_of_played, thread_of
from tests.journeys.test_killed_server import KILLS, PATIENCE_S, Killer

# A third of them; all are played without a kill.
ORDERS: Final = 100
ACTS: Final = ("add_order_item", "update_order_item", "update_order", "finish_order")

# Set it to the seed that a failed run printed, to kill at the same points of progress again.
SEED: int | None = None

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Orders:
    """What was to be said, what participants saw, and the export with all that left the screen."""

    expected: list[PlayedDialog]
    report: Report
    everything: Path
    seed: int


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Orders:
    """Everybody orders to the end in spite of it; then the record is exported and verified."""
    folder = tmp_path_factory.mktemp("killed-coffee")
    seed = SEED if SEED is not None else secrets.randbelow(1_000_000)
    sys.stderr.write(f"seed {seed}\n")
    expected = play_all(read_dialogs(DIALOGS)[-ORDERS:], barista())
    scripts = [script_of_played(one) for one in expected]
    total = sum(len(one.lines) for one in scripts)
    with verbatim(TREE, folder / "data", STUDY) as server:
        killer = Killer(server, random.Random(seed), total)

        async def speak_and_kill() -> Report:
            manner = Manner(patience_s=PATIENCE_S)
            async with asyncio.TaskGroup() as group:
                group.create_task(killer.run())
                speaking = group.create_task(
                    take_part(Door(server.url), deal(scripts, PARTICIPANTS), manner, progress=killer.progress)
                )
            return speaking.result()

        report = asyncio.run(speak_and_kill())
        assert (killer.kills, report.errors) == (KILLS, []), f"seed {seed}"
        export(server, folder / "everything", "--format", "jsonl", "--include-deleted")
        export(server, "verify", folder / "everything")
    return Orders(expected, report, folder / "everything", seed)


def test_every_word_of_the_participants_is_kept(orders: Orders) -> None:
    """In order, once, whatever was cut off; and every screen came back as it had been shown."""
    said = defaultdict(list)
    for row in sorted(read_table(orders.everything, "messages", "jsonl"), key=lambda row: row["seq"]):
        if row["role"] == "user":
            said[row["thread_id"]].append(row["content"])
    assert {thread_of(one): one.said[::2] for one in orders.expected} == said, f"seed {orders.seed}"
    assert orders.report.faults == [], f"seed {orders.seed}"
    assert orders.report.reconnects >= PARTICIPANTS


def test_nothing_is_done_twice_for_one_decision(orders: Orders) -> None:
    """What a tool that acts gave first is what every later try of the same turn was given."""
    given: dict[tuple[object, ...], set[str]] = defaultdict(set)
    places: dict[tuple[object, ...], int] = defaultdict(int)
    for row in sorted(read_table(orders.everything, "steps", "jsonl"), key=lambda row: row["seq"]):
        if row["name"] in ACTS and row["status"] == "complete" and not row["is_error"]:
            call = (row["run_id"], row["name"], row["input"])
            decision = (row["thread_id"], row["turn"], row["name"], row["input"], places[call])
            places[call] += 1
            given[decision].add(row["output"])
    assert given
    assert {one: came for one, came in given.items() if len(came) > 1} == {}, f"seed {orders.seed}"
