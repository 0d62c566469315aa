"""Two processes on one PostgreSQL behind a proxy, started anew while people speak: nobody notices."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from simulation.report import Report
from simulation.run import simulate
from study.dialogs import Dialog, read_dialogs
from study.vocabulary import Status
from tests.journeys.checks import (
    assert_ids_hang_together,
    assert_says_what_the_file_says,
    assert_screens_equal_record,
    export_everything,
)
from tests.journeys.compare import read_table
from tests.journeys.server import DIALOGS
from tests.journeys.workers import WorkersProcess, workers

PARTICIPANTS: Final = 24
# Some half a second a reply: at any moment many are under way.
WORDS: Final = 1
DELAY_MS: Final = 40
# Between two messages a page is idle, and can be handed on.
THINK_S: Final = 1.0

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Journey:
    """What everybody saw, what was exported, and the processes of which it was kept."""

    report: Report
    out: Path
    dialogs: list[Dialog]
    room: int
    refused: int
    log: str


async def speak_and_renew(served: WorkersProcess, dialogs: list[Dialog]) -> Report:
    """Let everybody speak, and start every process anew when a quarter is said."""
    quarter = asyncio.Event()

    def progress(done: int, total: int) -> None:
        if done > total // 4:
            quarter.set()

    async def renew() -> None:
        await quarter.wait()
        served.renew()
        while not served.renewed():  # noqa: ASYNC110  # what it waits for is a line of a log
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as group:
        group.create_task(renew())
        speaking = group.create_task(
            simulate(
                served.url,
                dialogs,
                PARTICIPANTS,
                progress=progress,
                rounds=1,
                think_time_s=THINK_S,
                patience_s=180,
            )
        )
    return speaking.result()


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Journey]:
    """Everybody speaks to the end; then everything is exported."""
    postgres = request.getfixturevalue("postgres_server")
    folder, dialogs = tmp_path_factory.mktemp("workers"), read_dialogs(DIALOGS)
    name = postgres.make_database("template0")
    with workers(folder, postgres.url_of(name), words=WORDS, delay_ms=DELAY_MS) as served:
        report = asyncio.run(speak_and_renew(served, dialogs))
        room = httpx.get(f"{served.url}/research/login").status_code
        refused = httpx.get(f"{served.url}/api/v1/research/studies").status_code
        export_everything(served, folder / "out")
        yield Journey(
            report, folder / "out", dialogs, room, refused, served.log.read_text("utf-8", "replace")
        )
    postgres.drop_database(name)


def test_every_message_was_answered(journey: Journey) -> None:
    """Nobody had to give up, or press Retry."""
    journey.report.raise_for_errors()
    assert len(journey.report.turns) == sum(len(dialog.participant_lines) for dialog in journey.dialogs)
    assert journey.report.asked_again == 0


def test_no_reply_was_cut(journey: Journey) -> None:
    """Each process ended when its replies had: none of them is interrupted, and none is said twice."""
    runs = read_table(journey.out, "runs", "csv")
    assert {run["status"] for run in runs} == {Status.COMPLETE}
    assert_says_what_the_file_says(journey.out, "csv", journey.dialogs)


def test_the_record_is_what_they_saw(journey: Journey) -> None:
    """In one order, by whichever process it was written."""
    assert_ids_hang_together(journey.out, "csv", journey.report)
    assert_screens_equal_record(journey.out, "csv", journey.report)


def test_each_process_let_go_of_its_pages_before_it_ended(journey: Journey) -> None:
    """Idle ones at once, others when they were answered: in time, one process after another."""
    drained = [json.loads(line)["event"] for line in journey.log.splitlines() if '"event": "drain' in line]
    assert drained == ["draining", "drained"] * 3


def test_the_researchers_have_a_process_of_their_own(journey: Journey) -> None:
    """The proxy leads them there, their programs too."""
    assert (journey.room, journey.refused) == (200, 401)
