"""A server on loopback that speaks OpenAI's embeddings, and fails on command.

    def test_something(fake_embeddings):
        fake_embeddings.next(status=429)  # the next request
        ...  # connect to fake_embeddings.url

Its model knows a few meanings: words of one line of MEANINGS are near to each other, all others stand alone.
"""

import json
import re
import socket
import threading
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]

MEANINGS: Final = (
    {"dog", "puppy", "hound", "barking"},
    {"coffee", "espresso", "latte"},
    {"sad", "unhappy", "grief"},
    {"boat", "ship", "sailing"},
)
DIMENSION: Final = 16


@dataclass(frozen=True)
class Meets:
    """What a request meets.

    Args:
        status: Other than 200, an error.
        body: The answer as it is.
        dimension: Of the vectors.
        stall: Nothing comes until the test says so (FakeEmbeddings.go_on).
    """

    status: int = 200
    body: bytes | None = None
    dimension: int = DIMENSION
    stall: bool = False


class FakeEmbeddings:
    """The server.

    Attributes:
        url: What goes into VERBATIM_EMBEDDING_URL.
        asked: The bodies that came, oldest first.
        keys: The Authorization header of each.
        refuses: Texts that hold this word are not taken, and neither is a batch with one.
        longest: Longer texts are not taken.
        default: What requests meet that `next` says nothing about.
        shuffled: The answer's order is another than the question's.
    """

    def __init__(self) -> None:
        self.reset()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        config = uvicorn.Config(
            self._app, interface="asgi3", ws="none", lifespan="off", log_config=None, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def reset(self) -> None:
        """Forget what came and what was to come."""
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.refuses = ""
        self.longest = 1_000_000
        self.default = Meets()
        self.shuffled = False
        self.go_on = threading.Event()
        self._next: deque[Meets] = deque()

    def next(self, *, times: int = 1, **meets: Any) -> None:
        """Say what the next requests meet."""
        self._next.extend([Meets(**meets)] * times)

    @property
    def texts(self) -> list[str]:
        """All texts that came."""
        return [text for body in self.asked for text in body["input"]]

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        while not self._server.started:
            time.sleep(0.001)

    def stop(self) -> None:
        """End."""
        self.go_on.set()
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    async def _app(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event["body"]
            if not event.get("more_body"):
                break
        asked = json.loads(body)
        self.asked.append(asked)
        self.keys.append(dict(scope["headers"]).get(b"authorization", b"").decode())
        meets = self._next.popleft() if self._next else self.default
        if meets.stall:
            await receive()  # until the other side leaves
            return
        if meets.status != 200:
            await _send(send, meets.status, b'{"error": {"message": "told to fail", "code": "told"}}')
        elif scope["path"] != "/v1/embeddings":
            await _send(send, 404, b'{"error": {"message": "no such path"}}')
        elif meets.body is not None:
            await _send(send, 200, meets.body)
        elif any(self._refused(text) for text in asked["input"]):
            await _send(send, 400, b'{"error": {"message": "an input is too long", "code": "too_long"}}')
        else:
            await _send(send, 200, json.dumps(self._answer(asked, meets.dimension)).encode())

    def _refused(self, text: str) -> bool:
        return bool(self.refuses and self.refuses in text) or len(text) > self.longest

    def _answer(self, asked: dict[str, Any], dimension: int) -> dict[str, Any]:
        data = [
            {"object": "embedding", "index": at, "embedding": vector_of(text, dimension)}
            for at, text in enumerate(asked["input"])
        ]
        return {"object": "list", "model": asked["model"], "data": data[::-1] if self.shuffled else data}


def vector_of(text: str, dimension: int = DIMENSION) -> list[float]:
    """What the model makes of a text: its meanings, and a little of each other word."""
    vector = [0.0] * dimension
    for word in re.findall(r"\w+", text.lower()):
        meaning = next((at for at, words in enumerate(MEANINGS) if word in words), None)
        if meaning is not None:
            vector[meaning] += 1.0
        else:
            vector[len(MEANINGS) + zlib.crc32(word.encode()) % (dimension - len(MEANINGS))] += 0.2
    return vector


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="session")
def fake_embeddings_server() -> Iterator[FakeEmbeddings]:
    """The server behind `fake_embeddings`."""
    server = FakeEmbeddings()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def fake_embeddings(fake_embeddings_server: FakeEmbeddings) -> FakeEmbeddings:
    """A server of this kind that knows nothing yet."""
    fake_embeddings_server.reset()
    return fake_embeddings_server
