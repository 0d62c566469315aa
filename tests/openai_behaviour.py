"""What the server of tests/fake_openai.py does with a request, and how it says it."""

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal

Send = Callable[[dict[str, Any]], Awaitable[None]]
End = Literal["finish", "truncate", "cut", "stall", "drip", "garbage", "error", "odd"]

CODES: Final = {
    401: "invalid_api_key",
    404: "model_not_found",
    429: "rate_limit_exceeded",
    500: "server_error",
}
# What servers send to keep a connection open: a comment, and a chunk that says nothing.
SIGNS_OF_LIFE: Final = b': keep-alive\n\ndata: {"choices": [{"index": 0, "delta": {"content": ""}}]}\n\n'
_DRIP_S: Final = 0.01
# In a body: what follows comes when the test says so (FakeOpenAI.go_on).
PAUSE: Final = b"\x00 pause"
_LONGEST_PAUSE_S: Final = 60.0  # a test that has failed meanwhile says nothing


@dataclass(frozen=True)
class Behaviour:
    """What one request meets.

    Args:
        status: Other than 200, an error in OpenAI's shape, unless there is a body.
        headers: Such as {"retry-after": "1"}.
        code: The error's code; the usual one of its status by default. "" for none.
        message: The error's message.
        text: The reply; the server's `reply_text` by default.
        body: The answer's bytes as they are, piece by piece, instead of all this; PAUSE among them.
        end: How the stream ends: whole; "truncate", without finish_reason; "cut", the connection dies;
            "stall", nothing more comes; "drip", signs of life until the other side leaves; "garbage", a
            chunk that is not JSON; "odd", JSON that is no chunk; "error", an error as a chunk.
        after: After how many words it ends, unless it is whole.
        first_token_delay_s: A pause before the first word.
        delta_delay_s: A pause before each further word.
        usage: Whether tokens are counted when the request asks for it.
        model: The model that the server says it served; else the requested one.
        cached_tokens: Among the prompt's tokens.
        finish_reason: Of a whole answer.
        refuses: Parameters that are refused when a request holds them, each with what is said of it.
        reasoning: What the model thinks first, word by word, as `reasoning_content`.
        alternates: Two turns of one speaker in a row are refused, as some models' templates do.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    message: str = "told to fail"
    text: str | None = None
    body: tuple[bytes, ...] | None = None
    end: End = "finish"
    after: int = 2
    first_token_delay_s: float = 0.0
    delta_delay_s: float = 0.0
    usage: bool = True
    model: str | None = None
    cached_tokens: int = 0
    finish_reason: str = "stop"
    refuses: Mapping[str, str] = field(default_factory=dict)
    reasoning: str = ""
    alternates: bool = False


async def speak(
    request: dict[str, Any],
    number: int,
    behaviour: Behaviour,
    text: str,
    go_on: threading.Event,
    send: Send,
) -> None:
    """Answer a request, word by word or with the bytes that it was told.

    Args:
        request: Its body.
        number: How many there were, this one included.
        behaviour: As it was told.
        text: What it says where it was told no other.
        go_on: What it waits for at a PAUSE.
        send: ASGI's.
    """
    await send(_start(behaviour.status, "text/event-stream", behaviour.headers))
    if behaviour.body is not None:
        for piece in behaviour.body:
            if piece == PAUSE:
                await asyncio.to_thread(go_on.wait, _LONGEST_PAUSE_S)
            else:
                await _send_more(send, piece)
        await _end_early(behaviour, send)
    else:
        await _say_words(request, number, behaviour, text, send)
    await send({"type": "http.response.body", "body": b""})


async def send_json(send: Send, status: int, payload: Any, headers: Mapping[str, str] | None = None) -> None:
    """Answer with JSON."""
    await send(_start(status, "application/json", headers or {}))
    await send({"type": "http.response.body", "body": json.dumps(payload).encode()})


async def send_error(send: Send, behaviour: Behaviour, *, param: str | None = None) -> None:
    """Answer with an error in OpenAI's shape; with 404 where no other was told."""
    status = behaviour.status if behaviour.status != 200 else 404
    code = CODES.get(status) if behaviour.code is None else behaviour.code or None
    error = {"message": behaviour.message, "type": "fake", "param": param, "code": code}
    await send_json(send, status, {"error": error}, behaviour.headers)


def speaks_twice(body: dict[str, Any]) -> bool:
    """Whether two messages of one speaker stand in a row."""
    roles = [message["role"] for message in body["messages"]]
    return any(one == other for one, other in pairwise(roles))


async def _say_words(
    request: dict[str, Any], number: int, behaviour: Behaviour, text: str, send: Send
) -> None:
    words = [word + " " for word in (text if behaviour.text is None else behaviour.text).split(" ")]
    words[-1] = words[-1][:-1]
    frame: dict[str, Any] = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion.chunk",
        "created": 1_795_000_000,
        "model": behaviour.model or request["model"],
        "system_fingerprint": "fp_fake",
    }

    async def delta(fields: dict[str, Any], finish: str | None = None) -> None:
        await _say(send, frame | {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})

    await delta({"role": "assistant", "content": ""})
    for thought in re.findall(r"\S+\s*", behaviour.reasoning):
        await asyncio.sleep(behaviour.delta_delay_s)
        await delta({"reasoning_content": thought})
    spoken = words if behaviour.end == "finish" else words[: behaviour.after]
    for place, word in enumerate(spoken):
        await asyncio.sleep(behaviour.delta_delay_s if place else behaviour.first_token_delay_s)
        await delta({"content": word})
    await _end_early(behaviour, send)
    if behaviour.end == "finish":
        await delta({}, behaviour.finish_reason)
        if behaviour.usage and (request.get("stream_options") or {}).get("include_usage"):
            await _say(send, frame | {"choices": [], "usage": _usage(request, words, behaviour)})
    await _say(send, "[DONE]")


async def _end_early(behaviour: Behaviour, send: Send) -> None:
    if behaviour.end == "cut":
        raise ConnectionAbortedError("told to cut the connection")
    if behaviour.end == "stall":
        await asyncio.Event().wait()
    while behaviour.end == "drip":
        await _send_more(send, SIGNS_OF_LIFE)
        await asyncio.sleep(_DRIP_S)
    if behaviour.end == "garbage":
        await _say(send, '{"choices": [{"delta": {"cont')
    if behaviour.end == "odd":
        await _say(send, {"choices": [7]})
    if behaviour.end == "error":
        await _say(send, {"error": {"message": behaviour.message, "code": behaviour.code or "server_error"}})


async def _say(send: Send, payload: Any) -> None:
    data = payload if isinstance(payload, str) else json.dumps(payload)
    await _send_more(send, f"data: {data}\n\n".encode())


async def _send_more(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


def _usage(body: dict[str, Any], words: list[str], behaviour: Behaviour) -> dict[str, Any]:
    prompt = sum(len(_words_of(message["content"]).split()) for message in body["messages"])
    return {
        "prompt_tokens": prompt,
        "completion_tokens": len(words),
        "total_tokens": prompt + len(words),
        "prompt_tokens_details": {"cached_tokens": behaviour.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def _words_of(content: Any) -> str:
    """A message's text: content is text, or parts of which some are text."""
    if content is None:  # it called tools and said nothing
        return ""
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def _start(status: int, content_type: str, headers: Mapping[str, str]) -> dict[str, Any]:
    pairs = {"content-type": content_type, **headers}
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
    }
