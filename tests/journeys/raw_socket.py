"""A Socket.IO connection frame by frame, as no library would send them: WebSocket or long polling."""

import json
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import anyio
import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.journeys.polled_wire import PolledWire, PollingRefused

if TYPE_CHECKING:
    from tests.journeys.attacker import World

WITHIN_S: Final = 60.0
_SOCKET: Final = "/ws/socket.io/?EIO=4&transport=websocket"


class Refused(Exception):
    """The server would not have this connection, with what it said."""


def new_id() -> str:
    """A version 4 UUID."""
    return str(uuid.uuid4())


def said(text: Any = "Hello", **fields: Any) -> dict[str, Any]:
    """A message as the page sends it, but for `fields`."""
    message = {"id": new_id(), "type": "user_message", "name": "User", "output": text, "metadata": {}}
    return {"message": message | fields, "fileReferences": []}


def cookies_of(client: httpx2.Client) -> str:
    """The cookies of a client as a header."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


class Socket:
    """A Socket.IO connection, frame by frame: Engine.IO 4, text frames.

    Args:
        world: Whose server.
        client: Whose cookies; None for nobody's.
        origin: What the handshake says of the page that it came from.
        cookie: Sent instead of the client's.
        transport: As the world says when None.
        auth: Fields of the opening message that differ from our page's.
    """

    def __init__(
        self,
        world: "World",
        client: httpx2.Client | None,
        *,
        origin: str | None = None,
        cookie: str | None = None,
        transport: str | None = None,
        **auth: Any,
    ) -> None:
        self._world = world
        self._transport = transport or world.transport
        self._url = world.server.url.replace("http", "ws", 1) + _SOCKET
        held = cookies_of(client) if client is not None else ""
        self._headers = {"Cookie": cookie or held} if cookie or held else {}
        self._origin = origin
        self.session_id = str(auth.get("sessionId") or new_id())
        self._auth = {
            "sessionId": self.session_id,
            "clientType": "webapp",
            "userEnv": "{}",
            "threadId": "",
        } | auth
        self.heard: list[tuple[str, Any]] = []
        self._acknowledged: set[int] = set()
        self._ids = 0

    async def __aenter__(self) -> Self:
        """Connect and say who one is.

        Raises:
            Refused: The handshake or the opening message was not taken.
        """
        try:
            self.wire: ClientConnection | PolledWire = await self._connect()
        except InvalidStatus as refused:
            raise Refused(f"the handshake got {refused.response.status_code}") from None
        except PollingRefused as refused:
            raise Refused(f"the handshake got {refused}") from None
        try:
            await self._until(lambda frame: frame.startswith("0"))
            await self.wire.send("40" + json.dumps(self._auth))
            answer = await self._until(lambda frame: frame[:2] in ("40", "44"))
        except ConnectionClosed as closed:
            raise Refused(str(closed)) from None
        except BaseException:
            await self.wire.close()
            raise
        if answer.startswith("44"):
            await self.wire.close()
            raise Refused(answer[2:])
        return self

    async def _connect(self) -> "ClientConnection | PolledWire":
        if self._transport == "polling":
            return await PolledWire.connect(self._world.server.url, self._headers, self._origin)
        return await connect(
            self._url,
            origin=self._origin,  # type: ignore[arg-type]  # A NewType of str.
            additional_headers=self._headers,
            max_size=None,
            proxy=None,
            open_timeout=WITHIN_S,
            close_timeout=2,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.wire.close()
        await self._world.gone(self.session_id)

    async def begin(self) -> None:
        """Do what the page does first, and wait until the server is through with it."""
        await self.emit("connection_successful")

    async def emit(self, event: str, *data: Any) -> None:
        """Send an event, and wait until the server has done with it.

        Raises:
            ConnectionClosed: The server has hung up instead.
        """
        self._ids += 1
        number = self._ids
        await self.wire.send(f"42{number}{json.dumps([event, *data])}")
        await self._until(lambda frame: frame.startswith(f"43{number}["))

    async def throw(self, frames: Sequence[str | bytes]) -> None:
        """Send frames and wait for nothing."""
        if isinstance(self.wire, PolledWire):
            await self.wire.throw(frames)
            return
        for frame in frames:
            await self.wire.send(frame)

    async def wait_for(self, event: str) -> Any:
        """What came with the first such event, past or to come."""
        while not any(name == event for name, _ in self.heard):
            await self._until(lambda frame: frame.startswith("42"))
        return next(data for name, data in self.heard if name == event)

    async def answered(self) -> None:
        """Wait until a turn that has begun is over."""
        await self.wait_for("task_start")
        while [name for name, _ in self.heard if name in ("task_start", "task_end")][-1] == "task_start":
            await self._until(lambda frame: frame.startswith("42"))

    async def closed(self) -> None:
        """Wait until the server has hung up."""
        try:
            while True:
                await self._until(lambda _: True)
        except ConnectionClosed:
            return

    def of(self, event: str) -> list[Any]:
        """What came with events of that name."""
        return [data for name, data in self.heard if name == event]

    async def _until(self, is_it: Callable[[str], bool]) -> str:
        with anyio.fail_after(WITHIN_S):
            while True:
                frame = str(await self.wire.recv())
                if frame in ("1", "41"):  # Engine.IO's goodbye, and Socket.IO's.
                    await self.wire.close()
                    continue
                if frame == "2":
                    await self.wire.send("3")
                elif frame.startswith("42"):
                    name, *data = json.loads(frame[frame.index("[") :])
                    self.heard.append((name, data[0] if data else None))
                if is_it(frame):
                    return frame
