"""An agent that cannot answer, and the one that steps in for it."""

from collections.abc import AsyncIterator

import pytest

from agent.breaker import CIRCUIT_OPEN, CircuitOpen
from agent.events import CallEnded, CallStarted, Event, StepEnded, StepStarted, TextDelta
from data_layer.record import Record
from stages.chat.stage import ChatStage
from study.errors import AgentUnavailable
from tests.data_layer.rows import rows
from tests.fakes import FakeAgent, FakeAgents, english
from tests.stages.talk import LIMIT, Talk, place, same_after_reload

FAILED_CALL: list[Event] = [CallStarted("openai", "small", [{"role": "user", "content": "Hello"}])]
DOWN = AgentUnavailable("down", error_type="server_error")


class Pair:
    """Alex, for whom Eliza steps in, and ADA at a screen."""

    def __init__(self, record: Record) -> None:
        self.alex, self.eliza = FakeAgent(name="Alex"), FakeAgent(name="Eliza")
        self.record = record
        stage = ChatStage(
            record,
            FakeAgents(self.alex),
            message_length=LIMIT,
            fallbacks={"Alex": self.eliza},
        )
        self.talk = Talk(stage, record)


@pytest.fixture
async def pair(record: Record) -> AsyncIterator[Pair]:
    """Both have nothing to say yet."""
    pair = Pair(record)
    yield pair
    await pair.talk.stage.close()
    await pair.talk.leave()


async def test_it_answers_and_is_marked(pair: Pair) -> None:
    """The page and the rows say who could not; both runs are kept, and the failed call with its own."""
    pair.alex.enqueue(*FAILED_CALL, CallEnded(error_type="server_error"), DOWN)
    pair.eliza.enqueue(TextDelta("Please go on."))
    await pair.talk.say("Hello")
    first, second = await pair.talk.runs()
    assert (first["agent"], first["status"], first["error_type"], first["fallback_for"]) == (
        "Alex",
        "failed",
        "server_error",
        None,
    )
    assert (second["agent"], second["status"], second["fallback_for"]) == ("Eliza", "complete", "Alex")
    (call,) = await rows(pair.record, "llm_calls")
    assert (call["run_id"], call["status"]) == (first["run_id"], "failed")
    assert pair.talk.screen.texts == ["Please go on."]
    assert pair.talk.screen.retries == []
    (reply,) = [row for row in await pair.talk.steps() if row["type"] == "assistant_message"]
    assert (reply["agent"], reply["fallback_for"]) == ("Eliza", "Alex")
    assert pair.talk.screen.steps[reply["step_id"]]["metadata"] == {"fallback_for": "Alex"}
    await same_after_reload(pair.talk)


async def test_words_that_were_read_are_not_replaced(pair: Pair) -> None:
    """A reply that broke off in the middle stands, with a Retry; nobody steps in."""
    pair.alex.enqueue(TextDelta("The first"), DOWN)
    message_id = await pair.talk.say("Hello")
    assert pair.talk.screen.texts == ["The first", english("chat.agent_failed")]
    assert [message for _, message in pair.talk.screen.retries] == [message_id]
    assert pair.eliza.asked == []


async def test_what_a_tool_did_is_not_done_again(pair: Pair) -> None:
    """Once a tool was called, nobody begins anew."""
    pair.alex.enqueue(StepStarted("1", "add_order_item"), StepEnded("1"), DOWN)
    await pair.talk.say("A coffee, please")
    assert pair.eliza.asked == []
    assert len(pair.talk.screen.retries) == 1


async def test_what_only_looked_is_no_deed(pair: Pair) -> None:
    """A stage of the agent's that called no tool may be followed by another agent's answer."""
    pair.alex.enqueue(StepStarted("1", "session", "session"), StepEnded("1"), DOWN)
    pair.eliza.enqueue(TextDelta("Please go on."))
    await pair.talk.say("Hello")
    assert pair.talk.screen.texts == ["Please go on."]


async def test_both_fail(pair: Pair) -> None:
    """One sentence and one Retry; the Retry begins with the first of them."""
    pair.alex.enqueue(DOWN)
    pair.eliza.enqueue(DOWN)
    message_id = await pair.talk.say("Hello")
    assert pair.talk.screen.texts == [english("chat.agent_failed")]
    assert len(pair.talk.screen.retries) == 1
    pair.alex.enqueue(TextDelta("Here I am."))
    await pair.talk.retry(message_id)
    assert pair.talk.screen.texts == ["Here I am."]
    assert [run["deleted_because"] for run in await pair.talk.runs()] == ["retried", "retried", None]


async def test_the_thread_stays_with_its_agent(pair: Pair) -> None:
    """Whoever steps in answers once: the next message is the first one's again, with both in its history."""
    pair.alex.enqueue(DOWN)
    pair.eliza.enqueue(TextDelta("Please go on."))
    await pair.talk.say("Hello")
    pair.alex.enqueue(TextDelta("I am back."))
    await pair.talk.say("And now?")
    assert [one.content for one in pair.alex.asked[-1]] == ["Hello", "Please go on.", "And now?"]
    (thread,) = await rows(pair.record, "threads")
    assert thread["agent"] == "Alex"


async def test_another_answer_walks_over_both(pair: Pair) -> None:
    """The failed run and the one that stepped in are one answer to walk to, and come back together."""
    pair.alex.enqueue(DOWN)
    pair.eliza.enqueue(TextDelta("Please go on."))
    message_id = await pair.talk.say("Hello")
    pair.alex.enqueue(TextDelta("Good day."))
    await pair.talk.again(message_id)
    (reply_id,) = [key for key, one in pair.talk.screen.steps.items() if one["output"] == "Good day."]
    assert await place(pair.talk, reply_id) == (2, 2)
    await pair.talk.walk(reply_id, 1)
    assert pair.talk.screen.texts == ["Please go on."]
    assert [run["deleted_at"] is None for run in await pair.talk.runs()] == [True, True, False]
    await same_after_reload(pair.talk)


async def test_a_server_that_is_left_alone(pair: Pair) -> None:
    """A breaker's failure has a name of its own in the run, and steps aside for the fallback at once."""
    pair.alex.enqueue(CircuitOpen("server"))
    pair.eliza.enqueue(TextDelta("Please go on."))
    await pair.talk.say("Hello")
    first, second = await pair.talk.runs()
    assert (first["error_type"], second["status"]) == (CIRCUIT_OPEN, "complete")


async def test_a_server_that_is_left_alone_and_nobody_steps_in(record: Record) -> None:
    """The sentence says to try again in a minute, and a Retry stands under it."""
    agent = FakeAgent([CircuitOpen("server")])
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT), record)
    await talk.say("Hello")
    assert talk.screen.texts == [english("chat.agent_away")]
    assert len(talk.screen.retries) == 1
    await talk.stage.close()
