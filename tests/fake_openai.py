"""A server on loopback that speaks OpenAI's chat completions, and fails on command.

    def test_something(fake_openai):
        fake_openai.reply_text = "Hello there."
        fake_openai.next(status=429, headers={"retry-after-ms": "1"})  # the next request
        ...  # connect to fake_openai.url
        assert fake_openai.requests[-1].body["model"] == "any"

It is a real server on a real socket: cut connections are cut, stalls stall. Export both fixtures from a
conftest: `from tests.fake_openai import fake_openai, fake_openai_server`.
"""

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import pytest
import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
End = Literal["finish", "truncate", "cut", "stall", "garbage", "error", "odd"]

CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded", 500: "server_error"}


@dataclass(frozen=True)
class Behaviour:
    """What one request meets.

    Args:
        status: Other than 200, an error in OpenAI's shape.
        headers: Such as {"retry-after": "1"}.
        code: The error's code; the usual one of its status by default. "" for none.
        message: The error's message.
        text: The reply; the server's `reply_text` by default.
        end: How the stream ends: whole; "truncate", without finish_reason; "cut", the connection dies;
            "stall", nothing more comes; "garbage", a chunk that is not JSON; "odd", JSON that is no
            chunk; "error", an error as a chunk.
        after: After how many words it ends, unless it is whole.
        first_token_delay_s: A pause before the first word.
        delta_delay_s: A pause before each further word.
        usage: Whether tokens are counted when the request asks for it.
        model: The model that the server says it served; else the requested one.
        cached_tokens: Among the prompt's tokens.
        finish_reason: Of a whole answer.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    message: str = "told to fail"
    text: str | None = None
    end: End = "finish"
    after: int = 2
    first_token_delay_s: float = 0.0
    delta_delay_s: float = 0.0
    usage: bool = True
    model: str | None = None
    cached_tokens: int = 0
    finish_reason: str = "stop"


@dataclass(frozen=True)
class RecordedRequest:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class FakeOpenAI:
    """The server. Use it as a context manager or take the fixture.

    Attributes:
        url: What goes into OPENAI_BASE_URL.
        requests: All that came, oldest first.
        left: Set when the first of them was.
        reply_text: What is answered unless `next` says otherwise.
        default: How requests are met that `next` says nothing about.
    """

    def __init__(self, reply_text: str = "All is well here.") -> None:
        self.reset(reply_text)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def reset(self, reply_text: str = "All is well here.") -> None:
        """Forget what came and what was to come."""
        self.reply_text = reply_text
        self.default = Behaviour()
        self.requests: list[RecordedRequest] = []
        # Requests keep hold of these two: one that is left after a reset does not count for the next test.
        self._leavers: list[RecordedRequest] = []
        self.left = threading.Event()
        self._next: deque[Behaviour] = deque()

    @property
    def hung_up(self) -> int:
        """How many streams the other side left before their end."""
        return len(self._leavers)

    def next(self, *, times: int = 1, **behaviour: Any) -> None:
        """Say what the next request meets; several calls queue up.

        Args:
            times: For how many requests.
            behaviour: Fields of Behaviour.
        """
        self._next.extend([Behaviour(**behaviour)] * times)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.001)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._server.force_exit = True  # a stalled stream would be waited for
        self._thread.join(timeout=10)
        self._socket.close()

    async def _app(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event["body"]
            if not event.get("more_body"):
                break
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] == "GET" and scope["path"] == "/v1/models":
            await _send_json(send, 200, {"object": "list", "data": [{"id": "fake", "object": "model"}]})
            return
        request = RecordedRequest(scope["path"], headers, json.loads(body or b"{}"))
        self.requests.append(request)
        behaviour = self._next.popleft() if self._next else self.default
        if behaviour.status != 200 or request.path != "/v1/chat/completions":
            await _send_error(send, behaviour)
            return
        await self._answer(request, behaviour, receive, send)

    async def _answer(
        self, request: RecordedRequest, behaviour: Behaviour, receive: Receive, send: Send
    ) -> None:
        leavers, left = self._leavers, self.left
        gone = asyncio.ensure_future(_until_disconnect(receive))
        speaking = asyncio.ensure_future(self._speak(request.body, behaviour, send))
        await asyncio.wait([gone, speaking], return_when=asyncio.FIRST_COMPLETED)
        if not speaking.done():
            leavers.append(request)
            left.set()
        for task in (gone, speaking):
            task.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        try:
            await speaking
        except asyncio.CancelledError:
            return

    async def _speak(self, body: dict[str, Any], behaviour: Behaviour, send: Send) -> None:
        text = self.reply_text if behaviour.text is None else behaviour.text
        words = [word + " " for word in text.split(" ")]
        words[-1] = words[-1][:-1]
        frame: dict[str, Any] = {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion.chunk",
            "created": 1_795_000_000,
            "model": behaviour.model or body["model"],
            "system_fingerprint": "fp_fake",
        }
        await send(_start(200, "text/event-stream", behaviour.headers))

        async def say(payload: Any) -> None:
            data = payload if isinstance(payload, str) else json.dumps(payload)
            await send(
                {"type": "http.response.body", "body": f"data: {data}\n\n".encode(), "more_body": True}
            )

        async def delta(fields: dict[str, Any], finish: str | None = None) -> None:
            await say(frame | {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})

        await delta({"role": "assistant", "content": ""})
        spoken = words if behaviour.end == "finish" else words[: behaviour.after]
        for number, word in enumerate(spoken):
            await asyncio.sleep(behaviour.delta_delay_s if number else behaviour.first_token_delay_s)
            await delta({"content": word})
        if await self._ended_early(behaviour, say):
            return
        if behaviour.end == "finish":
            await delta({}, behaviour.finish_reason)
            if behaviour.usage and (body.get("stream_options") or {}).get("include_usage"):
                await say(frame | {"choices": [], "usage": _usage(body, words, behaviour)})
        await say("[DONE]")
        await send({"type": "http.response.body", "body": b""})

    async def _ended_early(self, behaviour: Behaviour, say: Callable[[Any], Awaitable[None]]) -> bool:
        if behaviour.end == "cut":
            raise ConnectionAbortedError("told to cut the connection")
        if behaviour.end == "stall":
            await asyncio.Event().wait()
        if behaviour.end == "garbage":
            await say('{"choices": [{"delta": {"cont')
        if behaviour.end == "odd":
            await say({"choices": [7]})
        if behaviour.end == "error":
            await say({"error": {"message": behaviour.message, "code": behaviour.code or "server_error"}})
        return False


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


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
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def _start(status: int, content_type: str, headers: Mapping[str, str]) -> dict[str, Any]:
    pairs = {"content-type": content_type, **headers}
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
    }


async def _send_json(send: Send, status: int, payload: Any, headers: Mapping[str, str] | None = None) -> None:
    await send(_start(status, "application/json", headers or {}))
    await send({"type": "http.response.body", "body": json.dumps(payload).encode()})


async def _send_error(send: Send, behaviour: Behaviour) -> None:
    status = behaviour.status if behaviour.status != 200 else 404
    code = CODES.get(status) if behaviour.code is None else behaviour.code or None
    error = {"message": behaviour.message, "type": "fake", "param": None, "code": code}
    await _send_json(send, status, {"error": error}, behaviour.headers)


@pytest.fixture(scope="session")
def fake_openai_server() -> Iterator[FakeOpenAI]:
    """The server behind `fake_openai`: stopping one takes a fifth of a second."""
    with FakeOpenAI() as server:
        yield server


@pytest.fixture
def fake_openai(fake_openai_server: FakeOpenAI) -> FakeOpenAI:
    """A server of this kind that knows nothing yet."""
    fake_openai_server.reset()
    return fake_openai_server
