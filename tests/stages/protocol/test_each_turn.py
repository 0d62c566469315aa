"""A level drawn anew for each turn sets what is sent, and is kept with its chance; no screen shows it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from agent.registry import ModelConnection, build_agents
from data_layer.record import Record
from stages.chat.stage import ChatStage
from stages.spoken import Spoken
from study.assignment import level_of_turn
from study.errors import StudyFileError
from study.loader import LoadedStudy, load_study
from study.protocol.each_turn import probabilities_of
from tests.data_layer.rows import new_id, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeScreen
from tests.small_protocol import study_file
from tests.stages.protocol.walking import Walker

CANARY = "canary"
SEED = "a seed of one's own"
# By then both levels were drawn, but for one time in ten billions.
TURNS = 80
LEVELS: dict[str, Any] = {
    f"{CANARY}_yes": {"prompt": f"{CANARY}_yes.md", "weight": 3},
    f"{CANARY}_no": {"prompt": f"{CANARY}_no.md"},
}
Changed = Callable[[Callable[[dict[str, Any]], None]], Path]


@pytest.fixture
def changed(assigning: Callable[..., LoadedStudy]) -> Changed:
    """Write the assigning study with a change."""
    folder = Path(assigning(lengths=[2], seed=SEED).folder)

    def write(change: Callable[[dict[str, Any]], None]) -> Path:
        with study_file(folder) as told:
            told["agents"] = [{"name": "Alex", "kind": "openai", "default": True, "model": "m"}]
            for name in LEVELS:
                (folder / f"{name}.md").write_text(f"You are {name}.", encoding="utf-8")
            talk = next(stage for stage in told["protocol"]["stages"] if stage["id"] == "talk")
            talk |= {"turns": {"least": 2, "most": 2 * TURNS}, "participant_may": ["again"]}
            told["protocol"]["each_turn"] = {"asks_back": LEVELS}
            change(told)
        return folder

    return write


@pytest.fixture
def study(changed: Changed) -> LoadedStudy:
    """One factor, of which "yes" is three times as likely; the conditions set other things."""
    return load_study(changed(lambda _: None))


@pytest.fixture
async def stage(record: Record, study: LoadedStudy, fake_openai: FakeOpenAI) -> AsyncIterator[ChatStage]:
    """The chat over a real client."""
    agents = build_agents(study, ModelConnection(base_url=fake_openai.url, max_retries=0))
    walker = Walker(record, study, await record.enter("ada", "ada"))
    stage = ChatStage(record, agents, message_length=1_000, where=walker.protocol)
    yield stage
    await stage.close()
    await agents.close()


async def test_each_turn_has_its_level(
    stage: ChatStage, study: LoadedStudy, record: Record, fake_openai: FakeOpenAI
) -> None:
    """What is sent is the level's; run, probability and draw are kept, as whoever has the seed draws them."""
    assert study.definition.protocol is not None
    chances = probabilities_of(study.definition.protocol.turn_levels)
    walker = Walker(record, study, await record.enter("ada", "ada"))
    thread_id = (await walker.walk_to("talk")).shown["thread_id"]
    screen, levels = FakeScreen(), Counter[str]()
    for turn in range(1, TURNS + 1):
        if turn > 4 and len(levels) == 2:
            break
        await stage.hear(Spoken(thread_id, walker.participant_id, new_id(), "Go on", agent="Alex"), screen)
        drawn = level_of_turn(SEED, walker.participant_id, thread_id, turn, chances)
        assert fake_openai.requests[-1].body["messages"][0]["content"] == f"You are {drawn.level}."
        await record.writer.flush()
        [run] = [run for run in await rows(record, "runs", thread_id=thread_id) if run["turn"] == turn]
        kept = (run["turn_level"], run["turn_probability"], run["turn_draw"])
        assert kept == (drawn.level, float(drawn.probability), drawn.draw)
        levels[drawn.level] += 1
    assert len(levels) == 2
    assert CANARY not in repr((screen.told, screen.steps, screen.said, screen.forms))


async def test_an_answer_anew_has_the_level_of_its_turn(
    stage: ChatStage, study: LoadedStudy, record: Record
) -> None:
    """Nobody can ask for another level by asking for another answer."""
    walker = Walker(record, study, await record.enter("ada", "ada"))
    thread_id = (await walker.walk_to("talk")).shown["thread_id"]
    said = Spoken(thread_id, walker.participant_id, new_id(), "Hello", agent="Alex")
    await stage.hear(said, FakeScreen())
    for _ in range(6):
        await stage.again(said, FakeScreen())
    await record.writer.flush()
    runs = await rows(record, "runs", thread_id=thread_id)
    assert len(runs) == 7
    assert len({run["turn_level"] for run in runs}) == 1


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({"only": {}}, "the factor asks_back has one level"),
        ({"yes": {"weight": 0}, "no": {}}, "weight"),
        ({"yes": {"agent": "Mara"}, "no": {}}, "agent"),
        ({"yes": {"prompt": "nowhere.md"}, "no": {}}, "nowhere.md"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changed: Changed, levels: dict[str, Any], told: str) -> None:
    """By its place in the file."""
    with pytest.raises(StudyFileError, match=told):
        load_study(changed(lambda study: study["protocol"].update(each_turn={"asks_back": levels})))


def test_a_condition_and_a_turn_do_not_set_the_same(changed: Changed) -> None:
    """Which of the two would hold, nobody could tell."""

    def both(study: dict[str, Any]) -> None:
        between = study["protocol"]["conditions"]["between"]
        factor, levels = next(iter(between.items()))
        between[factor] = {name: {"prompt": f"{CANARY}_no.md"} for name in levels}

    with pytest.raises(StudyFileError, match="both set 'prompt'"):
        load_study(changed(both))
