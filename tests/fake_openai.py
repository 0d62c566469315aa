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
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import pytest
import uvicorn

from tests.openai_behaviour import Behaviour as Behaviour
from tests.openai_behaviour import Send, send_error, send_json, speak, speaks_twice

Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class RecordedRequest:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    query: str = ""


class FakeOpenAI:
    """The server. Use it as a context manager or take the fixture.

    Attributes:
        url: What goes into OPENAI_BASE_URL.
        requests: All that came, oldest first.
        left: Set when the first of them was.
        go_on: To be set by a test whose server is to go on after a PAUSE.
        reply_text: What is answered unless `next` says otherwise.
        default: How requests are met that `next` says nothing about.
        paths: Where completions are asked for; elsewhere is nothing.
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
        self.paths = {"/v1/chat/completions"}
        self.requests: list[RecordedRequest] = []
        # Requests keep hold of these two: one that is left after a reset does not count for the next test.
        self._leavers: list[RecordedRequest] = []
        self.left = threading.Event()
        self.go_on = threading.Event()
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
            await send_json(send, 200, {"object": "list", "data": [{"id": "fake", "object": "model"}]})
            return
        request = RecordedRequest(
            scope["path"], headers, json.loads(body or b"{}"), scope["query_string"].decode()
        )
        self.requests.append(request)
        behaviour = self._next.popleft() if self._next else self.default
        for name in sorted(behaviour.refuses.keys() & request.body.keys()):
            refusal = replace(
                behaviour, status=400, code="unsupported_parameter", message=behaviour.refuses[name]
            )
            await send_error(send, refusal, param=name)
            return
        if (behaviour.status != 200 and behaviour.body is None) or request.path not in self.paths:
            await send_error(send, behaviour)
            return
        if behaviour.alternates and speaks_twice(request.body):
            refusal = "Conversation roles must alternate user/assistant/user/assistant/..."
            await send_error(send, Behaviour(status=400, message=refusal, code=""))
            return
        await self._answer(request, behaviour, receive, send)

    async def _answer(
        self, request: RecordedRequest, behaviour: Behaviour, receive: Receive, send: Send
    ) -> None:
        leavers, left = self._leavers, self.left
        gone = asyncio.ensure_future(_until_disconnect(receive))
        saying = speak(request.body, len(self.requests), behaviour, self.reply_text, self.go_on, send)
        speaking = asyncio.ensure_future(saying)
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


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


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
