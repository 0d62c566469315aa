"""What another process has done in a thread is shown to those who look on here; a Stop reaches the reply."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from data_layer.database.engine import open_database
from data_layer.database.hints import Hint
from data_layer.record import Record
from stages.chat.elsewhere import Elsewhere
from stages.chat.stage import ChatStage
from stages.screen import Screen
from stages.spoken import Spoken
from study.strings import Strings, strings_in
from tests.data_layer.rows import ADA, begin_thread, new_id
from tests.fakes import FakeAgent, FakeAgents, FakeScreen
from tests.stages.talk import LIMIT, Talk, until, words


class Looking:
    """A door at which ADA looks at every thread of hers."""

    def __init__(self) -> None:
        self.screen = FakeScreen()

    def screen_of(self, participant_id: str, thread_id: str, strings: Strings) -> Screen | None:
        """Hers; nobody else's."""
        return self.screen if participant_id == ADA else None


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


async def test_what_was_written_elsewhere_is_shown(
    record: Record, elsewhere: Elsewhere, looking: Looking
) -> None:
    """A thread that has changed is drawn anew, once however often it was told."""
    thread_id = await begin_thread(record, "Said elsewhere")
    for _ in range(5):
        elsewhere.heard([thread_id])
    await elsewhere.done()
    assert looking.screen.texts == ["Said elsewhere"]
    assert looking.screen.count("redraw") == 1


async def test_another_participants_thread_is_shown_to_nobody_here(
    record: Record, elsewhere: Elsewhere, looking: Looking
) -> None:
    """Nor is one that is not there."""
    elsewhere.heard([await begin_thread(record, "Bob's", owner="b" * 36), "no thread"])
    await elsewhere.done()
    assert looking.screen.told == []


async def test_a_thread_that_is_answered_here_is_left_to_its_turn(
    record: Record, elsewhere: Elsewhere, looking: Looking, agent: FakeAgent, talk: Talk
) -> None:
    """Words that stream are not drawn over."""
    goes_on = asyncio.Event()
    agent.enqueue(*words("Well, "), goes_on)
    turn = talk.begin("Hello")
    await until(lambda: talk.screen.count("begin"))
    elsewhere.heard([talk.thread_id])
    await elsewhere.done()
    assert looking.screen.count("redraw") == 0
    goes_on.set()
    await turn


async def test_a_stop_that_was_pressed_elsewhere_stops_the_reply(
    record: Record, elsewhere: Elsewhere, agent: FakeAgent, talk: Talk
) -> None:
    """The process that gives it hears of it, and keeps what was shown."""
    agent.enqueue(*words("Half an "), asyncio.Event())
    turn = talk.begin("Hello")
    await until(lambda: talk.screen.count("begin"))
    elsewhere.stop([talk.thread_id])
    await turn
    assert [run["status"] for run in await talk.runs()] == ["stopped"]


async def test_a_stop_here_of_what_is_said_elsewhere_is_told(
    record: Record, elsewhere: Elsewhere, stage: ChatStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is being said here, and somebody else is there: they are asked to stop it."""
    told: asyncio.Queue[tuple[Hint, list[str]]] = asyncio.Queue()

    async def tell(hint: Hint, ids: list[str]) -> None:
        told.put_nowait((hint, ids))

    monkeypatch.setattr(record.hints, "tell", tell)
    record.hints.others = True
    assert not stage.stop("a thread")
    assert await told.get() == (Hint.STOP, ["a thread"])


@dataclass(frozen=True)
class Neighbour:
    """Another process on the same database."""

    record: Record
    agent: FakeAgent
    stage: ChatStage


@pytest.fixture
async def neighbour(record: Record, database_url: str) -> AsyncIterator[Neighbour]:
    """Another process, which tells nothing: its hints are missed."""
    if not record.hints.heard:
        pytest.skip("on SQLite one process serves")
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
