"""How an answer is read from its connection: its end, its time, its bytes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import CallEnded, Event, ThinkingDelta
from agent.openai_compatible import OpenAIAgent
from agent.provider_words import LONGEST_WORDS, provider_words
from agent.server_events import ServerEvents
from study.errors import AgentError, AgentRefused
from tests.agent.contract import CONTEXT, GRAMMAR, LETTERS, said, text_of
from tests.fake_openai import FakeOpenAI
from tests.provider_answers.case import DONE, HELLO, STOP, content, sends

Serve = Callable[[bytes], AbstractAsyncContextManager[str]]


async def heard(url: str, **options: Any) -> tuple[list[Event], AgentError | None]:
    """A reply's events, and how it failed."""
    agent = OpenAIAgent(name="A", model="m", api_key="k", base_url=url, max_retries=0, **options)
    events: list[Event] = []
    try:
        async for event in agent.reply(said("Hello."), CONTEXT):
            events.append(event)
    except AgentError as error:
        return events, error
    finally:
        await agent.close()
    return events, None


@pytest.fixture
def serve() -> Serve:
    """Makes a server that says these bytes to whoever asks, and hangs up."""

    @asynccontextmanager
    async def serving(answer: bytes) -> AsyncIterator[str]:
        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"

    return serving


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("end", "error_type"),
    [((), "APIConnectionError"), ((DONE,), None), ((STOP,), None), ((STOP, DONE), None)],
)
async def test_a_body_that_ends_with_its_connection_has_to_say_that_it_is_over(
    serve: Serve, end: tuple[bytes, ...], error_type: str | None
) -> None:
    """With neither length nor chunks a cut looks like an end: finish_reason or [DONE] tell them apart."""
    async with serve(HEAD + b"".join((*HELLO, *end))) as url:
        events, error = await heard(url)
    assert text_of(events) == "Hello."
    assert (error.error_type if error else None) == error_type


async def test_an_error_whose_body_is_cut_off_is_still_an_error(serve: Serve) -> None:
    """The connection broke while it was said what is wrong: status and the words that came are kept."""
    async with serve(b'HTTP/1.1 422 No\r\ncontent-length: 99\r\n\r\n{"detail": "model is aw') as url:
        events, error = await heard(url)
    assert isinstance(error, AgentRefused)
    assert isinstance(events[-1], CallEnded)
    assert events[-1].error_message == str(error) == 'Error code: 422 - {"detail": "model is aw'


async def test_a_reply_has_a_longest_time(fake_openai: FakeOpenAI) -> None:
    """Words that keep coming do not hold a reply open for ever."""
    fake_openai.next(text="word " * 100_000, delta_delay_s=0.005)
    events, error = await heard(fake_openai.url, timeout_s=5.0, turn_s=2.0)
    assert error is not None
    assert (error.error_type, text_of(events)[:4]) == ("turn_timeout", "word")
    assert "VERBATIM_MODEL_TURN_S" in str(error)
    assert await asyncio.to_thread(fake_openai.left.wait, 5)


async def test_the_longest_time_holds_before_the_first_word_too(fake_openai: FakeOpenAI) -> None:
    """However often the client would try again."""
    fake_openai.next(first_token_delay_s=60.0)
    _, error = await heard(fake_openai.url, timeout_s=30.0, turn_s=0.1)
    assert error is not None
    assert error.error_type == "turn_timeout"


async def test_a_template_may_open_the_thinking(fake_openai: FakeOpenAI) -> None:
    """With starts_in_thinking all up to the closing tag is thinking, and the reply begins behind it."""
    fake_openai.next(**vars(sends(*content("Hm", ".</thi", "nk>\n\nHello."), STOP, DONE)))
    events, error = await heard(fake_openai.url, starts_in_thinking=True)
    assert error is None
    assert text_of(events) == "Hello."
    assert "".join(event.text for event in events if isinstance(event, ThinkingDelta)) == "Hm."
    assert GRAMMAR.fullmatch("".join(LETTERS[type(event)] for event in events))


async def test_a_thought_is_no_silence(fake_openai: FakeOpenAI) -> None:
    """A model that thinks for longer than the patience for silence is heard, as long as its thoughts come."""
    fake_openai.next(text=f"<think>{'hm ' * 40}</think>Hello.", delta_delay_s=0.02)
    events, error = await heard(fake_openai.url, timeout_s=0.5)
    assert error is None
    assert text_of(events) == "Hello."


VALUES = st.one_of(st.text(max_size=5), st.integers(), st.none(), st.lists(st.text(max_size=3), max_size=2))


@given(st.lists(VALUES, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_it_does_not_matter_how_a_stream_is_cut(values: list[Any], newline: str, data: st.DataObject) -> None:
    """Events are the same in whatever pieces their bytes come, with each end of line."""
    lines = [line for value in values for line in (": c", *_data(value), "")]
    stream = "".join(line + newline for line in lines).encode()
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    for cut in (pieces, [bytes([byte]) for byte in stream]):
        events = ServerEvents()
        read = [value for piece in cut for value in events.feed(piece)]
        assert read + list(events.end()) == values
        assert events.stray == ""


def _data(value: Any) -> list[str]:
    """An event in as many lines as JSON makes of it."""
    return [f"data: {line}" for line in json.dumps(value, indent=1).split("\n")]


JSON_VALUES = st.recursive(
    st.one_of(st.text(), st.integers(), st.none(), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["message", "error", "detail", "loc", "metadata", "raw", "msg", "x"]), inner
        ),
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_any_body_of_an_error_has_words(body: Any) -> None:
    """One line, bounded, whatever a server sends."""
    words = provider_words(body)
    assert words == " ".join(words.split())
    assert len(words) <= LONGEST_WORDS


def test_a_refused_request_says_so_before_its_code() -> None:
    """FastAPI's, a list's, a page's, a text's: the words that a person wrote, not their wrapping."""
    assert provider_words({"detail": [{"loc": ["body", "x"], "msg": "wrong"}]}) == "body.x: wrong"
    assert (
        provider_words("<html><script>x()</script><body><p>Bad\n gateway</p></body></html>") == "Bad gateway"
    )
    assert provider_words({"code": 7}) == '{"code": 7}'
    assert provider_words("x" * 100_000) == "x" * LONGEST_WORDS
