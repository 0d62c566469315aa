"""Where a reply came from: the run, the calls to models, the exact prompts, the versions."""

import asyncio
import hashlib
import json
from typing import Any

import pytest

from agent.events import CallEnded, CallStarted, Event, TextDelta, Usage
from data_layer.record import Record
from stages.chat.stage import ChatStage
from study.errors import AgentRefused
from tests.data_layer.rows import one, rows
from tests.fakes import FakeAgent, FakeAgents
from tests.stages.talk import LIMIT, Talk, until, words

PROMPT = [{"role": "system", "content": "Be kind. 🌱"}, {"role": "user", "content": "Hello"}]
STARTED = CallStarted("openai", "small", PROMPT, {"temperature": 0.5, "seed": 7, "stop": ["\x00"]})
ENDED = CallEnded(
    usage=Usage(input_tokens=100, output_tokens=20, cached_tokens=40, reasoning_tokens=5),
    response_model="small-2026-10-01",
    response_id="chatcmpl-1",
    finish_reason="stop",
    system_fingerprint="fp_1",
    attempts=3,
    details={"usage": {"prompt_tokens": "many\x00"}},
)


def price(usage: Usage, served: str | None, requested: str) -> tuple[float, str] | None:
    """A price list with one model."""
    if served != "small-2026-10-01" or requested != "small":
        return None
    return (usage.input_tokens or 0) * 0.001, "EUR"


@pytest.fixture
def stage(record: Record, agent: FakeAgent) -> ChatStage:
    """A stage that knows prices."""
    return ChatStage(record, FakeAgents(agent), message_length=LIMIT, pricing=price)


def call(ended: CallEnded = ENDED, started: CallStarted = STARTED) -> list[Event]:
    """A reply of one call."""
    return [started, TextDelta("Hello, "), TextDelta("you."), ended]


async def test_a_run_says_who_answered_what_and_with_which_version(talk: Talk, agent: FakeAgent) -> None:
    """No column of it is left open, but those of a fallback, a drawn level, an error and a deletion."""
    agent.enqueue(*call())
    message_id = await talk.say("Hello")
    run = await one(talk.record, "runs")
    empty = {name for name, value in run.items() if value is None}
    assert empty == {
        "connection_id",
        "fallback_for",
        "turn_level",
        "turn_probability",
        "turn_draw",
        "intent_id",
        "error_type",
        "error_message",
        "deleted_at",
        "deleted_because",
        "branch",
    }
    assert (run["agent"], run["agent_kind"], run["name"]) == ("Agent", "fake", "on_message")
    assert (run["message_id"], run["message_revision"]) == (message_id, 1)
    assert (run["app_version"], run["study_fingerprint"]) == ("0.1.0+gtest", "f" * 64)
    assert 0 <= run["ttft_ms"] <= run["latency_ms"]
    assert run["started_at"] < run["ended_at"]


async def test_a_call_is_kept_whole(talk: Talk, agent: FakeAgent) -> None:
    """Every column of it, but those of an error."""
    agent.enqueue(*call())
    await talk.say("Hello")
    kept = await one(talk.record, "llm_calls")
    assert {name for name, value in kept.items() if value is None} == {
        "error_type",
        "error_message",
        "intent_id",
    }
    said: dict[str, Any] = {
        "gen_ai_provider_name": "openai",
        "gen_ai_operation_name": "chat",
        "gen_ai_request_model": "small",
        "gen_ai_response_model": "small-2026-10-01",
        "gen_ai_response_id": "chatcmpl-1",
        "gen_ai_usage_input_tokens": 100,
        "gen_ai_usage_output_tokens": 20,
        "cached_tokens": 40,
        "reasoning_tokens": 5,
        "request_parameters": {"temperature": 0.5, "seed": 7, "stop": ["\ufffd"]},
        "system_fingerprint": "fp_1",
        "finish_reason": "stop",
        "attempts": 3,
        "cost": 0.1,
        "cost_currency": "EUR",
        "status": "complete",
        "details": {"usage": {"prompt_tokens": "many\ufffd"}},
    }
    assert {name: kept[name] for name in said} == said
    assert 0 <= kept["ttft_ms"] <= kept["latency_ms"]


async def test_a_call_belongs_to_its_run_and_its_reply(talk: Talk, agent: FakeAgent) -> None:
    """Whoever has a message finds the call that gave it words."""
    agent.enqueue(*call())
    await talk.say("Hello")
    kept, run = await one(talk.record, "llm_calls"), await one(talk.record, "runs")
    reply = (await talk.steps())[1]
    assert (kept["run_id"], kept["message_id"]) == (run["run_id"], reply["step_id"])
    assert kept["thread_id"] == talk.thread_id


async def test_a_prompt_is_kept_under_its_own_hash(talk: Talk, agent: FakeAgent) -> None:
    """Anybody can compute it again from the messages, which are exactly those that were sent."""
    agent.enqueue(*call())
    await talk.say("Hello")
    prompt, kept = await one(talk.record, "prompts"), await one(talk.record, "llm_calls")
    assert json.loads(prompt["messages"]) == PROMPT
    assert hashlib.sha256(prompt["messages"].encode()).hexdigest() == prompt["prompt_hash"]
    assert kept["prompt_hash"] == prompt["prompt_hash"]


async def test_a_prompt_is_kept_once(talk: Talk, agent: FakeAgent) -> None:
    """Two calls with the same messages share it; another character is another prompt."""
    other = CallStarted("openai", "small", [*PROMPT, {"role": "user", "content": "And?"}])
    for script in (call(), call(), call(started=other)):
        agent.enqueue(*script)
        await talk.say("Hello")
    calls = await rows(talk.record, "llm_calls")
    assert len(calls) == 3
    assert calls[0]["prompt_hash"] == calls[1]["prompt_hash"] != calls[2]["prompt_hash"]
    assert len(await rows(talk.record, "prompts")) == 2


async def test_a_prompt_that_no_database_holds_does_no_harm(talk: Talk, agent: FakeAgent) -> None:
    """Its NUL is kept as U+FFFD, and the call with it."""
    agent.enqueue(*call(started=CallStarted("openai", "small", [{"role": "user", "content": "\x00"}])))
    await talk.say("Hello")
    assert json.loads((await one(talk.record, "prompts"))["messages"])[0]["content"] == "\ufffd"
    assert talk.record.writer.health.failed == 0


async def test_a_reply_may_take_several_calls(talk: Talk, agent: FakeAgent) -> None:
    """Each is kept, in order, under the one run."""
    agent.enqueue(*call(), *call())
    await talk.say("Hello")
    calls = await rows(talk.record, "llm_calls")
    assert [row["status"] for row in calls] == ["complete", "complete"]
    assert len({row["run_id"] for row in calls}) == 1
    assert calls[0]["seq"] < calls[1]["seq"]


async def test_where_no_price_is_known_there_is_no_cost(talk: Talk, agent: FakeAgent) -> None:
    """Not zero."""
    agent.enqueue(*call(CallEnded(response_model="other")))
    await talk.say("Hello")
    kept = await one(talk.record, "llm_calls")
    assert (kept["cost"], kept["cost_currency"]) == (None, None)


@pytest.mark.parametrize(
    ("count", "kept"),
    [
        (-1, "-1"),
        (2**31, "2147483648"),
        (2**64, "18446744073709551616"),
        (10**5000, "a number of 16610 bits"),
        (True, "True"),
        (1.5, "1.5"),
        ("7\x00", "7\ufffd"),
    ],
    ids=lambda value: str(type(value).__name__),
)
async def test_a_count_that_no_column_holds_costs_no_row(
    talk: Talk, agent: FakeAgent, count: Any, kept: str
) -> None:
    """Whatever an agent gives as a number of tokens: as text in the details, and no price is made of it."""
    usage = Usage(input_tokens=count, output_tokens=2**31 - 1)
    agent.enqueue(*call(CallEnded(usage=usage, response_model="small-2026-10-01", details={"a": 1})))
    await talk.say("Hello")
    row = await one(talk.record, "llm_calls")
    assert row["details"] == {"a": 1, "not_counted": {"input_tokens": kept}}
    assert (row["gen_ai_usage_input_tokens"], row["gen_ai_usage_output_tokens"]) == (None, 2**31 - 1)
    assert (row["status"], row["cost"]) == ("complete", 0)
    assert talk.record.writer.health.failed == 0


async def test_long_names_of_an_answer_are_cut(talk: Talk, agent: FakeAgent) -> None:
    """A provider that calls its answer by a megabyte fills no database."""
    agent.enqueue(*call(CallEnded(response_id="x" * 1_000_000, finish_reason="y" * 3_000)))
    await talk.say("Hello")
    row = await one(talk.record, "llm_calls")
    assert (row["gen_ai_response_id"], row["finish_reason"]) == ("x" * 2_000, "y" * 2_000)


async def test_what_a_server_does_not_say_stays_empty(talk: Talk, agent: FakeAgent) -> None:
    """Unknown is not zero and not an empty text."""
    agent.enqueue(*call(CallEnded()))
    await talk.say("Hello")
    kept = await one(talk.record, "llm_calls")
    assert kept["gen_ai_usage_input_tokens"] is None
    assert kept["gen_ai_response_model"] is None
    assert kept["finish_reason"] is None
    assert kept["details"] is None


async def test_a_failed_call_says_why(talk: Talk, agent: FakeAgent) -> None:
    """The call and the run: their error, how often was tried, and no cost that nobody asked for."""
    failed = CallEnded(attempts=2, error_type="invalid_api_key", error_message="wrong key\x00")
    agent.enqueue(STARTED, failed, AgentRefused("wrong key", error_type="invalid_api_key"))
    await talk.say("Hello")
    kept, run = await one(talk.record, "llm_calls"), await one(talk.record, "runs")
    assert (kept["status"], kept["attempts"]) == ("failed", 2)
    assert (kept["error_type"], kept["error_message"]) == ("invalid_api_key", "wrong key\ufffd")
    assert (run["status"], run["error_type"]) == ("failed", "invalid_api_key")
    assert kept["ttft_ms"] is None


async def test_a_stopped_call_is_stopped(talk: Talk, agent: FakeAgent) -> None:
    """It has an end, and no usage that the server never told."""
    agent.enqueue(STARTED, *words("Half"), asyncio.Event())
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    talk.stop()
    await task
    await talk.record.writer.flush()
    kept = await one(talk.record, "llm_calls")
    assert (kept["status"], kept["gen_ai_usage_output_tokens"]) == ("stopped", None)
    assert kept["ended_at"] is not None


async def test_a_call_is_kept_when_it_begins(talk: Talk, agent: FakeAgent) -> None:
    """With its prompt: a server that dies during it leaves a trace of what was asked."""
    agent.enqueue(STARTED, hold := asyncio.Event(), *call()[1:])
    talk.begin("Hello")
    await until(lambda: agent.asked)
    await talk.record.writer.flush()
    kept = await one(talk.record, "llm_calls")
    assert (kept["status"], kept["ended_at"]) == ("streaming", None)
    assert len(await rows(talk.record, "prompts")) == 1
    hold.set()


async def test_a_long_error_is_cut(talk: Talk, agent: FakeAgent) -> None:
    """Some servers answer with a page of HTML."""
    agent.enqueue(RuntimeError("<html>" * 10_000))
    await talk.say("Hello")
    assert len((await one(talk.record, "runs"))["error_message"]) == 2_000


async def test_the_agent_knows_its_thread_and_run(talk: Talk, agent: FakeAgent) -> None:
    """The same ids as in the record."""
    agent.enqueue(*words("Hello."))
    await talk.say("Hello")
    run = await one(talk.record, "runs")
    assert (agent.contexts[0].thread_id, agent.contexts[0].run_id) == (talk.thread_id, run["run_id"])


async def test_everything_of_a_turn_names_its_connection(talk: Talk, agent: FakeAgent) -> None:
    """Message, run and reply: by which page they came."""
    agent.enqueue(*words("Hello."))
    connection_id = "33333333-3333-4333-8333-333333333333"
    spoken = talk.spoken("Hello")
    named = type(spoken)(**vars(spoken) | {"connection_id": connection_id})
    await talk.stage.hear(named, talk.screen)
    assert {row["connection_id"] for row in (*await talk.steps(), *await talk.runs())} == {connection_id}
