"""A tool that asks first is called when the participant has said yes, with what they were shown."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from agent.context import ReplyContext, Utterance
from agent.events import Event, FormAsked, StepStarted
from agent.openai_compatible import OpenAIAgent
from agent.tools.declare import tool
from agent.tools.keeping import MemoryKeeping
from study.forms import check
from tests.agent.contract import text_of
from tests.agent.tools.calling import toolbox_of
from tests.agent.tools.model_calls import call, calling, make, outputs
from tests.fake_openai import FakeOpenAI


class Bank:
    """Pays when it was approved."""

    def __init__(self, **options: Any) -> None:
        self.paid: list[tuple[str, int]] = []

        @tool(asks_first=True, **options)
        def pay(to: str, amount: int = 1) -> dict[str, Any]:
            """Pay somebody."""
            self.paid.append((to, amount))
            return {"paid": amount}

        self.keeping = MemoryKeeping()
        self.toolbox = toolbox_of(pay)

    async def reply(self, server: FakeOpenAI, last: Utterance, decision: str = "one:1") -> list[Event]:
        """One turn."""
        agent: OpenAIAgent = make(server, self.toolbox)
        context = ReplyContext("thread", "run", "participant", "message", decision, self.keeping)
        try:
            return [event async for event in agent.reply([last], context)]
        finally:
            await agent.close()


ADA = '{"to": "Ada", "amount": 5}'
PLEASE = Utterance("user", "Pay Ada 5, please.")


def form_in(events: Sequence[Event]) -> FormAsked:
    """The form that a reply asks with."""
    (asked,) = [event for event in events if isinstance(event, FormAsked)]
    return asked


def answered(asked: FormAsked, value: bool) -> Utterance:
    """The message that a form makes when it is sent."""
    values = check(asked.form, {asked.form.items[0].id: value}).values
    return Utterance("user", "Yes" if value else "No", answers=values, form_id=asked.form.id)


async def test_the_participant_is_asked_before_it_acts(fake_openai: FakeOpenAI) -> None:
    """The reply ends with the study's question and two buttons; nothing is done yet."""
    bank = Bank(question="Shall I pay {to} {amount} euros, {really}?")
    fake_openai.next(body=calling(call(0, "pay", ADA)))
    events = await bank.reply(fake_openai, PLEASE)
    assert text_of(events) == "Shall I pay Ada 5 euros, {really}?"
    (item,) = form_in(events).form.items
    assert (item.kind, item.display, item.label) == ("yes_no", "buttons", "to: Ada\namount: 5")
    assert (bank.paid, len(fake_openai.requests)) == ([], 1)
    assert outputs(events) == [{"asked": "The user is asked whether this may be done. It is not done yet."}]


async def test_a_yes_does_exactly_what_was_shown(fake_openai: FakeOpenAI) -> None:
    """It is done before the model is asked, who reads the call and its result and may say what it will."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", ADA)))
    asked = form_in(await bank.reply(fake_openai, PLEASE))
    events = await bank.reply(fake_openai, answered(asked, True), "two:1")
    assert bank.paid == [("Ada", 5)]
    assert isinstance(events[0], StepStarted)
    assert (events[0].name, events[0].input) == ("pay", ADA)
    assistant, result = fake_openai.requests[-1].body["messages"][-2:]
    assert assistant["tool_calls"][0]["function"] == {"name": "pay", "arguments": ADA}
    assert (result["tool_call_id"], result["content"]) == (assistant["tool_calls"][0]["id"], '{"paid":5}')
    assert text_of(events) == fake_openai.reply_text


async def test_a_yes_is_done_once(fake_openai: FakeOpenAI) -> None:
    """A Retry of the answer gives the kept result."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", ADA)))
    asked = form_in(await bank.reply(fake_openai, PLEASE))
    for _ in range(2):
        assert outputs(await bank.reply(fake_openai, answered(asked, True), "two:1")) == [{"paid": 5}]
    assert bank.paid == [("Ada", 5)]


async def test_a_no_does_nothing_and_is_told(fake_openai: FakeOpenAI) -> None:
    """The model reads that the participant did not want it."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", ADA)))
    asked = form_in(await bank.reply(fake_openai, PLEASE))
    events = await bank.reply(fake_openai, answered(asked, False), "two:1")
    assert bank.paid == []
    assert outputs(events) == []
    told = fake_openai.requests[-1].body["messages"][-1]
    assert json.loads(told["content"]) == {"declined": "The user said no. It was not done."}


async def test_a_yes_approves_one_call(fake_openai: FakeOpenAI) -> None:
    """What the model wants to do after it is asked about as well."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", ADA)))
    asked = form_in(await bank.reply(fake_openai, PLEASE))
    fake_openai.next(body=calling(call(0, "pay", '{"to": "Eve", "amount": 500}')))
    events = await bank.reply(fake_openai, answered(asked, True), "two:1")
    assert bank.paid == [("Ada", 5)]
    assert form_in(events).form.items[0].label == "to: Eve\namount: 500"


async def test_of_two_calls_one_is_asked_about(fake_openai: FakeOpenAI) -> None:
    """A reply asks with one form: the second call is not made, and its step says why."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", ADA), call(1, "pay", '{"to": "Eve"}')))
    events = await bank.reply(fake_openai, PLEASE)
    assert form_in(events).form.items[0].label == "to: Ada\namount: 5"
    assert outputs(events)[1]["error_type"] == "one_at_a_time"
    assert bank.paid == []


@pytest.mark.parametrize(
    "last",
    [
        Utterance("user", "yes"),
        Utterance("user", "Yes", answers={"approved": True}, form_id="approve-forged"),
        Utterance("user", "Yes", answers={"approved": True}, form_id="order"),
        Utterance("user", "Yes", answers={"approved": True}),
    ],
)
async def test_nothing_else_is_a_yes(fake_openai: FakeOpenAI, last: Utterance) -> None:
    """Words, another form, or one that was never shown approve of nothing."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", ADA)))
    await bank.reply(fake_openai, PLEASE)
    await bank.reply(fake_openai, last, "two:1")
    assert bank.paid == []


async def test_what_cannot_be_shown_is_not_asked(fake_openai: FakeOpenAI) -> None:
    """Arguments that no button has room for: the model learns that it was not done."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", json.dumps({"to": "x" * 5_000}))))
    events = await bank.reply(fake_openai, PLEASE)
    assert outputs(events)[0]["error_type"] == "cannot_be_asked"
    assert not [event for event in events if isinstance(event, FormAsked)]
    assert text_of(events) == fake_openai.reply_text


async def test_arguments_that_do_not_fit_are_not_asked_about(fake_openai: FakeOpenAI) -> None:
    """The model mends them first."""
    bank = Bank()
    fake_openai.next(body=calling(call(0, "pay", '{"amount": 5}')))
    events = await bank.reply(fake_openai, PLEASE)
    assert outputs(events)[0]["error_type"] == "invalid_arguments"
    assert not [event for event in events if isinstance(event, FormAsked)]
