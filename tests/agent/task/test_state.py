"""Where a dialogue stands is a function of what was said and what tools answered, and of nothing else."""

import json
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.context import KeptCall, ReplyContext, Utterance
from agent.events import IntentBegan, IntentEnded, IntentUpdated
from agent.pipeline.stages import run_turn
from agent.task.agent import TaskAgent, rebuilt
from agent.task.calling import WithTools
from agent.task.state import DialogueState, state_from
from agent.task.turn import TaskTurn
from agent.tools.keeping import MemoryKeeping
from agent.tools.running import ReplyTools
from bench.dialogs_play import steps_of
from tests.agent.task.counter import Counter, barista

SAID: Final = (
    "a latte",
    "a mocha with oat milk and two cappuccinos to go for Ann",
    "two lattes, one with oat milk and one with honey",
    "yes",
    "no",
    "cancel",
    "start over",
    "make it iced",
    "change the latte to a mocha",
    "without the honey",
    "remove the mocha",
    "the milk",
    "What kinds of tea do you have?",
    "What's in a cortado?",
    "a cappuchina",
    "colourless green ideas",
    "hello",
    "",
)
BARISTA: Final = barista()
assert isinstance(BARISTA, TaskAgent)


async def lived(texts: list[str]) -> tuple[DialogueState, list[Utterance], list[KeptCall]]:
    """A conversation whose state goes on from turn to turn, as it is spoken."""
    state, keeping = DialogueState(), MemoryKeeping()
    said: list[Utterance] = []
    calls: list[KeptCall] = []
    for number, text in enumerate(texts):
        context = ReplyContext("t", str(number), "p", str(number), str(number), keeping=keeping)
        assert isinstance(BARISTA, TaskAgent)
        caller = WithTools(ReplyTools(BARISTA._toolbox, context))
        said.append(Utterance("user", text))
        turn = TaskTurn(BARISTA.dialogue, state, text, None, context, caller)
        events = [event async for event in run_turn(turn)]
        calls += [
            KeptCall(n, given, came, _failed(came)) for t, n, given, came in steps_of(events) if t == "tool"
        ]
        state = state_from(json.loads(json.dumps(state.as_json())))
    return state, said, calls


def _failed(output: str) -> bool:
    return "error_type" in json.loads(output)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SAID), max_size=9))
def test_a_state_that_is_rebuilt_is_the_same(texts: list[str]) -> None:
    """From utterances and kept answers of tools alone, whatever was said in whichever order."""
    import asyncio

    async def both() -> tuple[DialogueState, DialogueState]:
        state, said, calls = await lived(texts)
        assert isinstance(BARISTA, TaskAgent)
        return state, await rebuilt(BARISTA.dialogue, said, calls, ReplyContext("t", "r"))

    lived_state, rebuilt_state = asyncio.run(both())
    assert lived_state == rebuilt_state


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SAID) | st.text(max_size=40), max_size=7))
def test_no_tool_fails_and_every_turn_is_answered(texts: list[str]) -> None:
    """Whatever is said: the agent calls its shop rightly, and is never silent."""
    import asyncio

    async def talk() -> None:
        counter = Counter(BARISTA)
        for text in texts:
            assert (await counter.say(text)).strip()
            assert counter.failed == []

    asyncio.run(talk())


async def test_the_record_is_told_of_an_intent() -> None:
    """That it began, with its score, how its parameters stand, and that the tool completed it."""
    counter = Counter(BARISTA)
    await counter.say("a latte with oat milk")
    began = [event for event in counter.events if isinstance(event, IntentBegan)]
    assert began == [IntentBegan("order", "Order something to drink", 0.6)]
    updated = [event for event in counter.events if isinstance(event, IntentUpdated)]
    assert updated[-1].parameters == {"items": [{"drink": "Latte", "milk": "Oat Milk"}]}
    await counter.say("yes")
    assert IntentEnded("completed", "tool") in counter.events


async def test_a_cancelled_intent_is_abandoned() -> None:
    """With its cause."""
    counter = Counter(BARISTA)
    await counter.say("a latte")
    await counter.say("never mind")
    assert IntentEnded("abandoned", "cancelled") in counter.events
