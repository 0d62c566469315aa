"""What a participant has answered stands in the prompt that is sent and kept, and in nobody else's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from agent.registry import ModelConnection, build_agents
from data_layer.database import schema
from data_layer.record import Record
from stages.chat.stage import ChatStage
from stages.spoken import Spoken
from study.loader import LoadedStudy, load_study
from tests.data_layer.rows import new_id, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeScreen
from tests.small_protocol import small_protocol
from tests.stages.protocol.walking import Walker

PROMPT = "They use chatbots: {{before.uses_chatbots}}. Support: {{before.support}}."


@pytest.fixture
def asking(tmp_path: Path) -> LoadedStudy:
    """The small study with a model whose prompt asks for two answers."""
    folder = tmp_path / "asking"
    with small_protocol(folder) as told:
        told["agents"] = [{"name": "Alex", "kind": "openai", "model": "m", "prompt": "p.md", "default": True}]
    (folder / "p.md").write_text(PROMPT, encoding="utf-8")
    return load_study(folder)


@pytest.fixture
async def stage(record: Record, asking: LoadedStudy, fake_openai: FakeOpenAI) -> AsyncIterator[ChatStage]:
    """The chat over a real client."""
    agents = build_agents(asking, ModelConnection(base_url=fake_openai.url, max_retries=0))
    stage = ChatStage(record, agents, message_length=1_000)
    yield stage
    await stage.close()
    await agents.close()


async def talk(stage: ChatStage, walker: Walker) -> str:
    """Say hello in the chat."""
    present = await walker.walk_to("talk")
    spoken = Spoken(present.shown["thread_id"], walker.participant_id, new_id(), "Hello", agent="Alex")
    await stage.hear(spoken, FakeScreen())
    await walker.record.writer.flush()
    return spoken.thread_id


async def test_the_prompt_holds_ones_own_answers(
    stage: ChatStage, asking: LoadedStudy, record: Record, fake_openai: FakeOpenAI
) -> None:
    """As the page said them; the kept prompt is the one that was sent."""
    for name, support in (("ada", "60"), ("bob", "7")):
        walker = Walker(record, asking, await record.enter(name, name))
        await walker.walk_to("before")
        await walker.send(uses_chatbots=["daily"], support=[support])
        thread_id = await talk(stage, walker)
        wanted = f"They use chatbots: daily. Support: {support}."
        assert fake_openai.requests[-1].body["messages"][0]["content"] == wanted
        [call] = await rows(record, "llm_calls", thread_id=thread_id)
        [prompt] = await rows(record, "prompts", prompt_hash=call["prompt_hash"])
        assert wanted in str(prompt["messages"])


async def test_an_answer_that_lacks_is_no_empty_place(
    stage: ChatStage, asking: LoadedStudy, record: Record, fake_openai: FakeOpenAI
) -> None:
    """The model is not asked, and the run says why."""
    walker = Walker(record, asking, await record.enter("ada", "ada"))
    await walker.walk_to("talk")
    async with record.database.engine.begin() as connection:
        await connection.execute(delete(schema.survey_answers))
    thread_id = await talk(stage, walker)
    assert fake_openai.requests == []
    [run] = await rows(record, "runs", thread_id=thread_id)
    assert (run["status"], run["error_type"]) == ("failed", "answer_missing")
