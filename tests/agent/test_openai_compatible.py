"""The agent behind OpenAI's API, against a real server on loopback that fails on command."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from agent.events import CallEnded, CallStarted, Done, Event, TextDelta, Usage
from agent.openai_compatible import OpenAIAgent
from study.errors import AgentError, AgentRefused, AgentUnavailable
from tests.agent.contract import CONTEXT, cancelled_at, collect, said, text_of
from tests.fake_openai import Behaviour, FakeOpenAI

TURNS = said("Hello.", "Hello there.", "How are you?")
SOON = {"retry-after": "0.001"}


@pytest.fixture
async def agent(fake_openai: FakeOpenAI) -> AsyncIterator[OpenAIAgent]:
    """An agent that is connected to the fake server and tries twice more."""
    agent = make(fake_openai.url)
    yield agent
    await agent.close()


def make(url: str, **options: Any) -> OpenAIAgent:
    """Make an agent."""
    standard: dict[str, Any] = {
        "name": "Assistant",
        "model": "small-model",
        "prompt": "Be kind.",
        "parameters": {"temperature": 0.5, "seed": 7},
        "api_key": "sk-very-secret",
        "timeout_s": 5.0,
    }
    return OpenAIAgent(**standard | {"base_url": url} | options)


async def failing(agent: OpenAIAgent) -> tuple[list[Event], AgentError]:
    """Return the events of a reply that fails, and how it failed."""
    events: list[Event] = []

    async def listen() -> None:
        async for event in agent.reply(TURNS, CONTEXT):
            events.append(event)

    with pytest.raises(AgentError) as raised:
        await listen()
    return events, raised.value


async def test_the_record_holds_exactly_what_was_sent(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """CallStarted has the body of the request: messages, model, and everything else."""
    started = (await collect(agent, TURNS))[0]
    assert isinstance(started, CallStarted)
    body = fake_openai.requests[0].body
    assert body == {"model": started.model, "messages": list(started.messages), **started.parameters}
    assert body["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello there."},
        {"role": "user", "content": "How are you?"},
    ]
    assert (body["model"], body["temperature"], body["seed"]) == ("small-model", 0.5, 7)


async def test_without_a_prompt_no_system_message_is_sent(fake_openai: FakeOpenAI) -> None:
    """The conversation alone."""
    agent = make(fake_openai.url, prompt=None)
    await collect(agent, said("Hi."))
    assert fake_openai.requests[0].body["messages"] == [{"role": "user", "content": "Hi."}]
    await agent.close()


async def test_the_record_holds_what_came_back(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """CallEnded has usage, served model, id, finish reason, fingerprint and the attempts."""
    fake_openai.next(model="small-model-2026-11-01", cached_tokens=3, text="I am well.")
    events = await collect(agent, TURNS)
    ended = CallEnded(
        usage=Usage(input_tokens=8, output_tokens=3, cached_tokens=3, reasoning_tokens=0),
        response_model="small-model-2026-11-01",
        response_id="chatcmpl-1",
        finish_reason="stop",
        system_fingerprint="fp_fake",
        attempts=1,
    )
    assert events[-2:] == [ended, Done()]
    assert text_of(events) == "I am well."


async def test_a_server_that_counts_no_tokens_is_fine(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """stream_options are asked for and ignored: usage is unknown, the reply is whole."""
    fake_openai.next(usage=False)
    ended = (await collect(agent, TURNS))[-2]
    assert isinstance(ended, CallEnded)
    assert (ended.usage, ended.error_type) == (Usage(), None)


async def test_an_answer_cut_by_its_length_is_whole(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """max_tokens was reached: that is a finish reason and no failure."""
    fake_openai.next(finish_reason="length")
    ended = (await collect(agent, TURNS))[-2]
    assert isinstance(ended, CallEnded)
    assert (ended.finish_reason, ended.error_type) == ("length", None)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
async def test_what_passes_is_tried_again_and_counted(
    agent: OpenAIAgent, fake_openai: FakeOpenAI, status: int
) -> None:
    """Two failures, then an answer: three attempts, one reply."""
    fake_openai.next(status=status, headers=SOON, times=2)
    events = await collect(agent, TURNS)
    ended = events[-2]
    assert isinstance(ended, CallEnded)
    assert (ended.attempts, len(fake_openai.requests)) == (3, 3)
    assert text_of(events) == fake_openai.reply_text


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_does_not_pass_in_time_is_unavailable(
    agent: OpenAIAgent, fake_openai: FakeOpenAI, status: int
) -> None:
    """After all attempts: AgentUnavailable, no word said, the attempts in the record."""
    fake_openai.next(status=status, headers=SOON, times=3)
    events, error = await failing(agent)
    ended = events[-1]
    assert isinstance(error, AgentUnavailable)
    assert isinstance(ended, CallEnded)
    assert (ended.attempts, ended.error_type, text_of(events)) == (3, error.error_type, "")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "context_length_exceeded"),
        (401, "invalid_api_key"),
        (403, "blocked"),
        (404, "model_not_found"),
        (422, ""),
    ],
)
async def test_what_settings_cause_is_refused_at_once(
    agent: OpenAIAgent, fake_openai: FakeOpenAI, status: int, code: str
) -> None:
    """4xx: one attempt, AgentRefused, the provider's code or the exception's name."""
    fake_openai.next(status=status, code=code)
    _, error = await failing(agent)
    assert isinstance(error, AgentRefused)
    assert error.error_type == (code or "UnprocessableEntityError")
    assert len(fake_openai.requests) == 1


async def test_an_empty_account_is_refused(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """429 with insufficient_quota does not pass by waiting."""
    fake_openai.next(status=429, code="insufficient_quota", headers=SOON, times=3)
    _, error = await failing(agent)
    assert isinstance(error, AgentRefused)


async def test_an_answer_without_a_finish_reason_is_whole(
    agent: OpenAIAgent, fake_openai: FakeOpenAI
) -> None:
    """Some servers send none: the stream came to its end, and the record says that nobody said why."""
    fake_openai.next(end="truncate", after=2)
    events = await collect(agent, TURNS)
    ended = events[-2]
    assert isinstance(ended, CallEnded)
    assert (text_of(events), ended.finish_reason, ended.error_type) == ("All is ", None, None)
    assert ended.details == {"stream": "without a finish_reason"}


@pytest.mark.parametrize(
    ("end", "error_type"),
    [
        ("cut", "APIConnectionError"),
        ("garbage", "JSONDecodeError"),
        ("odd", "Malformed"),
        ("error", "server_error"),
    ],
)
async def test_a_broken_stream_fails_after_the_words_that_came(
    agent: OpenAIAgent, fake_openai: FakeOpenAI, end: str, error_type: str
) -> None:
    """Its words are shown, then CallEnded tells of the failure; nothing is asked again."""
    fake_openai.next(end=end, after=2)
    events, error = await failing(agent)
    ended = events[-1]
    assert isinstance(error, AgentUnavailable)
    assert isinstance(ended, CallEnded)
    assert text_of(events) == "All is "
    assert (ended.error_type, error.error_type) == (error_type, error_type)
    assert len(fake_openai.requests) == 1


@pytest.mark.parametrize(
    "behaviour", [{"end": "stall"}, {"first_token_delay_s": 60.0}, {"delta_delay_s": 60.0}]
)
async def test_silence_ends_at_the_time_out(fake_openai: FakeOpenAI, behaviour: dict[str, Any]) -> None:
    """A server that says nothing more, before the first word or after it, is given up."""
    agent = make(fake_openai.url, timeout_s=0.1, max_retries=0)
    fake_openai.next(**behaviour)
    _, error = await failing(agent)
    assert (type(error), error.error_type) == (AgentUnavailable, "APITimeoutError")
    await agent.close()


async def test_a_retry_after_beyond_all_patience_is_not_waited_for(fake_openai: FakeOpenAI) -> None:
    """A server that asks for 100 seconds is given up after the time for all attempts."""
    agent = make(fake_openai.url, timeout_s=0.05, max_retries=1, pause_s=0.05)
    fake_openai.next(status=429, headers={"retry-after": "100"})
    events, error = await failing(agent)
    ended = events[-1]
    assert isinstance(ended, CallEnded)
    assert (error.error_type, ended.attempts) == ("TimeoutError", 1)
    await agent.close()


async def test_nobody_at_the_address_is_unavailable() -> None:
    """Connection refused, with the reason in the record."""
    agent = make("http://127.0.0.1:1/v1", max_retries=0)
    events, error = await failing(agent)
    assert isinstance(error, AgentUnavailable)
    assert [type(event) for event in events] == [CallStarted, CallEnded]
    await agent.close()


async def test_the_key_never_reaches_the_record(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """Servers that repeat the key in their message do not put it into the database."""
    fake_openai.next(status=401, message="Incorrect API key provided: sk-very-secret.")
    events, error = await failing(agent)
    assert fake_openai.requests[0].headers["authorization"] == "Bearer sk-very-secret"
    assert "sk-very-secret" not in f"{events} {error}"


async def test_a_stop_hangs_up(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """When the reply is cancelled in mid-stream the server learns it, and stops computing."""
    fake_openai.next(end="stall", after=1)
    reply = agent.reply(TURNS, CONTEXT)
    while not isinstance(await anext(reply), TextDelta):
        pass
    waiting = asyncio.ensure_future(anext(reply))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.to_thread(fake_openai.left.wait, 5)


async def test_connections_are_given_back_after_stops(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """However often a reply is stopped, no connection is left open but the one that the next reply uses."""
    fake_openai.default = Behaviour(delta_delay_s=0.001)
    for at in range(30):
        await cancelled_at(agent, TURNS, at)
    assert text_of(await collect(agent, TURNS)) == fake_openai.reply_text
    port = urlsplit(fake_openai.url).port
    connections = psutil.Process().net_connections("tcp4")
    ours = [
        one for one in connections if one.raddr and one.raddr.port == port and one.status == "ESTABLISHED"
    ]
    assert len(ours) == 1


async def test_each_reply_counts_its_own_attempts(agent: OpenAIAgent, fake_openai: FakeOpenAI) -> None:
    """Ten replies at once over one client, two of their requests failing: twelve attempts in all."""
    fake_openai.next(status=500, headers=SOON, times=2)
    replies = await asyncio.gather(*(collect(agent, TURNS) for _ in range(10)))
    attempts = [event.attempts for events in replies for event in events if isinstance(event, CallEnded)]
    assert (sum(attempts), len(fake_openai.requests)) == (12, 12)
