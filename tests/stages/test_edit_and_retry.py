"""Saying a message otherwise, and asking once more: what leaves the screen stays in the record."""

import asyncio
from datetime import datetime

import pytest

from data_layer.database.engine import open_database
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.writes import PutStep
from stages.chat.branches import leave_answer
from study.errors import AgentUnavailable
from tests.data_layer.rows import ADA, BOB, new_id, one, rows
from tests.fakes import FakeAgent, english
from tests.stages.talk import LIMIT, Talk, until, words

AWAY = AgentUnavailable("no connection", error_type="connection")


async def test_an_edit_begins_anew_from_there(talk: Talk, agent: FakeAgent) -> None:
    """All that came after it leaves the screen; it is answered with what stands before it."""
    for answer in ("One.", "Two.", "Three."):
        agent.enqueue(*words(answer))
    await talk.say("First")
    second = await talk.say("Second")
    await talk.edit(second, "Otherwise")
    assert await talk.living() == ["First", "One.", "Otherwise", "Three."]
    assert [turn.content for turn in agent.asked[2]] == ["First", "One.", "Otherwise"]
    assert [run["turn"] for run in await talk.runs()] == [1, 2, 2]


async def test_both_wordings_are_kept(talk: Talk, agent: FakeAgent) -> None:
    """As revisions; each run says which of them it answered."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    message_id = await talk.say("I am sad.")
    await talk.edit(message_id, "I am glad.")
    wordings = await rows(talk.record, "step_revisions", step_id=message_id)
    assert [row["output"] for row in wordings] == ["I am sad.", "I am glad."]
    assert [run["message_revision"] for run in await talk.runs()] == [1, 2]


async def test_what_an_edit_takes_away_leaves_the_screen_with_its_runs(talk: Talk, agent: FakeAgent) -> None:
    """And stands there after a reload no more than it does now."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    agent.enqueue(*words("Three."))
    first = await talk.say("First")
    await talk.say("Second")
    await talk.edit(first, "Otherwise")
    assert talk.screen.steps == await talk.reloaded()
    assert [run["deleted_because"] for run in await talk.runs()] == ["edited", "edited", None]


async def test_an_edit_stops_the_reply_that_is_being_given(talk: Talk, agent: FakeAgent) -> None:
    """Its part was shown, so it is kept; it leaves the screen with the edit."""
    agent.enqueue(*words("Half"), asyncio.Event())
    agent.enqueue(*words("Whole."))
    task = talk.begin("Hello", message_id := new_id())
    await until(lambda: talk.screen.texts)
    await talk.edit(message_id, "Hello again")
    await task
    kept = [(row["output"], row["status"], row["deleted_because"]) for row in await talk.steps()]
    assert kept == [
        ("Hello again", "complete", None),
        ("Half", "stopped", "edited"),
        ("Whole.", "complete", None),
    ]


async def test_the_same_words_again_are_answered_anew(talk: Talk, agent: FakeAgent) -> None:
    """There is no second revision, and there is a second answer."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    message_id = await talk.say("Hello")
    await talk.edit(message_id, "Hello")
    assert await talk.living() == ["Hello", "Two."]
    assert (await talk.steps())[0]["revision"] == 1


async def test_an_edit_that_is_too_long_is_kept_and_not_answered(talk: Talk, agent: FakeAgent) -> None:
    """The old answer belongs to other words: it leaves the screen."""
    agent.enqueue(*words("One."))
    message_id = await talk.say("Hello")
    await talk.edit(message_id, "x" * (LIMIT + 1))
    assert await talk.living() == ["x" * (LIMIT + 1), english("chat.too_long", length=LIMIT + 1, limit=LIMIT)]
    assert len(agent.asked) == 1


@pytest.mark.parametrize("nothing", ["", "  \n\t "])
async def test_an_edit_to_nothing_changes_nothing(talk: Talk, agent: FakeAgent, nothing: str) -> None:
    """A message is edited, not emptied."""
    agent.enqueue(*words("One."))
    message_id = await talk.say("Hello")
    await talk.edit(message_id, nothing)
    assert await talk.living() == ["Hello", "One."]


@pytest.mark.parametrize("deed", ["edit", "retry"])
async def test_anothers_message_is_left_alone(talk: Talk, agent: FakeAgent, deed: str) -> None:
    """A stranger with the thread's and the message's id is told so; an event is kept."""
    agent.enqueue(*words("One."))
    message_id = await talk.say("Hello")
    stranger = Talk(talk.stage, talk.record, BOB, talk.thread_id)
    await (stranger.edit(message_id, "Mine") if deed == "edit" else stranger.retry(message_id))
    assert stranger.screen.said == [english("chat.not_yours")]
    assert await talk.living() == ["Hello", "One."]
    assert (await one(talk.record, "events"))["participant_id"] == BOB


async def test_an_agents_message_is_not_edited(talk: Talk, agent: FakeAgent) -> None:
    """A participant cannot put words into its mouth."""
    agent.enqueue(*words("One."))
    await talk.say("Hello")
    reply_id = (await talk.steps())[1]["step_id"]
    await talk.edit(reply_id, "I promise you everything.")
    assert await talk.living() == ["Hello", "One."]
    assert talk.screen.said == [english("chat.not_yours")]


@pytest.mark.parametrize("message_id", ["3f0c2a57-5d0e-4f6b-9f4e-2f2a5a6b7c8d", "not-an-id", "", "\x00"])
async def test_a_message_that_is_not_there_is_not_edited(
    talk: Talk, agent: FakeAgent, message_id: str
) -> None:
    """Nor made."""
    agent.enqueue(*words("One."))
    await talk.say("Hello")
    await talk.edit(message_id, "New")
    assert await talk.living() == ["Hello", "One."]


async def test_a_message_of_another_thread_is_not_edited_from_here(talk: Talk, agent: FakeAgent) -> None:
    """Even when both are the participant's own."""
    agent.enqueue(*words("One."))
    message_id = await talk.say("Hello")
    elsewhere = Talk(talk.stage, talk.record)
    await elsewhere.edit(message_id, "From elsewhere")
    assert await talk.living() == ["Hello", "One."]


async def test_retry_gives_a_whole_answer(talk: Talk, agent: FakeAgent) -> None:
    """The part that failed and its notice leave the screen, and stay in the record."""
    agent.enqueue(*words("Half an "), gate := asyncio.Event(), AWAY)
    agent.enqueue(*words("Half an answer."))
    task = talk.begin("Hello", message_id := new_id())
    await until(lambda: talk.screen.texts)
    gate.set()
    await task
    await talk.retry(message_id)
    assert talk.screen.texts == ["Half an answer."]
    assert await talk.living() == ["Hello", "Half an answer."]
    assert [(row["output"], row["deleted_because"]) for row in (await talk.steps())[1:3]] == [
        ("Half an ", "retried"),
        (english("chat.agent_failed"), "retried"),
    ]
    assert [(run["status"], run["deleted_because"]) for run in await talk.runs()] == [
        ("failed", "retried"),
        ("complete", None),
    ]


async def test_a_failed_part_is_not_in_the_history_of_a_retry(talk: Talk, agent: FakeAgent) -> None:
    """The agent is asked what it was asked before."""
    agent.enqueue(AWAY)
    agent.enqueue(*words("Now."))
    message_id = await talk.say("Hello")
    await talk.retry(message_id)
    assert agent.asked[0] == agent.asked[1]


async def test_retry_may_fail_again(talk: Talk, agent: FakeAgent) -> None:
    """There is one notice and one Retry, under the newest."""
    agent.enqueue(AWAY)
    agent.enqueue(AWAY)
    message_id = await talk.say("Hello")
    await talk.retry(message_id)
    assert talk.screen.texts == [english("chat.agent_failed")]
    assert talk.screen.retries[-1][0] in talk.screen.steps


async def test_only_the_last_message_is_tried_again(talk: Talk, agent: FakeAgent) -> None:
    """A button that was left standing above takes nothing off the screen."""
    agent.enqueue(AWAY)
    agent.enqueue(*words("Two."))
    first = await talk.say("First")
    await talk.say("Second")
    await talk.retry(first)
    assert await talk.living() == ["First", english("chat.agent_failed"), "Second", "Two."]
    assert len(agent.asked) == 2


async def test_retry_twice_at_once_answers_twice_and_shows_one(talk: Talk, agent: FakeAgent) -> None:
    """One after the other; the second takes the place of the first."""
    agent.enqueue(AWAY)
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    message_id = await talk.say("Hello")
    await asyncio.gather(talk.retry(message_id), talk.retry(message_id))
    assert await talk.living() == ["Hello", "Two."]
    assert talk.screen.texts == ["Two."]


async def test_a_message_that_is_too_long_does_not_get_in_by_retry(talk: Talk, agent: FakeAgent) -> None:
    """No Retry is offered for it, and a forged one leads nowhere."""
    message_id = await talk.say("x" * (LIMIT + 1))
    assert talk.screen.retries == []
    await talk.retry(message_id)
    assert agent.asked == []
    assert talk.screen.texts == [english("chat.too_long", length=LIMIT + 1, limit=LIMIT)]


async def test_what_an_edit_took_off_the_screen_is_not_answered(talk: Talk, agent: FakeAgent) -> None:
    """A message of another page that had to wait for its turn meanwhile: no answer to it stands anywhere."""
    agent.enqueue(*words("One moment"), asyncio.Event())
    for answer in ("One.", "Two."):
        agent.enqueue(*words(answer))
    talk.begin("First", first := new_id())
    await until(lambda: talk.screen.texts)
    elsewhere = Talk(talk.stage, talk.record, thread_id=talk.thread_id)
    editing = asyncio.create_task(talk.edit(first, "Otherwise"))
    await asyncio.gather(editing, elsewhere.begin("Second"))
    standing = {row["step_id"] for row in await talk.steps() if row["deleted_at"] is None}
    assert {run["message_id"] for run in await talk.runs() if run["deleted_at"] is None} <= standing
    assert (await talk.living())[:2] == ["Otherwise", "One."]


async def test_what_comes_while_an_answer_leaves_goes_with_it(
    talk: Talk, agent: FakeAgent, record: Record, database_url: str
) -> None:
    """A notice that is kept between the look at what will leave and its leaving goes off the screen too."""
    agent.enqueue(*words("One."))
    message = await one(record, "steps", step_id=await talk.say("First"))
    notice: Row = {"step_id": new_id(), "thread_id": talk.thread_id, "turn": 1, "type": "system_message"}
    notice |= {"name": "Verbatim", "status": "complete", "output": "Late.", "created_at": record.now()}
    coming: list[Row] = []

    def looked_at() -> datetime:
        while coming:
            there.writer.submit(PutStep(coming.pop(), record.now(), creates=True))
        return record.now()

    there = Record(open_database(database_url), record.data_dir, record.defaults, looked_at)
    await there.start()
    await talk.screen.show(notice)
    coming.append(notice)
    await leave_answer(there, message, ADA, talk.screen)
    await there.close()
    assert (talk.screen.texts, await talk.living()) == ([], ["First"])
