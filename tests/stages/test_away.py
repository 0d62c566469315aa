"""A conversation while the database is away: what is written is kept, and the participant is told."""

import asyncio

import pytest

from agent.events import TextDelta
from data_layer.database.engine import Database
from data_layer.record import Record
from study.errors import AgentUnavailable
from tests.data_layer.outages import Outage, back
from tests.data_layer.rows import new_id, one, rows
from tests.fakes import FakeAgent, english
from tests.stages.talk import Talk, until, upload, words
from tests.stages.test_fallback import Pair


@pytest.fixture
def database(impatient: Database) -> Database:
    """An empty database that is waited for for a twentieth of a second, not for fifteen."""
    return impatient


async def come_back(talk: Talk, outage: Outage) -> None:
    """Give the database back, and wait until what waited is in it."""
    outage.end()
    await back(talk.record.writer)


async def test_a_message_is_journaled_and_its_participant_told(
    talk: Talk, agent: FakeAgent, outage: Outage
) -> None:
    """No agent is asked: there is no history to answer from. It can be tried again."""
    outage.begin()
    message_id = await talk.say("Do not lose this")
    assert talk.record.writer.health.journaled > 0
    assert talk.screen.said == [english("chat.saving_delayed")]
    assert talk.screen.texts == [english("chat.agent_failed")]
    assert [message for _, message in talk.screen.retries] == [message_id]
    assert agent.asked == []
    await come_back(talk, outage)
    assert await talk.living() == ["Do not lose this", english("chat.agent_failed")]


async def test_when_the_database_is_back_retry_answers(talk: Talk, agent: FakeAgent, outage: Outage) -> None:
    """With the whole history, and the notice leaves the screen."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    await talk.say("First")
    outage.begin()
    message_id = await talk.say("Second")
    await come_back(talk, outage)
    await talk.retry(message_id)
    assert await talk.living() == ["First", "One.", "Second", "Two."]
    assert [turn.content for turn in agent.asked[1]] == ["First", "One.", "Second"]
    assert [row["turn"] for row in await talk.steps() if row["deleted_at"] is None] == [1, 1, 2, 2]


async def test_a_retry_of_what_waits_is_asked_to_wait(talk: Talk, outage: Outage) -> None:
    """The message is in the journal alone: it is not somebody else's, and no refusal is kept."""
    outage.begin()
    await talk.retry(await talk.say("Do not lose this"))
    assert talk.screen.said == [english("chat.saving_delayed"), english("chat.not_now")]
    await come_back(talk, outage)
    assert await rows(talk.record, "events", type="refused") == []


async def test_messages_are_replayed_in_the_order_in_which_they_came(talk: Talk, outage: Outage) -> None:
    """Each once, each with its notice."""
    outage.begin()
    await talk.say("First")
    await talk.say("Second")
    await come_back(talk, outage)
    assert await talk.living() == [
        "First",
        english("chat.agent_failed"),
        "Second",
        english("chat.agent_failed"),
    ]


async def test_a_reply_goes_on_while_the_database_is_away(
    talk: Talk, agent: FakeAgent, outage: Outage
) -> None:
    """Its participant reads all of it, is told that saving is delayed, and it is all kept in the end."""
    agent.enqueue(TextDelta("Before "), hold := asyncio.Event(), TextDelta("and after."))
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    await talk.record.writer.flush()
    outage.begin()
    hold.set()
    await task
    assert talk.screen.texts == ["Before and after."]
    assert talk.screen.said == [english("chat.saving_delayed")]
    await come_back(talk, outage)
    assert await talk.living() == ["Hello", "Before and after."]
    assert [run["status"] for run in await talk.runs()] == ["complete"]


@pytest.mark.parametrize("deed", ["edit", "retry"])
async def test_what_cannot_be_done_meanwhile_is_said(
    talk: Talk, agent: FakeAgent, outage: Outage, deed: str
) -> None:
    """An edit or a Retry either waits in the journal or has not happened; nothing is raised or lost."""
    agent.enqueue(*words("One."))
    message_id = await talk.say("Hello")
    outage.begin()
    await (talk.edit(message_id, "Otherwise") if deed == "edit" else talk.retry(message_id))
    assert talk.screen.said[0] in (english("chat.saving_delayed"), english("chat.not_now"))
    assert len(agent.asked) == 1
    shown = talk.screen.texts
    await come_back(talk, outage)
    assert [text for text in await talk.living() if text not in ("Hello", "Otherwise")] == [
        text for text in shown if text != "Otherwise"
    ]


async def test_files_wait_with_their_message(talk: Talk, outage: Outage) -> None:
    """Message and element go through the journal together; the file is where it stays."""
    sent = upload(talk.record)
    outage.begin()
    message_id = await talk.say("Look", files=(sent,))
    await come_back(talk, outage)
    kept = await one(talk.record, "elements")
    assert (kept["element_id"], kept["message_id"]) == (sent, message_id)
    assert talk.record.files.path_of(kept["file"]) is not None


async def test_nobody_steps_in_who_cannot_be_told_what_stands(record: Record, outage: Outage) -> None:
    """The failure is told with a Retry. SQLite can be read all the while: there somebody answers."""
    pair = Pair(record)
    pair.eliza.keeps_intents = True
    pair.eliza.enqueue(TextDelta("Please go on."))
    pair.alex.enqueue(gate := asyncio.Event(), AgentUnavailable("down", error_type="server_error"))
    task = pair.talk.begin("Hello", message_id := new_id())
    await until(lambda: pair.alex.asked)
    outage.begin()
    gate.set()
    await task
    told = [message for _, message in pair.talk.screen.retries]
    assert told == ([] if pair.eliza.asked else [message_id])
    await come_back(pair.talk, outage)
    await pair.talk.stage.close()
