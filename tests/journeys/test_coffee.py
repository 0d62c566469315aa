"""The participants' side of 300 real dialogs over the real page: each word and step is in the export."""

import asyncio
import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from bench.dialogs import DIALOGS, STUDY
from bench.dialogs_expected import Recorded
from bench.dialogs_play import PlayedDialog, cause_of, order_made, play_all, read_dialogs
from bench.process import ServerProcess, verbatim
from simulation.browser import Door
from simulation.participant import Manner, ParticipantScript
from simulation.report import Report
from simulation.run import deal, take_part
from tests.agent.task.counter import barista
from tests.journeys.compare import Row, read_table
from tests.journeys.server import TREE, export

PARTICIPANTS: Final = 50

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def dialogs() -> list[Recorded]:
    """All 300."""
    return read_dialogs(DIALOGS)


@pytest.fixture(scope="module")
def expected(dialogs: list[Recorded]) -> list[PlayedDialog]:
    """The same dialogs without a server: what each must come to."""
    return play_all(dialogs, barista())


def thread_of(played: PlayedDialog) -> str:
    """A thread of its own for each dialog."""
    return named(played.dialog_id)


def named(text: str) -> str:
    """A UUID of version 4's shape, as the page takes them, that follows from a text."""
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def script_of_played(played: PlayedDialog) -> ParticipantScript:
    """The participant's side of a dialog, in a thread of its own."""
    lines = [
        (named(f"{played.dialog_id}/{place}"), text, True) for place, text in enumerate(played.said[::2])
    ]
    return ParticipantScript(thread_of(played), lines)


class Kept:
    """An export of the journey.

    Args:
        folder: Where it lies.
        report: What the participants saw.
    """

    def __init__(self, folder: Path, report: Report) -> None:
        self.report = report
        self.threads: defaultdict[str, list[Row]] = defaultdict(list)
        rows = [*read_table(folder, "messages", "jsonl"), *read_table(folder, "steps", "jsonl")]
        for row in sorted(rows, key=lambda row: row["seq"]):
            self.threads[row["thread_id"]].append(row)

    def said(self, played: PlayedDialog) -> list[str]:
        """What was said in a dialog's thread, in order."""
        return [row["content"] for row in self.threads[thread_of(played)] if "content" in row]

    def steps(self, played: PlayedDialog) -> list[tuple[str, str, str, str]]:
        """The steps of a dialog's thread, in order."""
        steps = (row for row in self.threads[thread_of(played)] if "content" not in row)
        return [(row["type"], row["name"], row["input"], row["output"]) for row in steps]


@pytest.fixture(scope="module")
def kept(expected: list[PlayedDialog], tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A server of the coffee study, at which fifty at once speak the dialogs; then the export, verified."""
    folder = tmp_path_factory.mktemp("coffee")
    server: ServerProcess = verbatim(TREE, folder / "data", STUDY)
    scripts = [script_of_played(one) for one in expected]
    with server:
        report = asyncio.run(take_part(Door(server.url), deal(scripts, PARTICIPANTS), Manner()))
        report.raise_for_errors()
        export(server, folder / "out", "--format", "jsonl")
        export(server, "verify", folder / "out")
    return Kept(folder / "out", report)


def test_every_word_is_kept(kept: Kept, expected: list[PlayedDialog]) -> None:
    """Both sides, in order, of each dialog."""
    differ = {one.dialog_id: (kept.said(one), one.said) for one in expected if kept.said(one) != one.said}
    assert differ == {}


def test_every_step_is_kept(kept: Kept, expected: list[PlayedDialog]) -> None:
    """With what went in and what came out; a session names its own thread and run."""

    def plain(steps: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
        return [(kind, name, "" if kind == "session" else given, came) for kind, name, given, came in steps]

    differ = [one.dialog_id for one in expected if plain(kept.steps(one)) != plain(one.steps)]
    assert differ == []


def test_orders_are_what_was_asked_for(
    kept: Kept, expected: list[PlayedDialog], dialogs: list[Recorded]
) -> None:
    """What the shop kept equals the recorded shop's own answers in sixty of a hundred dialogs or more."""
    made = [order_made(PlayedDialog("", [], kept.steps(one)).calls) for one in expected]
    equal = [cause_of(dialog, order) == "" for dialog, order in zip(dialogs, made, strict=True)]
    assert sum(equal) >= 0.6 * len(equal)


def test_what_is_not_shown_reached_no_screen(kept: Kept, expected: list[PlayedDialog]) -> None:
    """The study shows tools alone: of the other stages nothing was sent."""
    shown = {step.type for screen in kept.report.seen.values() for step in screen}
    assert "tool" in shown
    assert shown <= {"user_message", "assistant_message", "tool"}
