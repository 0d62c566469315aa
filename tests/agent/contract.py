"""What every agent promises (agent/base.py), as a class of tests that each kind inherits."""

import asyncio
import re
from collections.abc import Coroutine, Generator, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final

import pytest

from agent.base import Agent
from agent.context import ReplyContext, Utterance
from agent.events import (
    CallEnded,
    CallStarted,
    Done,
    Event,
    IntentBegan,
    IntentEnded,
    IntentUpdated,
    StepEnded,
    StepStarted,
    TextDelta,
    ThinkingDelta,
)
from study.agent_definitions import AgentKind
from study.errors import AgentError

THREAD: Final = "6f2c6a52-8a7f-4a62-9d5a-0d8f1c2b3a4e"
CONTEXT: Final = ReplyContext(THREAD, "0d0e6c1e-8d0f-4a3b-9f6e-5b7a0c9d1e2f")

LETTERS: Final[dict[type, str]] = {
    StepStarted: "s",
    StepEnded: "e",
    CallStarted: "c",
    CallEnded: "k",
    TextDelta: "t",
    ThinkingDelta: "h",
    IntentBegan: "i",
    IntentUpdated: "i",
    IntentEnded: "i",
    Done: "d",
}
GRAMMAR: Final = re.compile(r"(?:se|c[ht]*k|t|i)*d")
MOST_AWAITS: Final = 2_000

ODD_TEXTS: Final = (
    "",
    " \n\t",
    "\0",
    "\ud800",
    "?",
    "الرجال كلهم متشابهون",
    "男人都一样。",
    "👩🏽‍🚀" * 500,
    "e\u0301\u202ezalgơ̷",
    "I am " * 100,
    "a" * 10_000,
    "=WHAT (NEWKEY) 0 1 2 {} %s \\",
)


def said(*texts: str) -> list[Utterance]:
    """Turn texts into a history: participant and agent by turns, the participant first."""
    return [Utterance("assistant" if number % 2 else "user", text) for number, text in enumerate(texts)]


async def collect(agent: Agent, turns: Sequence[Utterance], context: ReplyContext = CONTEXT) -> list[Event]:
    """Return a whole reply's events."""
    return [event async for event in agent.reply(turns, context)]


def text_of(events: Sequence[Event]) -> str:
    """Return what a participant reads."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


class CancelledAt:
    """Runs a coroutine and cancels its task at its n-th await, as a pressed Stop would."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], at: int) -> None:
        self._coroutine = coroutine
        self._at = at

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._coroutine.__await__()
        awaits = 0
        try:
            waiting_for = steps.send(None)
            while True:
                if awaits == self._at:
                    task = asyncio.current_task()
                    assert task is not None
                    task.cancel()
                awaits += 1
                try:
                    result = yield waiting_for
                except BaseException as error:
                    waiting_for = steps.throw(error)
                else:
                    waiting_for = steps.send(result)
        except StopIteration as stop:
            return stop.value


async def cancelled_at(agent: Agent, turns: Sequence[Utterance], at: int) -> bool:
    """Cancel a reply at its n-th await. False when it was over before."""

    async def run() -> None:
        await CancelledAt(collect(agent, turns), at)

    task = asyncio.create_task(run())
    await asyncio.wait({task}, timeout=10)
    assert task.done(), f"still running after it was cancelled at await {at}"
    return task.cancelled()


async def others() -> set[asyncio.Task[Any]]:
    """Return the tasks that run beside the test, once the loop has had a few turns."""
    for _ in range(20):
        await asyncio.sleep(0)
    return asyncio.all_tasks() - {asyncio.current_task()}


class AgentContract:
    """Inherit it, name the kind, and give it a fixture `agent` whose words have 1 ms between them."""

    kind: ClassVar[AgentKind]
    turns: ClassVar[list[Utterance]] = said("Men are all alike.")

    async def test_it_says_its_kind_and_that_it_can_answer(self, agent: Agent) -> None:
        """The record keeps the kind as study.yaml writes it."""
        assert (self.kind.value, None) == (agent.kind, agent.unavailable_because)
        assert agent.name

    async def test_events_come_in_the_stated_order(self, agent: Agent) -> None:
        """Steps and calls begin before they end, and Done is the last word."""
        events = await collect(agent, self.turns)
        assert GRAMMAR.fullmatch("".join(LETTERS[type(event)] for event in events))

    async def test_it_says_something(self, agent: Agent) -> None:
        """An answer has words, and comes in more than one delta."""
        events = await collect(agent, self.turns)
        assert text_of(events).strip()
        assert sum(isinstance(event, TextDelta) for event in events) > 1

    async def test_no_delta_is_empty(self, agent: Agent) -> None:
        """An empty delta would cost an event on the wire and show nothing."""
        assert all(event.text for event in await collect(agent, self.turns) if isinstance(event, TextDelta))

    async def test_it_keeps_nothing_between_replies(self, agent: Agent) -> None:
        """The same history gives the same answer, whatever was asked in between."""
        first = text_of(await collect(agent, self.turns))
        await collect(agent, said("Something else.", "Yes?", "And more."))
        assert first == text_of(await collect(agent, self.turns))

    async def test_two_replies_at_once_do_not_mix(self, agent: Agent) -> None:
        """Two participants are answered as if each were alone."""
        alone = text_of(await collect(agent, self.turns))
        replies = await asyncio.gather(*(collect(agent, self.turns) for _ in range(5)))
        assert [alone] * 5 == [text_of(events) for events in replies]

    async def test_stop_works_at_every_await(self, agent: Agent) -> None:
        """Cancelled at its first, second, ... await, the reply ends at once and leaves no task behind."""
        await collect(agent, self.turns)  # connections that outlive a reply are open from here on
        before = await others()
        at = 0
        while at < MOST_AWAITS and await cancelled_at(agent, self.turns, at):
            assert before == await others(), f"cancelled at await {at}"
            at += 1
        assert 0 < at < MOST_AWAITS

    async def test_it_answers_after_a_stop(self, agent: Agent) -> None:
        """A stopped reply takes nothing with it: the next one is whole."""
        whole = text_of(await collect(agent, self.turns))
        await cancelled_at(agent, self.turns, 0)
        assert whole == text_of(await collect(agent, self.turns))

    async def test_a_reply_can_be_left_after_any_event(self, agent: Agent) -> None:
        """A consumer that goes away closes the reply, wherever it stands."""
        before = await others()
        for kept in range(1, len(await collect(agent, self.turns))):
            reply = agent.reply(self.turns, CONTEXT)
            for _ in range(kept):
                await anext(reply)
            await reply.aclose()  # type: ignore[attr-defined]  # every agent's reply is a generator
            assert before == await others()

    @pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
    async def test_any_text_is_answered_or_refused(self, agent: Agent, text: str) -> None:
        """No text breaks an agent: it answers in the stated order, or raises AgentError."""
        events: list[Event] = []
        with suppress(AgentError):
            async for event in agent.reply(said(text), CONTEXT):
                events.append(event)
        ended = isinstance(events[-1], Done)
        assert ended or (isinstance(events[-1], CallEnded) and events[-1].error_type)

    async def test_it_can_be_closed_twice(self, agent: Agent) -> None:
        """Shutting down may meet an agent that is closed already."""
        await agent.close()
        await agent.close()
