"""One turn: the message is kept, the agent is asked what the database says, the reply is shown and kept."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from agent.context import Utterance
from agent.events import StepEnded, StepStarted, TextDelta
from data_layer.database.rows import Row
from data_layer.record import Record
from page.chat.chainlit_chat import ChainlitChat
from stages.chat.stage import ChatStage
from tests.data_layer.rows import ADA, BOB, begin_thread, execute, new_id, one, rows
from tests.fakes import FakeAgent, FakeAgents, FakeScreen, english
from tests.pages import FakePage, forget_pages, heard, leave_pages
from tests.stages.talk import LIMIT, Talk, until, words


async def test_the_message_is_committed_before_the_agent_is_asked(talk: Talk, agent: FakeAgent) -> None:
    """Another connection reads it while the agent has not said a word."""
    agent.enqueue(hold := asyncio.Event(), *words("Yes."))
    talk.begin("Are you there?")
    await until(lambda: agent.asked)
    async with talk.record.database.engine.connect() as connection:
        kept = (await connection.execute(text("SELECT output, status FROM steps"))).all()
    assert [tuple(row) for row in kept] == [("Are you there?", "complete")]
    hold.set()
    await until(lambda: talk.screen.texts == ["Yes."])


async def test_a_turn_is_a_message_a_run_and_a_reply(talk: Talk, agent: FakeAgent) -> None:
    """Each under the other, with the same turn."""
    agent.enqueue(*words("Hello ", "there."))
    message_id = await talk.say("Hello")
    message, reply = await talk.steps()
    run = (await talk.runs())[0]
    assert (message["type"], message["name"], message["turn"]) == ("user_message", "participant", 1)
    assert (reply["type"], reply["name"], reply["turn"]) == ("assistant_message", "Agent", 1)
    assert (reply["output"], reply["status"]) == ("Hello there.", "complete")
    assert (run["message_id"], run["turn"], run["status"]) == (message_id, 1, "complete")
    assert reply["run_id"] == reply["parent_id"] == run["run_id"]


async def test_the_history_is_what_the_database_holds(talk: Talk, agent: FakeAgent) -> None:
    """Not what the process remembers: a text that changed there is read as it is there."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    await talk.say("First")
    await execute(talk.record.database, "UPDATE steps SET output = 'Otherwise.' WHERE output = 'One.'")
    await talk.say("Second")
    assert agent.asked[1] == [
        Utterance("user", "First"),
        Utterance("assistant", "Otherwise."),
        Utterance("user", "Second"),
    ]


async def test_another_process_goes_on_with_the_same_history(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """A server that has just started knows what was said before it."""
    agent.enqueue(*words("One."))
    await talk.say("First")
    other = FakeAgent(words("Two."))
    later = Talk(ChatStage(record, FakeAgents(other), message_length=LIMIT), record, thread_id=talk.thread_id)
    await later.say("Second")
    assert [turn.content for turn in other.asked[0]] == ["First", "One.", "Second"]


async def test_a_notice_is_no_part_of_the_history(talk: Talk, agent: FakeAgent) -> None:
    """What the app says to a participant was not said by the agent."""
    agent.enqueue(RuntimeError("broken"))
    agent.enqueue(*words("Now."))
    await talk.say("First")
    await talk.say("Second")
    assert english("chat.agent_failed") in await talk.living()
    assert [turn.content for turn in agent.asked[1]] == ["First", "Second"]


async def test_the_agents_visible_work_stands_above_its_reply(talk: Talk, agent: FakeAgent) -> None:
    """What went in and what came out, byte for byte, and on the screen as soon as it begins."""
    agent.enqueue(
        StepStarted("a", "clock", input='{"zone":  "UTC"}'), StepEnded("a", "12:00\n"), TextDelta("Noon.")
    )
    await talk.say("What time is it?")
    tool, reply = (await talk.steps())[1:]
    assert (tool["type"], tool["input"], tool["output"]) == ("tool", '{"zone":  "UTC"}', "12:00\n")
    assert tool["started_at"] <= tool["ended_at"]
    assert tool["seq"] < reply["seq"]
    assert list(talk.screen.steps)[-2:] == [tool["step_id"], reply["step_id"]]


async def test_what_a_reload_shows_is_what_stood_there(talk: Talk, agent: FakeAgent) -> None:
    """Step by step, and field by field."""
    agent.enqueue(StepStarted("a", "clock"), StepEnded("a", "12:00"), *words("It is ", "noon."))
    message_id = await talk.say("What time is it?")
    shown = await talk.reloaded()
    del shown[message_id]  # the page has shown that one by itself
    assert talk.screen.steps == shown


async def test_one_turn_at_a_time_in_a_thread(talk: Talk, agent: FakeAgent) -> None:
    """A message that comes during a reply waits for its end, and is answered with it in the history."""
    agent.enqueue(*words("One."), hold := asyncio.Event())
    agent.enqueue(*words("Two."))
    first, second = talk.begin("First"), talk.begin("Second")
    await until(lambda: talk.screen.texts == ["One."])
    assert len(agent.asked) == 1
    hold.set()
    await asyncio.gather(first, second)
    assert [turn.content for turn in agent.asked[1]] == ["First", "One.", "Second"]
    assert [run["turn"] for run in await talk.runs()] == [1, 2]


async def test_another_thread_does_not_wait(talk: Talk, agent: FakeAgent) -> None:
    """One participant's slow reply is nobody else's."""
    agent.enqueue(hold := asyncio.Event())
    agent.enqueue(*words("At once."))
    talk.begin("Slowly")
    await until(lambda: agent.asked)
    other = Talk(talk.stage, talk.record, BOB)
    await other.say("Quickly")
    assert other.screen.texts == ["At once."]
    hold.set()


async def test_a_thread_keeps_its_agent(record: Record) -> None:
    """Another choice on the page is for new threads."""
    first, second = FakeAgent(words("A."), words("A.")), FakeAgent(name="Other")
    talk = Talk(ChatStage(record, FakeAgents(first, second), message_length=LIMIT), record)
    await talk.say("Hello", agent="Agent")
    await talk.say("Still there?", agent="Other")
    assert [run["agent"] for run in await talk.runs()] == ["Agent", "Agent"]


@pytest.mark.parametrize("chosen", [None, "Nobody"])
async def test_without_a_choice_the_default_answers(talk: Talk, agent: FakeAgent, chosen: str | None) -> None:
    """Also for a name that is no agent's."""
    agent.enqueue(*words("I do."))
    await talk.say("Who answers?", agent=chosen)
    assert talk.screen.texts == ["I do."]


async def test_a_message_sent_twice_is_answered_once(talk: Talk, agent: FakeAgent) -> None:
    """A page that reconnects may send again what it is not sure of."""
    agent.enqueue(*words("Once."))
    message_id = await talk.say("Hello")
    await talk.say("Hello", message_id)
    assert await talk.living() == ["Hello", "Once."]
    assert len(agent.asked) == 1


async def test_a_message_sent_twice_during_its_reply_is_answered_once(talk: Talk, agent: FakeAgent) -> None:
    """The second waits for the turn, and finds its answer there."""
    agent.enqueue(*words("Once."), hold := asyncio.Event())
    message_id = new_id()
    first, second = talk.begin("Hello", message_id), talk.begin("Hello", message_id)
    await until(lambda: talk.screen.texts)
    hold.set()
    await asyncio.gather(first, second)
    assert await talk.living() == ["Hello", "Once."]


async def test_a_message_whose_answer_was_interrupted_is_answered_anew(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """The interrupted answer leaves the screen and stays in the record."""
    agent.enqueue(*words("Half an"), asyncio.Event())
    task = talk.begin("Hello", message_id := new_id())
    await until(lambda: talk.screen.texts)
    await talk.stage.close()
    await task
    whole = FakeAgent(words("Half an answer."))
    again = Talk(ChatStage(record, FakeAgents(whole), message_length=LIMIT), record, thread_id=talk.thread_id)
    again.screen.steps |= talk.screen.steps
    await again.say("Hello", message_id)
    assert again.screen.texts == ["Half an answer."]
    kept = [(row["output"], row["status"], row["deleted_because"]) for row in await talk.steps()]
    assert kept[1:] == [("Half an", "interrupted", "retried"), ("Half an answer.", "complete", None)]
    assert [run["deleted_because"] for run in await talk.runs()] == ["retried", None]


async def test_a_message_that_was_edited_away_is_not_answered_again(talk: Talk, agent: FakeAgent) -> None:
    """A late second copy of it brings nothing back."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    agent.enqueue(*words("Three."))
    first = await talk.say("First")
    second = await talk.say("Second")
    await talk.edit(first, "First again")
    await talk.say("Second", second)
    assert await talk.living() == ["First again", "Three."]
    assert len(agent.asked) == 3


async def test_a_late_copy_of_a_failed_message_takes_nothing_off_the_screen(
    talk: Talk, agent: FakeAgent
) -> None:
    """The participant has gone on since: what they have read stays, and no agent is asked."""
    agent.enqueue(RuntimeError("broken"))
    agent.enqueue(*words("Two."))
    first = await talk.say("First")
    await talk.say("Second")
    before = await talk.living()
    await talk.say("First", first)
    assert await talk.living() == before
    assert len(agent.asked) == 2


async def test_nobody_writes_in_anothers_thread(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """It is taken off the stranger's screen, the stranger is told, no agent is asked, an event is kept."""
    theirs = await begin_thread(record, "Mine", owner=BOB)
    intruder = Talk(talk.stage, record, thread_id=theirs)
    message_id = await intruder.say("Hello from outside")
    assert intruder.screen.told == [("remove", (message_id,)), ("say", english("chat.not_yours"))]
    assert agent.asked == []
    await record.writer.flush()
    assert (await one(record, "events"))["type"] == "refused"
    assert [row["output"] for row in await rows(record, "steps")] == ["Mine"]


@pytest.fixture
def no_pages() -> Iterator[None]:
    """Chainlit knows no page before the test, and none after it."""
    forget_pages()
    yield
    leave_pages()
    forget_pages()


@pytest.mark.usefixtures("no_pages")
async def test_a_second_page_joins_a_reply(record: Record, stage: ChatStage, agent: FakeAgent) -> None:
    """It gets the words so far with its thread, the others as they come, and may write when it ends."""
    agent.enqueue(*words("From the "), hold := asyncio.Event(), *words("start."))
    chat = ChainlitChat(stage, record.connections)
    first = FakePage(ADA)
    turn = asyncio.create_task(heard(chat, first.session, new_id(), "Go on"))
    await until(lambda: first.of("stream_start"))
    second = FakePage(ADA, first.thread_id)
    second.enter()
    thread: Any = {"id": first.thread_id, "steps": []}
    await chat.on_resume(second.session, thread)
    assert [step["output"] for step in thread["steps"]] == ["From the "]
    await until(lambda: second.of("task_start"))
    hold.set()
    await turn
    await until(lambda: second.of("task_end"))
    assert second.of("new_message")[-2]["output"] == "From the start."


class SlowScreen(FakeScreen):
    """The screen of another door, to which a message comes late."""

    def __init__(self) -> None:
        super().__init__()
        self.arrives = asyncio.Event()

    async def kept(self, message: Row) -> None:
        """Say so once it has arrived."""
        self.told.append(("asked", message["step_id"]))
        await self.arrives.wait()
        await super().kept(message)


async def test_a_reply_begins_below_what_was_said_before_it(talk: Talk, agent: FakeAgent) -> None:
    """A message that came in by another door meanwhile has the earlier number: it stands above the reply."""
    agent.enqueue(hold := asyncio.Event(), *words("One."))
    agent.enqueue(*words("Two."))
    first = talk.begin("From the page")
    await until(lambda: agent.asked)
    other = SlowScreen()
    second = asyncio.create_task(talk.stage.hear(talk.spoken("From a program"), other))
    await until(lambda: other.count("asked"))
    hold.set()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(first), 0.05)
    assert talk.screen.count("begin") == 0
    other.arrives.set()
    await asyncio.gather(first, second)
    assert [step["output"] for step in await talk.steps()] == [
        "From the page",
        "From a program",
        "One.",
        "Two.",
    ]
