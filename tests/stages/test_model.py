"""Turns with the real client against a server on loopback that fails on command: page to record."""

from collections.abc import AsyncIterator

import pytest

from agent.openai_compatible import OpenAIAgent
from data_layer.record import Record
from stages.chat.stage import ChatStage
from tests.data_layer.rows import one, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents, english
from tests.stages.talk import LIMIT, Talk, until

SOON = {"retry-after-ms": "1"}


@pytest.fixture
async def talk(record: Record, fake_openai: FakeOpenAI) -> AsyncIterator[Talk]:
    """ADA, and a model that tries twice more."""
    agent = OpenAIAgent(
        name="Assistant",
        model="small-model",
        prompt="Be kind.",
        parameters={"temperature": 0.5},
        api_key="sk-very-secret",
        base_url=fake_openai.url,
        timeout_s=5.0,
    )
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT), record)
    yield talk
    await talk.stage.close()
    await talk.leave()
    await agent.close()


async def test_the_prompt_in_the_record_is_the_body_of_the_request(
    talk: Talk, fake_openai: FakeOpenAI
) -> None:
    """System prompt, history and message; and every other parameter that was sent."""
    await talk.say("Hello")
    await talk.say("And now?")
    body = fake_openai.requests[1].body
    assert body["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "All is well here."},
        {"role": "user", "content": "And now?"},
    ]
    call = (await rows(talk.record, "llm_calls"))[1]
    sent = {"model": call["gen_ai_request_model"], **call["request_parameters"]}
    assert sent | {"messages": body["messages"]} == body


async def test_a_rate_limit_that_passes_is_tried_again(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """The participant notices nothing; the record says that it took two attempts."""
    fake_openai.next(status=429, headers=SOON)
    await talk.say("Hello")
    assert talk.screen.texts == ["All is well here."]
    call = await one(talk.record, "llm_calls")
    assert (call["status"], call["attempts"], call["error_type"]) == ("complete", 2, None)
    assert call["gen_ai_usage_output_tokens"] == 4
    assert len(fake_openai.requests) == 2


async def test_a_rate_limit_that_stays_is_a_retry(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """After three attempts; pressed later, it answers."""
    fake_openai.next(status=429, headers=SOON, times=3)
    message_id = await talk.say("Hello")
    call = await one(talk.record, "llm_calls")
    assert (call["status"], call["attempts"], call["error_type"]) == ("failed", 3, "rate_limit_exceeded")
    assert talk.screen.texts == [english("chat.agent_failed")]
    await talk.retry(message_id)
    assert talk.screen.texts == ["All is well here."]


async def test_a_cut_answer_keeps_the_words_that_were_shown(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """It failed, is not replaced behind the participant's back, and a Retry stands under it."""
    fake_openai.next(end="cut", after=3, delta_delay_s=0.2, text="One two three four.")
    message_id = await talk.say("Count")
    reply = (await talk.steps())[1]
    assert reply["status"] == "failed"
    assert reply["output"].startswith("One ")
    assert talk.screen.texts == [reply["output"], english("chat.agent_failed")]
    assert [message for _, message in talk.screen.retries] == [message_id]
    assert len(fake_openai.requests) == 1
    call, run = await one(talk.record, "llm_calls"), await one(talk.record, "runs")
    assert (call["status"], run["status"], call["attempts"]) == ("failed", "failed", 1)
    assert call["error_type"] == run["error_type"]


async def test_a_cut_answer_is_given_whole_by_retry(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """The model is asked what it was asked before: the failed part is not in the history."""
    fake_openai.next(end="cut", after=2)
    message_id = await talk.say("Hello")
    await talk.retry(message_id)
    assert talk.screen.texts == ["All is well here."]
    assert fake_openai.requests[0].body == fake_openai.requests[1].body
    calls = await rows(talk.record, "llm_calls")
    assert calls[0]["prompt_hash"] == calls[1]["prompt_hash"]
    assert len(await rows(talk.record, "prompts")) == 1


async def test_a_stop_hangs_up(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """The server sees the connection close: no tokens are paid for that nobody reads."""
    fake_openai.next(end="stall", after=2)
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    assert talk.stop()
    await task
    await until(fake_openai.left.is_set)
    call = await one(talk.record, "llm_calls")
    assert (call["status"], call["gen_ai_response_model"]) == ("stopped", None)


async def test_a_refused_key_is_not_shown_to_anybody(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """Some servers repeat it in what they say of it."""
    fake_openai.next(status=401, message="wrong key: sk-very-secret")
    await talk.say("Hello")
    run = await one(talk.record, "runs")
    assert (run["status"], run["error_type"]) == ("failed", "invalid_api_key")
    assert "sk-very-secret" not in str(run) + str(await rows(talk.record, "llm_calls"))
    assert talk.screen.texts == [english("chat.agent_failed")]
