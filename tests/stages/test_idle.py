"""Intents that were left are abandoned: once, by whichever process, after a restart as well."""

import asyncio
from pathlib import Path

import pytest

from agent.events import IntentBegan, IntentEnded, TextDelta
from data_layer.database.engine import open_database
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from stages.chat.idle import IdleIntents
from tests.data_layer.rows import rows
from tests.fakes import FakeAgent, HandClock
from tests.stages.talk import Talk

HALF_AN_HOUR = 30 * 60


@pytest.fixture
def agent() -> FakeAgent:
    """An agent that keeps intents, and waits for an answer in one."""
    agent = FakeAgent([IntentBegan("order", "Order a drink"), TextDelta("Which size?")])
    agent.keeps_intents = True
    return agent


async def moves(record: Record) -> list[Row]:
    """What happened to intents, in order."""
    await record.writer.flush()
    return await rows(record, "intent_moves")


async def how(record: Record) -> list[tuple[str, str]]:
    """These, in short."""
    return [(move["move"], move["cause"]) for move in await moves(record)]


async def test_one_that_was_left_is_abandoned_once(talk: Talk, record: Record, clock: HandClock) -> None:
    """Not before the study's minutes are over; then once, however often one looks, and they are told."""
    told: list[str] = []

    async def hear(thread_id: str) -> None:
        told.append(thread_id)

    idle = IdleIntents(record, 30, [hear])
    await talk.say("A latte")
    clock.forward(HALF_AN_HOUR - 60)
    assert await idle.sweep() == 0
    clock.forward(61)
    assert [await idle.sweep(), await idle.sweep()] == [1, 0]
    assert await how(record) == [("began", "agent"), ("abandoned", "idle")]
    assert told == [talk.thread_id]


async def test_who_writes_has_not_left(
    talk: Talk, agent: FakeAgent, record: Record, clock: HandClock
) -> None:
    """The minutes count from the participant's last message, also of one that changed nothing."""
    agent.enqueue(TextDelta("Take your time."))
    await talk.say("A latte")
    clock.forward(HALF_AN_HOUR - 60)
    await talk.say("Let me think")
    clock.forward(120)
    assert await IdleIntents(record, 30).sweep() == 0


async def test_what_has_ended_stays_as_it_ended(
    talk: Talk, agent: FakeAgent, record: Record, clock: HandClock
) -> None:
    """A completed intent is never abandoned."""
    agent.enqueue(IntentEnded("completed", "tool"), TextDelta("Done."))
    await talk.say("A latte")
    await talk.say("Large")
    clock.forward(2 * HALF_AN_HOUR)
    assert await IdleIntents(record, 30).sweep() == 0


async def test_a_reply_under_way_is_not_left(
    talk: Talk, agent: FakeAgent, record: Record, clock: HandClock
) -> None:
    """However long a reply takes, its participant waits for it."""
    goes_on = asyncio.Event()
    agent.enqueue(TextDelta("Hm"), goes_on)
    await talk.say("A latte")
    turn = talk.begin("Large")
    while len(agent.asked) < 2:  # noqa: ASYNC110  # a list that grows
        await asyncio.sleep(0.001)
    clock.forward(2 * HALF_AN_HOUR)
    await record.writer.flush()
    assert await IdleIntents(record, 30).sweep() == 0
    goes_on.set()
    await turn


async def test_of_two_processes_one_abandons_it(
    talk: Talk,
    record: Record,
    clock: HandClock,
    database_url: str,
    tmp_path: Path,
    defaults: ThreadDefaults,
) -> None:
    """Both look at once, one of them just after a start; the intent is abandoned once."""
    await talk.say("A latte")
    clock.forward(2 * HALF_AN_HOUR)
    other = Record(open_database(database_url), tmp_path / "other", defaults, clock)
    await other.start()
    counts = await asyncio.gather(*(IdleIntents(one, 30).sweep() for one in (record, other) for _ in "ab"))
    await other.close()
    assert sorted(counts) == [0, 0, 0, 1]
    assert await how(record) == [("began", "agent"), ("abandoned", "idle")]
