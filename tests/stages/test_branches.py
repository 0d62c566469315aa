"""Branches: nothing that was said is out of reach, and each comes back exactly as it was left."""

import asyncio

import pytest

from agent.events import IntentBegan, TextDelta
from data_layer.record import Record
from stages.chat.branches import MOST_MOVED
from study.errors import AgentUnavailable
from tests.data_layer.rows import BOB, new_id, one, rows
from tests.fakes import FakeAgent, english
from tests.stages.talk import Talk, living, place, same_after_reload, until, words

AWAY = AgentUnavailable("no connection", error_type="connection")


async def test_an_edit_is_walked_back_and_forth(talk: Talk, agent: FakeAgent) -> None:
    """Each wording has its own answer and all that followed, on the screen and after a reload."""
    for answer in ("One.", "Two.", "Three."):
        agent.enqueue(*words(answer))
    first = await talk.say("First")
    await talk.say("Second")
    await talk.edit(first, "Otherwise")
    assert await place(talk, first) == (2, 2)
    await talk.walk(first, 1)
    assert await talk.living() == ["First", "One.", "Second", "Two."]
    assert talk.screen.texts == ["First", "One.", "Second", "Two."]
    await same_after_reload(talk)
    assert await place(talk, first) == (1, 2)
    await talk.walk(first, 2)
    assert await talk.living() == ["Otherwise", "Three."]
    await same_after_reload(talk)


async def test_try_again_keeps_both_answers(talk: Talk, agent: FakeAgent) -> None:
    """An earlier reply is tried again: what followed leaves with it, and comes back with it."""
    for answer in ("One.", "Two.", "Three."):
        agent.enqueue(*words(answer))
    await talk.say("First")
    await talk.say("Second")
    reply = (await talk.steps())[1]["step_id"]
    await talk.again(reply)
    assert await talk.living() == ["First", "Three."]
    newest = (await living(talk))[-1]["step_id"]
    assert await place(talk, newest) == (2, 2)
    assert [turn.content for turn in agent.asked[2]] == ["First"]
    await talk.walk(newest, 1)
    assert await talk.living() == ["First", "One.", "Second", "Two."]
    assert await place(talk, reply) == (1, 2)
    await same_after_reload(talk)


async def test_an_edit_from_an_earlier_wording_is_a_third(talk: Talk, agent: FakeAgent) -> None:
    """The second is not written over; the answer says which wording it was given to."""
    for answer in ("One.", "Two.", "Three."):
        agent.enqueue(*words(answer))
    message = await talk.say("A")
    await talk.edit(message, "B")
    await talk.walk(message, 1)
    await talk.edit(message, "C")
    assert await talk.living() == ["C", "Three."]
    kept = await rows(talk.record, "step_revisions", step_id=message)
    assert [(row["revision"], row["output"]) for row in kept] == [(1, "A"), (2, "B"), (3, "C")]
    assert [run["message_revision"] for run in await talk.runs()] == [1, 2, 3]
    await talk.walk(message, 2)
    assert await talk.living() == ["B", "Two."]


async def test_the_agent_hears_the_branch_that_is_shown(talk: Talk, agent: FakeAgent) -> None:
    """And turns are counted along it."""
    for answer in ("One.", "Two.", "Three."):
        agent.enqueue(*words(answer))
    first = await talk.say("First")
    await talk.edit(first, "Otherwise")
    await talk.walk(first, 1)
    await talk.say("And now")
    assert [turn.content for turn in agent.asked[2]] == ["First", "One.", "And now"]
    assert [row["turn"] for row in await living(talk)] == [1, 1, 2, 2]


async def test_a_walk_is_kept_as_an_event(talk: Talk, agent: FakeAgent) -> None:
    """What was left and what was shown, and by whom; the thread's list line follows."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    message = await talk.say("A")
    await talk.edit(message, "B")
    await talk.walk(message, 1)
    event = await one(talk.record, "events", type="branch_shown")
    assert event["payload"] == {"message_id": message, "from": f"{message}/2", "to": f"{message}/1"}
    assert (event["thread_id"], event["target"]) == (talk.thread_id, message)
    thread = await one(talk.record, "threads")
    assert (thread["message_count"], thread["preview"], thread["title"]) == (2, "One.", "A")


async def test_a_failed_answer_with_words_can_be_walked_to(talk: Talk, agent: FakeAgent) -> None:
    """Its Retry stands there again; one that failed without a word is no branch."""
    agent.enqueue(AWAY)
    agent.enqueue(*words("Half"), gate := asyncio.Event(), AWAY)
    agent.enqueue(*words("Whole."))
    message = await talk.say("Hello")
    task = asyncio.create_task(talk.retry(message))
    await until(lambda: "Half" in talk.screen.texts)
    gate.set()
    await task
    await talk.retry(message)
    whole = (await living(talk))[-1]["step_id"]
    assert await place(talk, whole) == (2, 2)
    await talk.walk(whole, 1)
    assert await talk.living() == ["Hello", "Half", english("chat.agent_failed")]
    assert talk.screen.retries[-1] == ((await living(talk))[-1]["step_id"], message)


async def test_an_answer_that_fails_at_once_hides_no_other(talk: Talk, agent: FakeAgent) -> None:
    """The arrows stand under the app's line about it: the answer before is one press away."""
    agent.enqueue(*words("One."))
    agent.enqueue(AWAY)
    await talk.say("Hello")
    await talk.again((await talk.steps())[1]["step_id"])
    line = (await living(talk))[-1]["step_id"]
    assert await place(talk, line) == (2, 2)
    await talk.walk(line, 1)
    assert await talk.living() == ["Hello", "One."]


@pytest.mark.parametrize("deed", ["again", "walk"])
async def test_it_stops_the_reply_that_is_being_given(talk: Talk, agent: FakeAgent, deed: str) -> None:
    """What was shown of it is kept, and stays within reach."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Half"), asyncio.Event())
    agent.enqueue(*words("Two."))
    await talk.say("First")
    task = talk.begin("Second")
    await until(lambda: "Half" in talk.screen.texts)
    reply = (await talk.steps())[1]["step_id"]
    await (talk.again(reply) if deed == "again" else talk.walk(reply, 1))
    await task
    half = next(row for row in await talk.steps() if row["output"] == "Half")
    assert half["status"] == "stopped"
    shown = ["First", "Two."] if deed == "again" else ["First", "One.", "Second", "Half"]
    assert await talk.living() == shown


@pytest.mark.parametrize("deed", ["again", "walk"])
async def test_a_stranger_moves_nothing(talk: Talk, agent: FakeAgent, deed: str) -> None:
    """With every id in hand; it is told so, and an event is kept."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    message = await talk.say("Hello")
    await talk.edit(message, "Hi")
    stranger = Talk(talk.stage, talk.record, BOB, talk.thread_id)
    for step in await talk.steps():
        await (stranger.again(step["step_id"]) if deed == "again" else stranger.walk(step["step_id"], 1))
    assert set(stranger.screen.said) == {english("chat.not_yours")}
    assert await talk.living() == ["Hi", "Two."]
    assert {row["participant_id"] for row in await rows(talk.record, "events")} == {BOB}


@pytest.mark.parametrize("number", [0, -1, 3, 2**70])
async def test_a_branch_that_is_not_there_is_not_shown(talk: Talk, agent: FakeAgent, number: int) -> None:
    """Of a message or of an answer."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    message = await talk.say("Hello")
    await talk.edit(message, "Hi")
    for step in await living(talk):
        await talk.walk(step["step_id"], number)
    assert await talk.living() == ["Hi", "Two."]


async def test_what_is_off_the_screen_is_no_place_to_walk_from(talk: Talk, agent: FakeAgent) -> None:
    """A second tab that has not heard yet moves nothing."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    agent.enqueue(*words("Three."))
    first, second = await talk.say("First"), await talk.say("Second")
    await talk.edit(first, "Otherwise")
    await talk.again(second)
    await talk.walk(second, 1)
    await talk.walk(new_id(), 1)
    assert await talk.living() == ["Otherwise", "Three."]


async def test_a_long_branch_is_drawn_at_once(talk: Talk, agent: FakeAgent) -> None:
    """Its newest window; hundreds of events, one a row, would hold up everybody's pages."""
    first = await talk.say_many(agent, MOST_MOVED // 2)
    agent.enqueue(*words("Otherwise."))
    await talk.edit(first, "Otherwise")
    assert await talk.living() == ["Otherwise", "Otherwise."]
    assert talk.screen.count("remove") == 0
    await talk.walk(first, 1)
    assert talk.screen.count("redraw") == 2
    assert talk.screen.texts == await talk.living()


async def test_files_come_back_with_their_message(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """A page that was loaded on another branch has never seen them."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    agent.enqueue(*words("Three."))
    first, second = await talk.say("First"), await talk.say("Second")
    row = {
        "element_id": new_id(),
        "thread_id": talk.thread_id,
        "message_id": second,
        "type": "file",
        "name": "a",
    }
    await record.elements.put(talk.participant_id, record.take_order(), row, b"words")
    await talk.edit(first, "Otherwise")
    await talk.walk(first, 1)
    assert talk.screen.count("show_element") == 1


async def test_an_answer_to_an_earlier_message_is_not_of_what_follows(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """Of two messages said at once the second stands before the first one's answer, and an edit leaves that.

    Likewise its run, and the intent that it began; and so do an answer anew and a walk.
    """
    go_on = asyncio.Event()
    agent.keeps_intents = True
    agent.enqueue(go_on, IntentBegan("order", "Order"), TextDelta("One."))
    for answer in ("Two.", "Three.", "Four."):
        agent.enqueue(TextDelta(answer))
    first = talk.begin("First")
    await until(lambda: agent.asked)
    second = talk.begin("Second", second_id := new_id())
    await until(lambda: talk.screen.count("kept") == 2)
    go_on.set()
    await asyncio.gather(first, second)
    await talk.edit(second_id, "Otherwise")
    assert await talk.living() == ["First", "Otherwise", "One.", "Three."]
    await talk.again(second_id)
    assert await talk.living() == ["First", "Otherwise", "One.", "Four."]
    await same_after_reload(talk)
    await talk.walk(second_id, 1)
    assert await talk.living() == ["First", "Second", "One.", "Two."]
    await same_after_reload(talk)
    assert [run["turn"] for run in await talk.runs() if run["deleted_at"] is None] == [1, 2]
    assert (await one(record, "intents"))["deleted_at"] is None
