"""Tools in a conversation: what is kept of them, and that what acts does not act twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.openai_compatible import OpenAIAgent
from agent.tools.declare import ToolContext, tool
from agent.tools.toolbox import Toolbox
from data_layer.record import Record
from stages.chat.stage import ChatStage
from tests.agent.tools.calling import toolbox_of
from tests.agent.tools.model_calls import call, calling, make
from tests.data_layer.rows import one, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents, english
from tests.stages.talk import LIMIT, PATIENCE_S, Talk, until

LATTE = '{"drink": "latte"}'


class CoffeeTill:
    """A shop that keeps its orders in the thread, and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.opens: asyncio.Event | None = None  # before it does anything

    @property
    def toolbox(self) -> Toolbox:
        """Its tools."""

        async def order(context: ToolContext, drink: str) -> dict[str, Any]:
            """Order a drink."""
            self.calls.append(drink)
            if self.opens is not None:
                await self.opens.wait()
            so_far = await context.store.get("orders") or []
            await context.store.put("orders", [*so_far, drink])
            return {"orders": [*so_far, drink]}

        @tool(acts=False)
        async def look(context: ToolContext) -> Any:
            """What was ordered."""
            return await context.store.get("orders")

        return toolbox_of(order, look)


class Counter:
    """A participant at the counter of a shop, and the model behind it."""

    def __init__(self, record: Record, server: FakeOpenAI) -> None:
        self.till = CoffeeTill()
        self._record, self._server = record, server
        self._stages: list[ChatStage] = []
        self._agents: list[OpenAIAgent] = []
        self.talk = self.open()

    def open(self, thread_id: str | None = None) -> Talk:
        """The page, in a server that has just started."""
        agent = make(self._server, self.till.toolbox, rounds=3)
        self._agents.append(agent)
        self._stages.append(ChatStage(self._record, FakeAgents(agent), message_length=LIMIT))
        return Talk(self._stages[-1], self._record, thread_id=thread_id)

    async def close(self) -> None:
        """End what runs."""
        await self.talk.leave()
        for stage in self._stages:
            await stage.close()
        for agent in self._agents:
            await agent.close()


@pytest.fixture
async def counter(record: Record, fake_openai: FakeOpenAI) -> AsyncIterator[Counter]:
    """Nothing is ordered yet."""
    counter = Counter(record, fake_openai)
    yield counter
    await counter.close()


async def outputs(record: Record) -> list[Any]:
    """What each tool step gave, oldest first."""
    steps = sorted(await rows(record, "steps", type="tool"), key=lambda row: row["seq"])
    return [json.loads(row["output"]) for row in steps]


async def test_a_call_is_a_step_and_each_round_a_call(
    counter: Counter, record: Record, fake_openai: FakeOpenAI
) -> None:
    """The record holds the tool's input and output, both prompts as they were sent, and the decision."""
    fake_openai.next(body=calling(call(0, "order", LATTE)))
    await counter.talk.say("A latte, please.")
    (step,) = await rows(record, "steps", type="tool")
    assert (step["name"], step["input"], step["status"], step["is_error"]) == (
        *("order", LATTE, "complete", False),
    )
    assert json.loads(step["output"]) == {"orders": ["latte"]}
    calls = sorted(await rows(record, "llm_calls"), key=lambda row: row["seq"])
    kept = {row["prompt_hash"]: json.loads(row["messages"]) for row in await rows(record, "prompts")}
    assert [kept[row["prompt_hash"]] for row in calls] == [
        request.body["messages"] for request in fake_openai.requests
    ]
    decision = await one(record, "tool_decisions", thread_id=counter.talk.thread_id)
    assert (decision["tool"], decision["state"], decision["run_id"]) == ("order", "ended", step["run_id"])


async def test_what_tools_keep_is_there_in_the_next_turn(
    counter: Counter, record: Record, fake_openai: FakeOpenAI
) -> None:
    """Of this thread, also after a restart; another thread has its own."""
    fake_openai.next(body=calling(call(0, "order", LATTE)))
    await counter.talk.say("A latte, please.")
    restarted = counter.open(counter.talk.thread_id)
    fake_openai.next(body=calling(call(0, "order", '{"drink": "mocha"}')))
    await restarted.say("And a mocha.")
    fake_openai.next(body=calling(call(0, "look", "{}")))
    await counter.open().say("What have I ordered?")
    assert await outputs(record) == [{"orders": ["latte"]}, {"orders": ["latte", "mocha"]}, None]


async def test_later_turns_know_what_was_called(
    counter: Counter, record: Record, fake_openai: FakeOpenAI
) -> None:
    """After a restart the model reads its calls of each round, with results; the record has what it read."""
    fake_openai.next(body=calling(call(0, "order", LATTE), call(1, "order", '{"drink": "mocha"}')))
    fake_openai.next(body=calling(call(0, "look", "{}")))
    fake_openai.next(text="Two drinks.")
    await counter.talk.say("A latte and a mocha, please.")
    restarted = counter.open(counter.talk.thread_id)
    await restarted.say("What was that?")
    await restarted.leave()
    sent = fake_openai.requests[-1].body["messages"]
    assert [one["role"] for one in sent] == [
        *("user", "assistant", "tool", "tool", "assistant", "tool", "assistant", "user")
    ]
    assert [len(one.get("tool_calls", ())) for one in sent] == [0, 2, 0, 0, 1, 0, 0, 0]
    assert [json.loads(one["content"]) for one in sent if one["role"] == "tool"] == [
        *({"orders": ["latte"]}, {"orders": ["latte", "mocha"]}, ["latte", "mocha"])
    ]
    await record.writer.flush()
    last = max(await rows(record, "llm_calls"), key=lambda row: row["seq"])
    kept = await one(record, "prompts", prompt_hash=last["prompt_hash"])
    assert json.loads(kept["messages"]) == sent


async def test_what_was_stopped_is_known_as_far_as_anybody_knows_it(
    counter: Counter, record: Record, fake_openai: FakeOpenAI
) -> None:
    """A Stop ends the reply and not the order: the next turn reads what came of it, or that nobody knows."""
    counter.till.opens = asyncio.Event()
    fake_openai.next(body=calling(call(0, "order", LATTE), call(1, "look", "{}")))
    stopped = counter.talk.begin("A latte, please.")
    await until(lambda: counter.till.calls)
    counter.talk.stop()
    await stopped
    await counter.talk.say("Did you get that?")
    told = [one for one in fake_openai.requests[-1].body["messages"] if one["role"] == "tool"]
    assert [json.loads(one["content"])["error"] for one in told] == [
        "It was broken off. Nobody knows whether it was done."
    ]
    counter.till.opens.set()
    async with asyncio.timeout(PATIENCE_S):
        while (await one(record, "tool_decisions"))["state"] != "ended":  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.001)
    await counter.talk.say("And now?")
    told = [one for one in fake_openai.requests[-1].body["messages"] if one["role"] == "tool"]
    assert [json.loads(one["content"]) for one in told] == [{"orders": ["latte"]}]
    assert counter.till.calls == ["latte"]


async def test_calls_of_an_answer_that_left_are_not_told(counter: Counter, fake_openai: FakeOpenAI) -> None:
    """The message is said otherwise, and its answer calls nothing: there is nothing to tell."""
    fake_openai.next(body=calling(call(0, "order", LATTE)))
    message_id = await counter.talk.say("A latte, please.")
    await counter.talk.edit(message_id, "Hello.")
    await counter.talk.say("What have I ordered?")
    assert [one["role"] for one in fake_openai.requests[-1].body["messages"]] == ["user", "assistant", "user"]


async def test_a_retry_gives_what_was_done(counter: Counter, record: Record, fake_openai: FakeOpenAI) -> None:
    """The model's server dies after the tool has acted: after a restart Retry orders nothing more."""
    for end in ("cut", "finish"):
        fake_openai.next(body=calling(call(0, "order", LATTE)))
        fake_openai.next(end=end)
    message_id = await counter.talk.say("A latte, please.")
    await counter.open(counter.talk.thread_id).retry(message_id)
    assert counter.till.calls == ["latte"]
    assert await outputs(record) == [{"orders": ["latte"]}] * 2
    assert [run["status"] for run in await counter.talk.runs()] == ["failed", "complete"]


async def test_another_answer_to_the_same_words_orders_nothing_more(
    counter: Counter, record: Record, fake_openai: FakeOpenAI
) -> None:
    """Try again, under the answer, is the same decision; the words said otherwise are another."""
    for _ in range(3):
        fake_openai.next(body=calling(call(0, "order", LATTE)))
        fake_openai.next(text="Done.")
    message_id = await counter.talk.say("A latte, please.")
    (reply,) = await rows(record, "steps", type="assistant_message")
    await counter.talk.again(reply["step_id"])
    assert counter.till.calls == ["latte"]
    await counter.talk.edit(message_id, "A latte now, please.")
    assert counter.till.calls == ["latte", "latte"]


@pytest.mark.parametrize(
    ("tool_call", "sentence"),
    [(call(0, "order", LATTE), "chat.too_many_rounds"), (call(0, "order", "{}"), "chat.not_understood")],
)
async def test_who_goes_round_in_circles_is_given_up_with_a_sentence(
    counter: Counter, fake_openai: FakeOpenAI, tool_call: dict[str, Any], sentence: str
) -> None:
    """The participant reads what happened, and gets a Retry."""
    fake_openai.next(body=calling(tool_call), times=3)
    await counter.talk.say("A latte, please.")
    assert counter.talk.screen.texts[-1] == english(sentence)
    assert len(counter.talk.screen.retries) == 1
