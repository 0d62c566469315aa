"""What another process has done in a thread is shown to those who look on here; a Stop reaches the reply."""

import asyncio

import pytest

from data_layer.database.hints import Hint
from data_layer.record import Record
from stages.chat.elsewhere import Elsewhere
from stages.chat.stage import ChatStage
from tests.data_layer.rows import begin_thread
from tests.fakes import FakeAgent
from tests.stages.talk import Looking, Talk, until, words


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
