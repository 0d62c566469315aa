"""What the page is told of intents: titles and states where they stand, live and on reload; nothing else."""

import json

import pytest

from agent.events import IntentBegan, IntentEnded, IntentUpdated, TextDelta
from data_layer.conversations import intents
from data_layer.database.rows import Row
from data_layer.record import Record
from stages.chat.idle import IdleIntents
from tests.data_layer.rows import BOB, rows
from tests.fakes import FakeAgent, HandClock
from tests.stages.talk import Talk

ORDER = IntentBegan("order", "Order a drink")
SECRET = "zebra"


@pytest.fixture
def agent() -> FakeAgent:
    """An agent that keeps intents."""
    agent = FakeAgent()
    agent.keeps_intents = True
    return agent


async def kept(talk: Talk) -> list[Row]:
    """What a page that is loaded now would be told."""
    await talk.record.writer.flush()
    return await intents.shown(talk.record.database, talk.thread_id) or []


async def test_the_page_is_told_when_one_begins_and_ends(agent: FakeAgent, talk: Talk) -> None:
    """Between which messages each stood, as a reload would have it."""
    agent.enqueue(ORDER, TextDelta("Which size?"))
    agent.enqueue(IntentEnded("completed", "tool"), TextDelta("Done."))
    first, second = await talk.say("A latte"), await talk.say("Large")
    told = [shown for kind, shown in talk.screen.told if kind == "intents"]
    assert [[one["state"] for one in shown] for shown in told] == [["active"], ["completed"]]
    assert talk.screen.intents == await kept(talk)
    [one] = talk.screen.intents
    assert (one["title"], one["from"], one["to"], one["offered"]) == ("Order a drink", first, second, False)


async def test_only_title_and_state_reach_the_page(agent: FakeAgent, talk: Talk) -> None:
    """Neither its name, nor its parameters, nor what its agent remembers is told to a screen."""
    agent.enqueue(
        IntentBegan("secret-name", "Order a drink", 0.123),
        IntentUpdated({SECRET: SECRET}, {SECRET: SECRET}),
        TextDelta("Which size?"),
    )
    await talk.say("A latte")
    told = json.dumps([talk.screen.told, await kept(talk)], default=str)
    assert "Order a drink" in told
    assert [word for word in (SECRET, "secret-name", "0.123") if word in told] == []


async def test_a_stop_in_between_tells_it_at_the_end(agent: FakeAgent, talk: Talk) -> None:
    """However a reply ends, the page shows what the record says."""
    agent.enqueue(ORDER, TextDelta("Which "), RuntimeError("gone"))
    await talk.say("A latte")
    assert [one["state"] for one in talk.screen.intents] == ["active"]
    assert talk.screen.intents == await kept(talk)


async def test_an_edit_tells_what_is_left(agent: FakeAgent, talk: Talk) -> None:
    """An intent that left the screen is shown no more, and again after a walk back."""
    agent.enqueue(ORDER, TextDelta("Which size?"))
    agent.enqueue(TextDelta("Good morning."))
    first = await talk.say("A latte")
    await talk.edit(first, "Good morning")
    assert talk.screen.intents == await kept(talk) == []
    await talk.walk(first, 1)
    assert [one["state"] for one in talk.screen.intents] == ["active"]


async def test_what_was_left_is_offered_and_can_go_on(
    agent: FakeAgent, talk: Talk, record: Record, clock: HandClock
) -> None:
    """Its participant goes on, and its agent gets it as it was left."""
    agent.enqueue(ORDER, IntentUpdated({"drink": "latte"}, {"asks": "size"}), TextDelta("Which size?"))
    agent.enqueue(TextDelta("Large."))
    await talk.say("A latte")
    clock.forward(3600)
    await IdleIntents(record, 30).sweep()
    [left] = await kept(talk)
    assert (left["state"], left["offered"]) == ("abandoned", True)
    await talk.stage.answer_offer(talk.spoken("", ""), left["id"], talk.screen, goes_on=True)
    assert [(one["state"], one["offered"]) for one in talk.screen.intents] == [("active", False)]
    await talk.say("Large")
    given = agent.contexts[-1].intent
    assert given is not None
    assert (given.parameters, given.state) == ({"drink": "latte"}, {"asks": "size"})
    assert [one["state"] for one in await kept(talk)] == ["active"]


async def test_who_will_not_go_on_is_not_asked_again(
    agent: FakeAgent, talk: Talk, record: Record, clock: HandClock
) -> None:
    """The answer is kept, and holds on every device."""
    agent.enqueue(ORDER, TextDelta("Which size?"))
    await talk.say("A latte")
    clock.forward(3600)
    await IdleIntents(record, 30).sweep()
    [left] = await kept(talk)
    for _ in range(2):
        await talk.stage.answer_offer(talk.spoken("", ""), left["id"], talk.screen, goes_on=False)
    assert [(one["state"], one["offered"]) for one in await kept(talk)] == [("abandoned", False)]


async def test_nobody_else_answers_an_offer(
    agent: FakeAgent, talk: Talk, record: Record, clock: HandClock
) -> None:
    """Another participant's press changes nothing, whichever thread they say that they are in."""
    agent.enqueue(ORDER, TextDelta("Which size?"))
    await talk.say("A latte")
    clock.forward(3600)
    await IdleIntents(record, 30).sweep()
    [left] = await kept(talk)
    for thread_id in (talk.thread_id, None):
        other = Talk(talk.stage, record, BOB, thread_id)
        await other.stage.answer_offer(other.spoken("", ""), left["id"], other.screen, goes_on=True)
        assert other.screen.intents == []
    assert [one["state"] for one in await kept(talk)] == ["abandoned"]
    assert [row["move"] for row in await rows(record, "intent_moves")] == ["began", "abandoned"]


async def test_a_completed_one_is_not_offered(agent: FakeAgent, talk: Talk) -> None:
    """Nor is one that its participant has cancelled: they need not be asked."""
    agent.enqueue(ORDER, IntentEnded("completed", "tool"), TextDelta("Done."))
    agent.enqueue(ORDER, IntentEnded("abandoned", "cancelled"), TextDelta("As you like."))
    await talk.say("A latte")
    await talk.say("Another. No, forget it")
    assert [one["offered"] for one in await kept(talk)] == [False, False]
