"""A thread is opened here while another process answers in it, and its hints are missed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from data_layer.database.engine import open_database
from data_layer.record import Record
from stages.chat.elsewhere import Elsewhere
from stages.chat.stage import ChatStage
from stages.spoken import Spoken
from tests.data_layer.rows import ADA, new_id
from tests.fakes import FakeAgent, FakeAgents, FakeScreen
from tests.stages.talk import LIMIT, Looking, Talk, until, words


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """On SQLite one process serves."""
    return postgres_url


@dataclass(frozen=True)
class Neighbour:
    """Another process on the same database."""

    record: Record
    agent: FakeAgent
    stage: ChatStage


@pytest.fixture
async def neighbour(record: Record, database_url: str) -> AsyncIterator[Neighbour]:
    """Another process, which tells nothing: its hints are missed."""
    other = Record(open_database(database_url), record.data_dir, record.defaults)
    await other.start()
    agent = FakeAgent()
    made = Neighbour(other, agent, ChatStage(other, FakeAgents(agent), message_length=LIMIT))
    yield made
    await made.stage.close()
    await other.close()


async def test_an_answer_is_shown_though_nobody_told_of_it(
    elsewhere: Elsewhere, looking: Looking, talk: Talk, neighbour: Neighbour
) -> None:
    """Who opens a thread while another process answers in it sees the whole answer, and no Retry."""
    goes_on = asyncio.Event()
    neighbour.agent.enqueue(*words("Well, "), goes_on, *words("hello."))
    screen = FakeScreen()
    turn = asyncio.create_task(neighbour.stage.hear(Spoken(talk.thread_id, ADA, new_id(), "Hello"), screen))
    await until(lambda: screen.count("begin"))
    assert await talk.stage.left_unanswered(talk.thread_id, looking.screen) is None
    goes_on.set()
    await turn
    await until(lambda: looking.screen.texts == ["Hello", "Well, hello."])
    assert looking.screen.retries == []


async def test_a_message_that_another_process_has_just_kept_is_no_broken_one(
    record: Record, elsewhere: Elsewhere, looking: Looking, talk: Talk, neighbour: Neighbour
) -> None:
    """Its answer is about to begin there; when that process ends before it does, a Retry is offered."""
    said = Spoken(talk.thread_id, ADA, new_id(), "Hello")
    await neighbour.record.writer.submit(*said.writes(record.now()))
    assert await talk.stage.left_unanswered(talk.thread_id, looking.screen) is None
    neighbour.record.processes.end()
    await until(lambda: looking.screen.retries)
    assert [message_id for _, message_id in looking.screen.retries] == [said.message_id]
