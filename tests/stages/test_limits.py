"""How much may be used: counted from the record, enforced before an agent is asked, nothing lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.events import CallEnded, CallStarted, Event, TextDelta, Usage
from data_layer.record import Record
from stages.chat.left import Left
from stages.chat.stage import ChatStage
from study.limits import Limits
from tests.data_layer.rows import BOB, new_id, rows
from tests.fakes import FakeAgent, FakeAgents, HandClock, english
from tests.stages.talk import LIMIT, Talk, words

BEYOND = english("chat.beyond")


def call(tokens: int, text: str) -> list[Event]:
    """A reply of one call that takes so many tokens."""
    usage = Usage(input_tokens=tokens - 1, output_tokens=1)
    return [CallStarted("openai", "m", [{"role": "user"}]), TextDelta(text), CallEnded(usage=usage)]


Stage = Callable[..., ChatStage]


@pytest.fixture
def stage_with(record: Record, agent: FakeAgent) -> Stage:
    """Makes a stage with limits."""

    def make(**limits: Any) -> ChatStage:
        return ChatStage(
            record,
            FakeAgents(agent),
            message_length=LIMIT,
            pricing=lambda usage, _served, _asked: ((usage.input_tokens or 0) * 0.01, "EUR"),
            limits=Limits.model_validate(limits),
        )

    return make


def lefts(talk: Talk) -> list[Left]:
    """What the page was told of what is left."""
    return [told for kind, told in talk.screen.told if kind == "left"]


async def test_without_limits_nothing_is_counted(talk: Talk, agent: FakeAgent) -> None:
    """No frame, no event."""
    agent.enqueue(*words("One."))
    await talk.say("First")
    assert lefts(talk) == []
    assert not talk.stage.limits.asks


async def test_messages_of_a_thread(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """The page counts down; the one after the last is kept with a notice and without a Retry."""
    talk = Talk(stage_with(thread={"messages": 2}), record)
    await talk.say_many(agent, 2)
    late = await talk.say("Too late")
    assert [left.messages for left in lefts(talk)] == [1, 0, 0]
    assert lefts(talk)[1].over == "thread"
    assert talk.screen.texts == ["answer 0", "answer 1", BEYOND]
    assert talk.screen.retries == []
    assert len(agent.asked) == 2
    assert late in {row["step_id"] for row in await talk.steps()}
    assert await talk.stage.unanswered(talk.thread_id) is None
    (event, *_) = await rows(record, "events", type="limit_reached")
    assert event["payload"] == {"of": "thread", "what": "messages"}


async def test_a_removed_message_gives_none_back(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """What was edited away was sent: an edit of the first of two leaves none for a third."""
    talk = Talk(stage_with(thread={"messages": 3}), record)
    first = await talk.say_many(agent, 2)
    agent.enqueue(*words("anew"))
    await talk.edit(first, "otherwise")
    assert await talk.stage.limits.left(talk.thread_id, talk.participant_id) == Left(messages=1)


async def test_the_last_may_be_tried_again(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """Its answer failed: a Retry is no further message. An edit, or another answer, may not be."""
    talk = Talk(stage_with(thread={"messages": 1}), record)
    agent.enqueue(RuntimeError("broken"))
    message_id = await talk.say("Only one")
    agent.enqueue(*words("Here."))
    await talk.retry(message_id)
    assert talk.screen.texts == ["Here."]
    await talk.edit(message_id, "Otherwise")
    await talk.again(message_id)
    assert talk.screen.texts == ["Here."]
    assert talk.screen.said == [english("page.limits_thread")] * 2
    assert await talk.living() == ["Only one", "Here."]


async def test_an_answer_that_stands_is_not_retried_beyond_the_end(
    stage_with: Stage, record: Record, agent: FakeAgent
) -> None:
    """Whatever a page sends: a Retry is for an answer that failed, and another answer is refused."""
    talk = Talk(stage_with(thread={"messages": 1}), record)
    message_id = await talk.say_many(agent, 1)
    agent.enqueue(*words("Once more."))
    await talk.retry(message_id)
    assert await talk.living() == ["said 0", "answer 0"]
    assert talk.screen.said == [english("page.limits_thread")]


async def test_messages_of_a_participant(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """In all threads together; another participant has their own."""
    stage = stage_with(participant={"messages": 2})
    one, two, other = Talk(stage, record), Talk(stage, record), Talk(stage, record, BOB)
    await one.say_many(agent, 1)
    await two.say_many(agent, 1)
    await one.say("Too late")
    assert one.screen.texts == ["answer 0", BEYOND]
    assert lefts(one)[-1].over == "participant"
    await other.say_many(agent, 1)
    assert lefts(other)[-1] == Left(messages=1)


async def test_two_tabs_at_once(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """Of two messages for one place the first is answered; both are kept."""
    stage = stage_with(participant={"messages": 1})
    tabs = [Talk(stage, record), Talk(stage, record)]
    agent.enqueue(*words("One."))
    await asyncio.gather(*(tab.say("At once") for tab in tabs))
    assert sorted(text for tab in tabs for text in tab.screen.texts) == sorted(["One.", BEYOND])
    assert len(await rows(record, "steps", type="user_message")) == 2


async def test_tokens_and_money(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """Warned of at four fifths; what it was is kept, and no page is told."""
    talk = Talk(stage_with(thread={"tokens": 100}, participant={"cost": 0.98}), record)
    agent.enqueue(*call(85, "One."))
    await talk.say("First")
    assert lefts(talk)[-1] == Left(nearly=True)
    agent.enqueue(*call(15, "Two."))
    await talk.say("Second")
    assert (lefts(talk)[-1].over, lefts(talk)[-1].what) == ("participant", "cost")
    await talk.say("Too late")
    assert talk.screen.texts == ["One.", "Two.", BEYOND]


async def test_minutes(record: Record, agent: FakeAgent) -> None:
    """They run from the first message, and a restart does not wind them back."""
    clock = record.now = HandClock()
    limits = Limits.model_validate({"thread": {"minutes": 10}})
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT, limits=limits), record)
    assert (await talk.stage.limits.left(talk.thread_id, talk.participant_id)).seconds is None
    agent.enqueue(*words("One."))
    await talk.say("First")
    clock.forward(599)
    restarted = ChatStage(record, FakeAgents(agent), message_length=LIMIT, limits=limits)
    left = await restarted.limits.left(talk.thread_id, talk.participant_id)
    assert (left.seconds is not None and 0 < left.seconds < 1, left.over) == (True, None)
    clock.forward(1)
    await talk.say("Too late")
    assert (talk.screen.texts, lefts(talk)[-1].what) == (["One.", BEYOND], "minutes")


async def test_the_least_is_a_hint(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """It counts down to nothing and stops nobody."""
    talk = Talk(stage_with(thread={"at_least": 2}), record)
    await talk.say_many(agent, 3)
    assert [left.least for left in lefts(talk)] == [1, 0, 0]


async def test_tokens_of_one_answer(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """No further call is made; what was said stays, and is no failure that could be tried again."""
    talk = Talk(stage_with(turn={"tokens": 50}), record)
    agent.enqueue(*call(30, "One. "), *call(30, "Two. "), *call(30, "Three."))
    await talk.say("Go on and on")
    assert talk.screen.texts == ["One. Two. ", english("chat.turn_limit")]
    (run,) = await talk.runs()
    assert (run["status"], run["error_type"]) == ("stopped", "turn_limit")
    assert len(await rows(record, "llm_calls")) == 2
    assert talk.screen.retries == []
    assert await talk.stage.unanswered(talk.thread_id) is None


async def test_money_of_one_answer(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """As tokens, by the prices."""
    talk = Talk(stage_with(turn={"cost": 0.29}), record)
    agent.enqueue(*call(30, "One. "), *call(30, "Two. "))
    await talk.say("Go on")
    assert talk.screen.texts == ["One. ", english("chat.turn_limit")]


async def test_seconds_of_one_answer(stage_with: Stage, record: Record, agent: FakeAgent) -> None:
    """It ends with what was on the screen, though the agent would go on for ever."""
    talk = Talk(stage_with(turn={"seconds": 0.2}), record)
    agent.enqueue(TextDelta("One."), asyncio.Event())
    await talk.say("Go on")
    assert talk.screen.texts == ["One.", english("chat.turn_limit")]
    assert [run["error_type"] for run in await talk.runs()] == ["turn_limit"]
    assert agent.closed_early == 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tabs=st.lists(st.integers(0, 2), min_size=1, max_size=8), most=st.integers(1, 4))
async def test_any_order_of_tabs(record: Record, tabs: list[int], most: int) -> None:
    """However messages of three threads fall together: as many are answered as are allowed, all are kept."""
    agent = FakeAgent(*([TextDelta("Yes.")] for _ in tabs))
    limits = Limits.model_validate({"participant": {"messages": most}})
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT, limits=limits)
    whose = new_id()
    talks = [Talk(stage, record, whose) for _ in range(3)]
    groups = [tabs[at : at + 3] for at in range(0, len(tabs), 3)]
    for group in groups:
        await asyncio.gather(*(talks[tab].say("Said") for tab in group))
    assert len(agent.asked) == min(most, len(tabs))
    kept = [step for talk in talks for step in await talk.steps()]
    assert sum(step["type"] == "user_message" for step in kept) == len(tabs)
    assert sum(step["output"] == BEYOND for step in kept) == max(0, len(tabs) - most)
    await stage.close()
