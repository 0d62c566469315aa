"""Intents of a conversation: what an agent yields of them is kept, given back, and goes with branches."""

from typing import Final

import pytest

from agent.events import Event, IntentBegan, IntentEnded, IntentUpdated, TextDelta
from data_layer.database.rows import Row
from tests.data_layer.rows import rows
from tests.fakes import FakeAgent
from tests.stages.talk import Talk, living

ORDER: Final = IntentBegan("order", "Order a drink", 0.9)
HOURS: Final = IntentBegan("hours", "Ask for the hours")
DONE: Final = IntentEnded("completed", "tool")


@pytest.fixture
def agent() -> FakeAgent:
    """An agent that keeps intents."""
    agent = FakeAgent()
    agent.keeps_intents = True
    return agent


def slots(**values: object) -> Event:
    """What is known of the intent, and where its agent is."""
    return IntentUpdated(values, {"asks": sorted(values)})


async def standing(talk: Talk) -> list[Row]:
    """The intents that stand, oldest first."""
    await talk.record.writer.flush()
    found = await rows(talk.record, "intents", thread_id=talk.thread_id)
    return [row for row in found if row["deleted_at"] is None]


async def stand(talk: Talk) -> list[tuple[str, str]]:
    """Names and states of these."""
    return [(row["name"], row["state"]) for row in await standing(talk)]


async def test_an_intent_is_kept_and_given_back(agent: FakeAgent, talk: Talk) -> None:
    """What an agent says of an intent is given to it again at the next turn, and its end ends it."""
    agent.enqueue(ORDER, slots(drink="latte"), TextDelta("Which size?"))
    agent.enqueue(slots(drink="latte", size="large"), DONE, TextDelta("It is on its way."))
    agent.enqueue(TextDelta("You're welcome."))
    for said in ("A latte", "Large", "Thank you"):
        await talk.say(said)
    second = agent.contexts[1].intent
    assert second is not None
    assert (second.name, second.title, second.parameters) == ("order", "Order a drink", {"drink": "latte"})
    assert second.state == {"asks": ["drink"]}
    assert agent.contexts[2].intent is None
    assert [one.status for one in agent.contexts[2].former] == ["completed"]
    [order] = await standing(talk)
    assert (order["state"], order["cause"], order["score"]) == ("completed", "tool", 0.9)
    assert order["ended_at"] is not None


async def test_messages_and_steps_bear_their_intent(agent: FakeAgent, talk: Talk) -> None:
    """The participant's message, the reply and the run of each turn bear the intent that they belong to."""
    agent.enqueue(TextDelta("Hello."))
    agent.enqueue(ORDER, TextDelta("Which size?"))
    agent.enqueue(DONE, TextDelta("It is on its way."))
    for said in ("Hello", "A latte", "Large"):
        await talk.say(said)
    [order] = await standing(talk)
    of = [row["intent_id"] for row in await talk.steps()]
    assert of == [None, None, *[order["intent_id"]] * 4]
    assert [row["intent_id"] for row in await talk.runs()] == [None, *[order["intent_id"]] * 2]


async def test_one_intent_is_under_way(agent: FakeAgent, talk: Talk) -> None:
    """An intent that begins while another is under way takes its place."""
    agent.enqueue(ORDER, TextDelta("Which size?"))
    agent.enqueue(HOURS, TextDelta("From eight to six."))
    await talk.say("A latte")
    await talk.say("When are you open?")
    order, hours = await standing(talk)
    assert (order["state"], order["cause"]) == ("abandoned", "replaced")
    assert (hours["state"], hours["cause"]) == ("active", "agent")


async def test_what_comes_after_the_end_changes_nothing(agent: FakeAgent, talk: Talk) -> None:
    """Of two ends the first holds, and parameters of an intent that has ended stay."""
    late = IntentEnded("abandoned", "cancelled")
    agent.enqueue(ORDER, slots(drink="latte"), DONE, slots(drink="tea"), late, DONE, TextDelta("Done."))
    await talk.say("A latte")
    [order] = await standing(talk)
    assert (order["state"], order["cause"], order["parameters"]) == ("completed", "tool", {"drink": "latte"})
    moves = await rows(talk.record, "intent_moves", thread_id=talk.thread_id)
    assert [move["move"] for move in moves] == ["began", "updated", "completed"]


async def test_an_edit_takes_along_what_came_after(agent: FakeAgent, talk: Talk) -> None:
    """A message that is said otherwise takes with it what was known since, and a walk back brings it."""
    agent.enqueue(ORDER, slots(drink="latte"), TextDelta("Which size?"))
    agent.enqueue(slots(drink="latte", size="large"), DONE, TextDelta("It is on its way."))
    await talk.say("A latte")
    second = await talk.say("Large")
    agent.enqueue(TextDelta("Small, then."))
    await talk.edit(second, "Small")
    [order] = await standing(talk)
    assert (order["state"], order["parameters"], order["ended_at"]) == ("active", {"drink": "latte"}, None)
    assert agent.contexts[-1].intent is not None
    assert agent.contexts[-1].intent.state == {"asks": ["drink"]}
    await talk.walk(second, 1)
    [order] = await standing(talk)
    assert (order["state"], order["parameters"]) == ("completed", {"drink": "latte", "size": "large"})


async def test_an_intent_leaves_with_what_it_began_with(agent: FakeAgent, talk: Talk) -> None:
    """The message that an intent began with takes it off the screen, and bears it again when it is back."""
    agent.enqueue(ORDER, TextDelta("Which size?"))
    agent.enqueue(TextDelta("Good morning."))
    first = await talk.say("A latte")
    [order] = await standing(talk)
    await talk.edit(first, "Good morning")
    assert await stand(talk) == []
    assert [row["intent_id"] for row in await living(talk)] == [None, None]
    await talk.walk(first, 1)
    assert await stand(talk) == [("order", "active")]
    assert {row["intent_id"] for row in await living(talk)} == {order["intent_id"]}


async def test_agents_without_intents_have_none(agent: FakeAgent, talk: Talk) -> None:
    """An agent that keeps no intents is told all that was said, and nothing is written of any."""
    agent.keeps_intents = False
    await talk.say_many(agent, 2)
    assert [one.content for one in agent.asked[1]] == ["said 0", "answer 0", "said 1"]
    assert await standing(talk) == []
    assert {row["intent_id"] for row in await talk.steps()} == {None}
