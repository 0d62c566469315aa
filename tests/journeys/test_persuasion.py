"""An experiment is run whole by simulated participants while its server is killed: nothing of it is lost."""

import asyncio
import os
import random
import secrets
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from bench.process import ServerProcess, verbatim
from commands.piloting.knowledge import reader_of
from exports.reading import load
from simulation.browser import Door
from simulation.protocol.crowd import Crowd, walk_all
from simulation.protocol.journal import StageSeen, WalkJournal
from simulation.protocol.stand_in import stand_in_model
from simulation.protocol.tempers import Temper
from study.loader import load_study
from tests.journeys.server import TREE, export

STUDY: Final = TREE / "studies/persuasion"
# The whole proof is of 200: VERBATIM_TEST_CROWD=200 scripts/test tests/journeys/test_persuasion.py
PARTICIPANTS: Final = int(os.environ.get("VERBATIM_TEST_CROWD", "20"))
KILLS: Final = 1 if PARTICIPANTS < 100 else 4
ENDING: Final = "the page of an ending"
CODES: Final = ("C1A7QX9K", "CS3M6P1Z", "CQ5G8L3V", "CU6B9N4Y")
MODEL: Final = "canary-of-a-model"
PROMPTS: Final = tuple(
    (STUDY / f"prompts/{name}.md").read_text("utf-8").strip() for name in ("facts", "stories")
)
SECRETS: Final = (
    *("facts.cool", "facts.warm", "stories.cool", "stories.warm", "prompts/facts", "prompts/stories"),
    *(MODEL, *PROMPTS),
)

pytestmark = pytest.mark.journey


@dataclass
class Journey:
    """What everybody met, what came to their browsers, and what was exported."""

    journals: list[WalkJournal]
    tables: dict[str, pd.DataFrame]
    seed: int
    verified: str
    heard: list[tuple[str, str]] = field(default_factory=list)


class Killer:
    """Kills the server when so many pages were seen, and starts it again."""

    def __init__(self, server: ServerProcess, chance: random.Random) -> None:
        self._server = server
        # Each takes six pages or so: all come while most are inside.
        self._moments = sorted(round(PARTICIPANTS * chance.uniform(1, 3.5)) for _ in range(KILLS))
        self._pages = 0
        self._moved = asyncio.Event()
        self.kills = 0

    def moved(self) -> None:
        """Take note of a page."""
        self._pages += 1
        self._moved.set()

    async def run(self) -> None:
        """Kill at each moment; the server is away for as long as its start takes."""
        for moment in self._moments:
            while self._pages < moment:
                self._moved.clear()
                await self._moved.wait()
            await asyncio.to_thread(self._server.kill)
            self.kills += 1
            await asyncio.to_thread(self._server.start)


async def walk_and_kill(folder: Path, seed: int, heard: list[tuple[str, str]]) -> tuple[Any, Any]:
    """Let everybody go through while the server is killed and started again."""
    study = load_study(STUDY)
    assert study.definition.protocol is not None

    def hear(place: str, text: str) -> None:
        if 'class="code"' in text and "<form" not in text:
            place = ENDING
        heard.extend((place, word) for word in (*CODES, *SECRETS) if word in text)

    async with stand_in_model() as address:
        more = {
            "OPENAI_BASE_URL": address,
            "OPENAI_API_KEY": "none",
            "VERBATIM_MODEL": MODEL,
            "VERBATIM_MODEL_RETRIES": "0",
            "VERBATIM_MODEL_FAILURES": "0",
        }
        server = verbatim(TREE, folder / "data", STUDY, more=more)
        await asyncio.to_thread(server.start)
        try:
            killer = Killer(server, random.Random(seed))
            killing = asyncio.create_task(killer.run())
            journals = await walk_all(
                Door(server.url),
                Crowd(PARTICIPANTS, patience_s=180.0),
                reader_of(study, study.definition.protocol),
                moved=killer.moved,
                hear=hear,
            )
            await killing
            assert killer.kills == KILLS
        finally:
            await asyncio.to_thread(server.stop)
    return server, journals


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Everybody goes to their end in spite of it; then everything is exported."""
    folder = tmp_path_factory.mktemp("persuasion")
    seed = secrets.randbelow(1_000_000)
    sys.stderr.write(f"seed {seed}\n")
    heard: list[tuple[str, str]] = []
    server, journals = asyncio.run(walk_and_kill(folder, seed, heard))
    export(server, folder / "out")
    verified = export(server, "verify", folder / "out")
    return Journey(journals, load(folder / "out"), seed, verified, heard)


def answered(journey: Journey) -> list[tuple[WalkJournal, StageSeen]]:
    """The surveys that were taken of those who did not withdraw."""
    return [
        (one, seen)
        for one in journey.journals
        if not one.is_out
        for seen in one.visits
        if seen.sent and seen.stage in {"before", "instructions", "after"}
    ]


def test_the_kills_met_people_on_their_way(journey: Journey) -> None:
    """The journey is one: requests had to be made again."""
    assert sum(one.again for one in journey.journals) > 0, f"seed {journey.seed}"


def test_nobody_met_what_nobody_should(journey: Journey) -> None:
    """No page twice, no way past the chat's least, no ending that opens again, no message that was gone."""
    assert [said for one in journey.journals for said in one.complaints] == [], f"seed {journey.seed}"


def test_no_answer_is_lost(journey: Journey) -> None:
    """Each value that a page took stands in the record, as often as it was sent."""
    rows = journey.tables["survey_answers"]
    kept = Counter(zip(rows["stage_id"], rows["item"], rows["value"].astype(str), strict=True))
    sent = Counter(
        (seen.stage, name, value)
        for _, seen in answered(journey)
        for name, value in seen.sent
        if name not in {"visit", "reminded"}
    )
    assert sent
    lost = sent - kept
    assert lost == Counter(), f"seed {journey.seed}"


def test_no_message_is_lost(journey: Journey) -> None:
    """Each that was answered is there under its id, with its words."""
    rows = journey.tables["messages"]
    kept = dict(zip(rows["message_id"], rows["content"], strict=True))
    said = {
        message_id: words
        for one in journey.journals
        if not one.is_out
        for seen in one.visits
        for message_id, words in seen.said
    }
    assert said
    assert {one: kept.get(one) for one in said} == said, f"seed {journey.seed}"


def test_nobody_is_two_participants(journey: Journey) -> None:
    """Whoever came back after a kill is who they were; each has one participation, one way, one place."""
    people = journey.tables["participants"]
    assert len(people) == PARTICIPANTS  # of those who withdrew a row without anything stays
    began = journey.tables["participations"]
    assert began["participant_id"].is_unique
    visits = journey.tables["stage_visits"]
    assert not visits.duplicated(["participant_id", "visit"]).any()
    walked = Counter(len(one.visits) for one in journey.journals if one.has_ended)
    assert Counter(visits.groupby("participant_id").size()[lambda counts: counts > 0]) >= walked


def test_no_code_came_before_its_time(journey: Journey) -> None:
    """A code reaches a browser on the page of its ending alone, and only to who has ended so."""
    shown = [(place, word) for place, word in journey.heard if word in CODES]
    assert {place for place, _ in shown} == {ENDING}
    for one in journey.journals:
        assert one.code is None or one.has_ended
    assert {word for _, word in shown} == {one.code for one in journey.journals if one.code is not None}


def test_nothing_of_a_condition_came_to_a_browser(journey: Journey) -> None:
    """Neither its name, nor its prompt, nor the model: in no page, no answer and no message of the chat."""
    assert [(place, word) for place, word in journey.heard if word in SECRETS] == []


def test_the_flow_adds_up(journey: Journey) -> None:
    """Each who began has ended, left or withdrawn; each ending has as many as saw its page; verify agrees."""
    people = journey.tables["participations"]
    ended = sum(1 for one in journey.journals if one.has_ended)
    assert int(people["ending"].notna().sum()) == ended
    still = sum(1 for one in journey.journals if one.has_left and one.visits)
    assert len(people) >= ended + still
    codes = Counter(one.code for one in journey.journals if one.code is not None)
    assert codes["C1A7QX9K"] == int((people["ending"] == "completed").sum())
    assert codes["CS3M6P1Z"] == int((people["ending"] == "screened_out").sum())
    assert "whole" in journey.verified


def test_places_have_one_holder_and_the_groups_are_alike(journey: Journey) -> None:
    """In spite of the kills, and but for places that opened again, the groups are half a block apart."""
    rows = journey.tables["assignments"]
    held = rows[rows["event"] == "assigned"]
    assert len(held) > 0
    counts = Counter(held["condition"])
    assert max(counts.values()) - min(counts.values()) <= 2 + int((rows["event"] == "opened").sum())


def test_every_temper_came(journey: Journey) -> None:
    """The proof is of all of them."""
    assert {one.temper for one in journey.journals} == set(Temper)
