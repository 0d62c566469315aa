"""A model's intents move by its calls alone: one begins each, a tool that completes ends it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.context import IntentView, ReplyContext
from agent.events import Event, IntentBegan, IntentEnded, IntentUpdated, StepStarted
from agent.model_intents import LONGEST_KNOWN, ModelIntent
from agent.tools.declare import ToolError, tool
from study.loader import check_study
from tests.agent.contract import said
from tests.agent.tools.calling import OF_A_MODULE, toolbox_of
from tests.agent.tools.model_calls import call, calling, make
from tests.fake_openai import FakeOpenAI

ORDER = ModelIntent("order", "Order a drink")
BOOK = ModelIntent("book", "Book a table")


def add(drink: str) -> str:
    """Add a drink."""
    if drink == "ink":
        raise ToolError("We have no ink.")
    return drink


@tool(acts=False)
def look(at: str = "") -> str:
    """Look."""
    return at


@tool(completes=True)
def finish() -> str:
    """Finish."""
    return "done"


@tool(asks_first=True)
def pay() -> str:
    """Pay."""
    return "paid"


async def moves(
    server: FakeOpenAI, *rounds: Sequence[dict[str, Any]], intent: IntentView | None = None
) -> list[Event]:
    """What one reply moves, with its steps."""
    for calls in rounds:
        server.next(body=calling(*calls))
    begun_by = {"add": ORDER, "pay": ORDER, "look": BOOK}
    agent = make(server, toolbox_of(add, look, finish, pay), begun_by=begun_by)
    context = ReplyContext("t", "r", "p", "m", "m:1", intent=intent)
    events = [event async for event in agent.reply(said("Please."), context)]
    await agent.close()
    kinds = (IntentBegan, IntentUpdated, IntentEnded, StepStarted)
    return [event for event in events if isinstance(event, kinds)]


def names(events: Sequence[Event]) -> list[str]:
    """Which they are."""
    return [type(event).__name__.removeprefix("Intent").removesuffix("Started") for event in events]


LATTE = call(0, "add", '{"drink": "latte"}')


async def test_a_call_begins_it_and_a_tool_completes_it(fake_openai: FakeOpenAI) -> None:
    """Before the step of the call; what is known is what each tool was last called with."""
    events = await moves(fake_openai, [LATTE], [call(0, "finish", "{}")])
    assert names(events) == ["Began", "Step", "Updated", "Step", "Updated", "Ended"]
    assert events[0] == IntentBegan("order", "Order a drink")
    assert events[2] == IntentUpdated({"add": {"drink": "latte"}})
    assert events[-1] == IntentEnded("completed", "tool")


async def test_one_that_is_under_way_is_not_begun_again(fake_openai: FakeOpenAI) -> None:
    """In the same reply, and in a later one, where what was known stays known."""
    under_way = IntentView("id", "order", "Order a drink", "active", {"x": 1})
    events = await moves(fake_openai, [LATTE, LATTE | {"index": 1}], intent=under_way)
    assert names(events) == ["Step", "Updated", "Step", "Updated"]
    assert events[-1] == IntentUpdated({"x": 1, "add": {"drink": "latte"}})


async def test_another_begins_beside_it(fake_openai: FakeOpenAI) -> None:
    """Nothing that is known of the one goes into the other."""
    events = await moves(fake_openai, [LATTE], [call(0, "look", "{}")], [LATTE])
    assert [one.name for one in events if isinstance(one, IntentBegan)] == ["order", "book", "order"]
    assert events[-1] == IntentUpdated({"add": {"drink": "latte"}})


async def test_what_only_looks_and_what_is_very_long_is_not_known(fake_openai: FakeOpenAI) -> None:
    """It stands in its step; arguments that just fit are known."""
    fits, longer = ("x" * (LONGEST_KNOWN - len('{"drink": ""}') + more) for more in (0, 1))
    calls = [call(n, "add", json.dumps({"drink": one}), f"c{n}") for n, one in enumerate((longer, fits))]
    begun = IntentView("id", "book", "Book a table", "active")
    assert names(await moves(fake_openai, [call(0, "look", "{}")], intent=begun)) == ["Step"]
    assert names(await moves(fake_openai, calls)) == ["Began", "Step", "Step", "Updated"]


async def test_after_one_is_done_the_next_begins(fake_openai: FakeOpenAI) -> None:
    """Within one reply: two orders are two intents."""
    events = await moves(fake_openai, [LATTE, call(1, "finish", "{}"), LATTE | {"index": 2, "id": "c"}])
    assert names(events) == [
        "Began",
        "Step",
        "Updated",
        "Step",
        "Updated",
        "Ended",
        "Began",
        "Step",
        "Updated",
    ]


@pytest.mark.parametrize("arguments", ["{}", '{"drink": "lat', '{"drink": 7}'])
async def test_a_call_that_does_not_fit_begins_nothing(fake_openai: FakeOpenAI, arguments: str) -> None:
    """It is not made."""
    assert names(await moves(fake_openai, [call(0, "add", arguments)])) == ["Step"]


async def test_a_call_that_fails_is_not_known(fake_openai: FakeOpenAI) -> None:
    """What the participant wanted has begun all the same."""
    assert names(await moves(fake_openai, [call(0, "add", '{"drink": "ink"}')])) == ["Began", "Step"]


async def test_what_is_asked_first_is_begun_and_not_known(fake_openai: FakeOpenAI) -> None:
    """It is not done yet."""
    assert names(await moves(fake_openai, [call(0, "pay", "{}")])) == ["Began", "Step"]


async def test_tools_that_complete_nothing_end_nothing(fake_openai: FakeOpenAI) -> None:
    """Where nothing is under way."""
    assert names(await moves(fake_openai, [call(0, "finish", "{}")])) == ["Step"]
    twice = [LATTE, call(1, "finish", "{}"), call(2, "finish", "{}", "again")]
    assert names(await moves(fake_openai, twice))[-2:] == ["Ended", "Step"]


async def test_only_who_has_intents_keeps_them(fake_openai: FakeOpenAI) -> None:
    """Of other models nothing is read and nothing moves."""
    plain, keeping = (make(fake_openai, toolbox_of(add), begun_by=one) for one in ({}, {"add": ORDER}))
    assert (plain.keeps_intents, keeping.keeps_intents) == (False, True)
    await plain.close()
    await keeping.close()


@pytest.mark.parametrize(
    ("intents", "told"),
    [
        ("{order: {title: Order, begun_by: [sell]}}", "begun by sell, which is none of its tools"),
        ("{a: {title: A, begun_by: [add]}, b: {title: B, begun_by: [add]}}", "two intents that add begins"),
        ("{order: {titel: Order, begun_by: [add]}}", "Did you mean 'title'? Known here: title, begun_by."),
        ("{order: {title: Order}}", 'Write it like: begun_by: ["add_item"]'),
        ("{Order: {title: Order, begun_by: [add]}}", "pattern"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, intents: str, told: str) -> None:
    """With the keys that are known there, which are not those of the study's own `intents`."""
    (tmp_path / "study.yaml").write_text(OF_A_MODULE % "add" + f"    intents: {intents}\n", encoding="utf-8")
    (tmp_path / "tools.py").write_text("def add():\n    '''Add.'''\n", encoding="utf-8")
    assert told in "\n".join(check_study(tmp_path))
