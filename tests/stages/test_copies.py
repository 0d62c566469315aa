"""A message that comes to two processes at once is answered by the one that kept it first."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from data_layer.database.engine import open_database
from data_layer.record import Record
from stages.chat.stage import ChatStage
from stages.spoken import Spoken
from tests.data_layer.rows import ADA, new_id
from tests.fakes import FakeAgent, FakeAgents, FakeScreen
from tests.stages.talk import LIMIT, Talk, until, words


@pytest.fixture
async def first(record: Record, database_url: str) -> AsyncIterator[Record]:
    """Another process on the same database and data folder."""
    made = Record(open_database(database_url), record.data_dir, record.defaults)
    await made.start()
    yield made
    await made.close()


async def test_a_copy_is_left_to_who_answers_it(
    first: Record, stage: ChatStage, agent: FakeAgent, talk: Talk
) -> None:
    """It is kept once, and has one reply, which stays on the screen: no agent is asked twice."""
    goes_on, there = asyncio.Event(), FakeAgent()
    there.enqueue(*words("Well, "), goes_on, *words("hello."))
    neighbour = ChatStage(first, FakeAgents(there), message_length=LIMIT)
    said, screen = Spoken(talk.thread_id, ADA, new_id(), "Hello"), FakeScreen()
    turn = asyncio.create_task(neighbour.hear(said, screen))
    await until(lambda: screen.count("begin"))
    await stage.hear(said, talk.screen)
    goes_on.set()
    await turn
    await neighbour.close()
    assert [run["status"] for run in await talk.runs()] == ["complete"]
    assert (len(there.asked), len(agent.asked)) == (1, 0)


async def test_a_copy_is_answered_here_when_the_other_is_gone(
    first: Record, stage: ChatStage, agent: FakeAgent, talk: Talk
) -> None:
    """A process that kept a message and ended before it answered leaves it to whoever gets it again."""
    said = Spoken(talk.thread_id, ADA, new_id(), "Hello")
    await first.writer.submit(*said.writes(first.now()))
    first.processes.end()
    agent.enqueue(*words("Hello."))
    await stage.hear(said, talk.screen)
    assert [run["status"] for run in await talk.runs()] == ["complete"]
