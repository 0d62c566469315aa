"""Conditions change what answers, and nothing of them is on the participant's screen."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.registry import ModelConnection, build_agents
from data_layer.record import Record
from page.protocol.pages import StagePages
from stages.chat.stage import ChatStage
from stages.spoken import Spoken
from study.loader import LoadedStudy, load_study
from tests.data_layer.rows import new_id, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeScreen
from tests.stages.protocol.walking import ANSWERS, ENGLISH, Walker

CANARY = "canary"


@pytest.fixture
def two(assigning: Callable[..., LoadedStudy]) -> LoadedStudy:
    """Two appeals with a prompt, a model and a temperature each."""
    folder = assigning(lengths=[2]).folder
    told: dict[str, Any] = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    told["agents"] = [{"name": "Alex", "kind": "openai", "default": True, "model": f"{CANARY}-model"}]
    levels = told["protocol"]["conditions"]["between"] = {f"{CANARY}_appeal": {}}
    for number, name in enumerate((f"{CANARY}_facts", f"{CANARY}_stories")):
        (folder / f"{name}.md").write_text(f"You are {name}.", encoding="utf-8")
        level = {"prompt": f"{name}.md", "model": f"{name}-model", "parameters": {"temperature": number / 8}}
        levels[f"{CANARY}_appeal"][name] = level
    (folder / "study.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    return load_study(Path(folder))


@pytest.fixture
async def stage(
    record: Record, two: LoadedStudy, fake_openai: FakeOpenAI
) -> AsyncIterator[tuple[ChatStage, list[Walker]]]:
    """The chat over a real client, with two participants who stand in it."""
    agents = build_agents(two, ModelConnection(base_url=fake_openai.url, max_retries=0))
    those = [Walker(record, two, await record.enter(name, name)) for name in ("ada", "bob")]
    stage = ChatStage(record, agents, message_length=1_000, where=those[0].protocol)
    yield stage, those
    await stage.close()
    await agents.close()


@pytest.mark.parametrize("agent", ["Alex", None])
async def test_two_conditions_send_two_prompts(
    stage: tuple[ChatStage, list[Walker]], record: Record, fake_openai: FakeOpenAI, agent: str | None
) -> None:
    """Prompt, model and parameters are the condition's, and the run's call names the prompt that was sent.

    Also where nobody chose an agent, as a program does not.
    """
    chat, those = stage
    for walker in those:
        present = await walker.walk_to("talk")
        spoken = Spoken(present.shown["thread_id"], walker.participant_id, new_id(), "Hello", agent=agent)
        screen = FakeScreen()
        await chat.hear(spoken, screen)
        await record.writer.flush()
        condition = (await walker.row())["condition"]
        sent = fake_openai.requests[-1].body
        assert sent["messages"][0] == {"role": "system", "content": f"You are {condition}."}
        assert sent["model"] == f"{condition}-model"
        [call] = await rows(record, "llm_calls", thread_id=spoken.thread_id)
        [prompt] = await rows(record, "prompts", prompt_hash=call["prompt_hash"])
        assert condition in str(prompt["messages"])
        assert CANARY not in repr((screen.told, screen.steps, screen.said, screen.forms))
    assert len({request.body["model"] for request in fake_openai.requests}) == 2


async def test_no_page_of_a_stage_tells_the_condition(record: Record, two: LoadedStudy) -> None:
    """From the first page to the ending, as they are drawn for who is in one."""
    walker = Walker(record, two, await record.enter("ada", "ada"))
    pages = StagePages()
    drawn = []
    present = await walker.look()
    while present.ending is None:
        assert present.stage is not None
        drawn.append(present.stage.id)
        if present.stage.id == "talk":
            await walker.say(present, 2)
            assert CANARY not in repr(present.shown)
        else:
            assert CANARY.encode() not in pages.draw(present, two.definition, ENGLISH).body
        present = await walker.send(**ANSWERS[present.stage.id])
    assert CANARY in (await walker.row())["condition"]
    assert drawn == list(ANSWERS)
    text = two.texts[present.ending.text]
    ending = pages.ending(present, two.definition, ENGLISH, text).body
    assert b"C1A7QX9K" in ending
    assert CANARY.encode() not in ending
