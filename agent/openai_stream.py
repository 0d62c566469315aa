"""Reads the body of a streamed answer: server-sent events, or what servers send instead of them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import openai

from agent.failures import Malformed
from agent.patience import Patience, Silence, TurnTimeout
from agent.provider_words import provider_words
from agent.server_events import LONGEST_EVENT, ServerEvents, read_json

# What begins a body that is no stream: JSON, HTML.
_WHOLE: Final = (b"{", b"[", b"<")
_DRAIN_S: Final = 0.1  # the client's own: how long the end of a body may take after [DONE]
_BOM: Final = b"\xef\xbb\xbf"
_FRAMES: Final = ("transfer-encoding", "content-length")


@dataclass
class Body:
    """How an answer's body was.

    Args:
        done: It said [DONE].
        whole: It was one JSON object and no stream.
        stray: What stood between the events and is none.
    """

    done: bool = False
    whole: bool = False
    stray: str = ""


async def read_payloads(response: httpx2.Response, patience: Patience, body: Body) -> AsyncGenerator[Any]:
    """Read an answer.

    Args:
        response: With its body unread; the caller closes it.
        patience: How long each next piece is waited for.
        body: Is told how it was.

    Yields:
        The JSON value of each event; an error, however it is sent, as {"error": ...}.

    Raises:
        openai.APIConnectionError: The connection broke, or nobody can tell whether it did.
        openai.APITimeoutError: Nothing came for too long.
        ValueError: It is neither a stream nor an answer, or an event is not JSON.
    """
    async with aclosing(_pieces(response, patience)) as pieces:
        begin = await _begin(pieces)
        if begin.startswith(_WHOLE):
            payload = await _whole(begin, pieces)
            body.whole = True
            yield payload
            return
        events = ServerEvents()
        for payload in events.feed(begin):
            yield payload
        while not events.done and (piece := await anext(pieces, None)) is not None:
            for payload in events.feed(piece):
                yield payload
        if events.done:
            with suppress(openai.APIConnectionError, TurnTimeout):
                await _drain(pieces, patience)
        else:
            for payload in events.end():
                yield payload
        body.done, body.stray = events.done, events.stray
    if (
        not body.done
        and response.http_version != "HTTP/2"
        and not any(n in response.headers for n in _FRAMES)
    ):
        # Such a body ends when its connection does, on purpose or not.
        raise openai.APIConnectionError(message="the answer has no end", request=response.request)


async def _pieces(response: httpx2.Response, patience: Patience) -> AsyncGenerator[bytes]:
    async with aclosing(response.aiter_bytes()) as body:
        try:
            while (piece := await patience.wait(anext(body, None))) is not None:
                yield piece
        except (httpx2.TimeoutException, Silence) as error:
            raise openai.APITimeoutError(request=response.request) from error
        except httpx2.TransportError as error:
            raise openai.APIConnectionError(request=response.request) from error


async def _begin(pieces: AsyncGenerator[bytes]) -> bytes:
    begin = b""
    while len(begin) < len(_BOM) and (piece := await anext(pieces, None)) is not None:
        begin = (begin + piece).removeprefix(_BOM).lstrip()
    return begin


async def _whole(begin: bytes, pieces: AsyncGenerator[bytes]) -> Any:
    body = bytearray(begin)
    async for piece in pieces:
        body += piece
        if len(body) > LONGEST_EVENT:
            raise Malformed("the server sent neither a stream nor an end")
    text = body.decode("utf-8", "replace")
    if begin.startswith(b"<"):
        raise Malformed(f"the server sent no answer but: {provider_words(text)}")
    return read_json(text)


async def _drain(pieces: AsyncGenerator[bytes], patience: Patience) -> None:
    """A connection whose body is read to its end is used again; a server that goes on is left."""
    patience.heard(_DRAIN_S)
    async for _ in pieces:
        pass
