"""The agent behind an API that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, llama.cpp, ..."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx2
import openai

from agent.base import CallEnded, CallStarted, Done, Event, Json, ReplyContext, TextDelta, Usage, Utterance
from agent.failures import Malformed, failure_of
from agent.parts import prompt_of
from study.definition import AgentKind
from study.errors import AgentError, AgentUnavailable

OPENAI_URL: Final = "https://api.openai.com/v1"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CONNECT_S: Final = 10.0  # a server that takes longer to accept a connection is not there

LONGEST_PAUSE_S: Final = 8.0  # the client's own, between two attempts

# What can go wrong between here and the model: the client's errors, those of the connection under a
# stream (which the client lets through), a chunk that is not JSON, our own deadline.
_FAILURES: Final = (openai.OpenAIError, httpx2.HTTPError, ValueError, TimeoutError)


@dataclass
class _Heard:
    """What the server has said so far, text aside."""

    attempts: int = 0
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    response_id: str | None = None
    finish_reason: str | None = None
    system_fingerprint: str | None = None

    def take(self, chunk: Any) -> str:
        """Note what a chunk says and return its text."""
        try:
            self.model = chunk.model or self.model
            self.response_id = chunk.id or self.response_id
            self.system_fingerprint = chunk.system_fingerprint or self.system_fingerprint
            if chunk.usage is not None:
                self.usage = _usage(chunk.usage)
            if not chunk.choices:
                return ""
            choice = chunk.choices[0]
            self.finish_reason = choice.finish_reason or self.finish_reason
            text = choice.delta.content or choice.delta.refusal or ""
        except (AttributeError, TypeError, IndexError, KeyError) as error:
            raise Malformed(f"a chunk of the answer lacks its parts: {error}") from error
        if not isinstance(text, str):
            raise Malformed(f"a chunk's content is {type(text).__name__} and not text")
        return text

    def ended(self, failure: AgentError | None) -> CallEnded:
        return CallEnded(
            usage=self.usage,
            response_model=self.model,
            response_id=self.response_id,
            finish_reason=self.finish_reason,
            system_fingerprint=self.system_fingerprint,
            attempts=max(1, self.attempts),
            error_type=failure.error_type if failure else None,
            error_message=str(failure) if failure else None,
        )


# The hook that counts requests belongs to a client that all replies share.
_LISTENING: ContextVar[_Heard] = ContextVar("listening")


async def _count_attempt(_request: httpx2.Request) -> None:
    if (heard := _LISTENING.get(None)) is not None:
        heard.attempts += 1


class OpenAIAgent:
    """Answers with a language model, streaming.

    The client tries again by itself as long as nothing has come back; after the first token it never
    does, and neither do we: words that a participant has read are not replaced.

    Args:
        name: What participants read.
        model: The requested model.
        prompt: The system prompt; None to send none.
        parameters: What else is sent, under the API's names.
        api_key: The key; any text for servers that ask for none.
        base_url: The server; None for OpenAI's.
        timeout_s: The longest wait for the next byte.
        max_retries: How often the client tries again.
        pause_s: The most time between two attempts, in all of them together.
    """

    kind = AgentKind.OPENAI.value
    unavailable_because: str | None = None

    def __init__(
        self,
        *,
        name: str,
        model: str,
        prompt: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        api_key: str,
        base_url: str | None = None,
        timeout_s: float = 60.0,
        max_retries: int = 2,
        pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self.name = name
        self._model = model
        self._system: list[Json] = [] if prompt is None else [{"role": "system", "content": prompt}]
        self._sent = {"stream": True, "stream_options": {"include_usage": True}, **(parameters or {})}
        self._secret = api_key
        self._provider = provider_of(base_url or OPENAI_URL)
        # All attempts together: the client alone would wait two minutes for each Retry-After.
        self._patience_s = (timeout_s + pause_s) * (max_retries + 1)
        self._client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url or OPENAI_URL,
            max_retries=max_retries,
            http_client=openai.DefaultAsyncHttpx2Client(
                timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
                event_hooks={"request": [_count_attempt]},
                # A proxy for the way out must not be asked for a server on this machine.
                trust_env=urlsplit(base_url or OPENAI_URL).hostname not in _LOOPBACK,
            ),
        )

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance; see agent/base.py."""
        prompt = await prompt_of(self._system, turns)
        yield CallStarted(self._provider, self._model, prompt.kept, self._sent)
        heard = _Heard()
        failure: AgentError | None = None
        try:
            async with aclosing(self._texts(prompt.sent, heard)) as texts:
                async for text in texts:
                    yield TextDelta(text)
            if heard.finish_reason is None:
                # A stream that is cut off between two chunks ends like any other: nothing is raised.
                failure = AgentUnavailable(
                    "the answer ended without a finish_reason", error_type="incomplete_stream"
                )
        except _FAILURES as error:
            failure = failure_of(error, secret=self._secret)
        yield heard.ended(failure)
        if failure is not None:
            raise failure
        yield Done()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _texts(self, messages: Sequence[Json], heard: _Heard) -> AsyncGenerator[str, None]:
        create = cast(Any, self._client.chat.completions.create)
        _LISTENING.set(heard)
        async with asyncio.timeout(self._patience_s):
            stream = await create(model=self._model, messages=messages, **self._sent)
        async with stream:
            async for chunk in stream:
                if text := heard.take(chunk):
                    yield text


def provider_of(base_url: str) -> str:
    """Name a server for the record.

    Args:
        base_url: Its address.

    Returns:
        "openai" for OpenAI's own, else host and port; never what stands before an @.
    """
    host = urlsplit(base_url).netloc.rpartition("@")[2]
    return "openai" if host == urlsplit(OPENAI_URL).netloc else host or base_url


def _usage(raw: Any) -> Usage:
    prompt = getattr(raw, "prompt_tokens_details", None)
    completion = getattr(raw, "completion_tokens_details", None)
    return Usage(
        input_tokens=_count(raw, "prompt_tokens"),
        output_tokens=_count(raw, "completion_tokens"),
        cached_tokens=_count(prompt, "cached_tokens"),
        reasoning_tokens=_count(completion, "reasoning_tokens"),
    )


def _count(raw: Any, name: str) -> int | None:
    value = getattr(raw, name, None)
    return value if isinstance(value, int) else None
