"""A chat stage over a real record, an agent with a script, and a participant at a screen."""

from collections.abc import AsyncIterator

import pytest

from data_layer.record import Record
from stages.chat.elsewhere import Elsewhere
from stages.chat.stage import ChatStage
from study.strings import strings_in
from tests.fake_openai import fake_openai, fake_openai_server
from tests.fakes import FakeAgent, FakeAgents
from tests.stages.talk import LIMIT, Looking, Talk

__all__ = ["fake_openai", "fake_openai_server"]


@pytest.fixture
def agent() -> FakeAgent:
    """An agent without a script yet."""
    return FakeAgent()


@pytest.fixture
async def stage(record: Record, agent: FakeAgent) -> AsyncIterator[ChatStage]:
    """The chat stage; what still runs in it at the end is ended."""
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT)
    yield stage
    await stage.close()


@pytest.fixture
async def talk(stage: ChatStage, record: Record) -> AsyncIterator[Talk]:
    """ADA in a new thread."""
    talk = Talk(stage, record)
    yield talk
    await talk.leave()


@pytest.fixture
def looking(stage: ChatStage) -> Looking:
    """Somebody who looks on."""
    door = Looking()
    stage.audiences.join(door)
    return door


@pytest.fixture
def elsewhere(record: Record, stage: ChatStage) -> Elsewhere:
    """Follows the other processes."""
    made = Elsewhere(record, stage, strings_in("en"))
    made.follow(record.hints)
    return made
