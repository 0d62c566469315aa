"""The server is killed three times while fifty participants speak: nothing that had begun is lost."""

import asyncio
import random
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from bench.process import ServerProcess
from simulation.report import Report
from simulation.run import script_of, simulate
from study.dialogs import Dialog, read_dialogs
from study.vocabulary import Status
from tests.journeys.checks import (
    FORMATS,
    assert_ids_hang_together,
    assert_says_what_the_file_says,
    assert_screens_equal_record,
    export_everything,
)
from tests.journeys.compare import CLOSING, read_table
from tests.journeys.server import DIALOGS, export, make_server

PARTICIPANTS: Final = 50
KILLS: Final = 3  # as many as there are moments below

# Set it to the seed that a failed run printed, to kill at the same points of progress again.
SEED: int | None = None

# So slow that at any moment many replies are under way: about half a second each.
WORDS_A_DELTA: Final = 1
DELAY_MS: Final = 40
LONGEST_EXTRA_WAIT_S: Final = 0.4
PATIENCE_S: Final = 180.0

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Journey:
    """What everybody saw, what was exported, and how to repeat it."""

    report: Report
    out: Path
    everything: Path
    seed: int


class Killer:
    """Kills the server when so many messages have been answered, and starts it again."""

    def __init__(self, server: ServerProcess, chance: random.Random, total: int) -> None:
        self._server = server
        self._chance = chance
        # One in each third of the time in which nearly everybody still speaks, a tenth of the journey
        # apart at least: two kills at once cut nobody off twice, and a late one hardly anybody.
        tenth = total // 10
        self._moments = [chance.randrange(start * tenth, (start + 1) * tenth) for start in (1, 3, 5)]
        self._answered = asyncio.Event()
        self._done = 0
        self.kills = 0

    def progress(self, done: int, total: int) -> None:
        """Take note of how far the participants are."""
        self._done = done
        self._answered.set()

    async def run(self) -> None:
        """Kill at each moment; the server is away for as long as its start takes."""
        for moment in self._moments:
            while self._done < moment:
                self._answered.clear()
                await self._answered.wait()
            await asyncio.sleep(self._chance.uniform(0, LONGEST_EXTRA_WAIT_S))
            await asyncio.to_thread(self._server.kill)
            self.kills += 1
            await asyncio.to_thread(self._server.start)


async def speak_and_kill(server: ServerProcess, dialogs: list[Dialog], seed: int) -> Report:
    """Let everybody speak while the server is killed and started again."""
    total = sum(len(dialog.participant_lines) for dialog in dialogs)
    killer = Killer(server, random.Random(seed), total)
    async with asyncio.TaskGroup() as group:
        group.create_task(killer.run())
        speaking = group.create_task(
            simulate(server.url, dialogs, PARTICIPANTS, progress=killer.progress, patience_s=PATIENCE_S)
        )
    assert killer.kills == KILLS
    return speaking.result()


@pytest.fixture(scope="module")
def dialogs() -> list[Dialog]:
    """The sample, in the order of its file."""
    return read_dialogs(DIALOGS)


@pytest.fixture(scope="module")
def journey(dialogs: list[Dialog], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Everybody speaks to the end in spite of it; then everything is exported."""
    folder = tmp_path_factory.mktemp("killed")
    seed = SEED if SEED is not None else secrets.randbelow(1_000_000)
    sys.stderr.write(f"seed {seed}\n")
    with make_server(folder, words=WORDS_A_DELTA, delay_ms=DELAY_MS) as server:
        report = asyncio.run(speak_and_kill(server, dialogs, seed))
        assert report.errors == [], f"seed {seed}"
        export_everything(server, folder / "out")
        export(server, folder / "everything", "--format", "parquet", "--include-deleted")
        yield Journey(report, folder / "out", folder / "everything", seed)


def test_the_kills_cut_participants_off_in_mid_reply(journey: Journey) -> None:
    """The journey is one: people had to come back, and replies had to be asked for again."""
    report = journey.report
    assert report.reconnects >= PARTICIPANTS
    assert report.asked_again + report.sent_again > 0


def test_no_message_whose_reply_had_begun_was_gone_and_none_came_back_changed(journey: Journey) -> None:
    """Every thread came back as it had been shown, in the same order, nothing twice."""
    assert journey.report.faults == [], f"seed {journey.seed}"


@pytest.mark.parametrize("form", FORMATS)
def test_the_export_says_what_the_file_says(journey: Journey, dialogs: list[Dialog], form: str) -> None:
    """In the end each dialog stands in the record once, whole and in order."""
    assert_says_what_the_file_says(journey.out, form, dialogs)


@pytest.mark.parametrize("form", FORMATS)
def test_the_exported_ids_hang_together(journey: Journey, form: str) -> None:
    """Nothing stands twice; replies, runs, steps and owners belong to each other."""
    assert_ids_hang_together(journey.out, form, journey.report)


def test_what_was_cut_off_is_kept_as_the_beginning_of_what_would_have_been_said(
    journey: Journey, dialogs: list[Dialog]
) -> None:
    """Interrupted replies are in the record, off the screen, with no word that was not to come."""
    rows = read_table(journey.everything, "messages", "parquet")
    interrupted = [row for row in rows if row["status"] == Status.INTERRUPTED]
    assert interrupted
    answer_to = {
        message_id: answer.text or CLOSING
        for number, dialog in enumerate(dialogs)
        for (message_id, _, _), answer in zip(script_of(dialog, number, 0).lines, dialog.answers, strict=True)
    }
    for row in interrupted:
        assert row["content"], row
        assert answer_to[row["parent_id"]].startswith(row["content"]), row
        assert row["deleted_because"] == "retried", row


def test_the_record_equals_the_screens(journey: Journey) -> None:
    """Each participant's last screen is what is kept."""
    assert_screens_equal_record(journey.out, "parquet", journey.report)
