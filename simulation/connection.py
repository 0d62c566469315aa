"""One Socket.IO connection as a browser makes it; events are handed on in the order they came."""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlsplit

import aiohttp
import socketio
from socketio.exceptions import ConnectionError as SocketError

from study.vocabulary import Transport

SOCKET_PATH: Final = "ws/socket.io"
NO_LIMIT: Final = 0


class ConnectionLost(Exception):
    """The connection could not be made, or ended. The participant tries again."""


class ServerAway(ConnectionLost, OSError):
    """A proxy answers that the server behind it is away. The participant tries again."""


class Connection:
    """A connection of one page load to one thread.

    Args:
        http: The browser's, with its cookies.
        base_url: Such as "http://127.0.0.1:8000".
        hear: Called with each event and what goes with it.
        transport: Over a WebSocket, or by long polling.

    Handlers are plain functions on purpose: python-socketio gives each packet a task of its own,
    and only handlers that never wait keep the packets' order.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        hear: Callable[[str, Any], None],
        transport: Transport = Transport.WEBSOCKET,
    ) -> None:
        self._base_url = base_url
        self._transport = transport
        self._hear = hear
        # Browsers offer permessage-deflate; 15 is the window that they ask for.
        self._client = socketio.AsyncClient(
            reconnection=False,
            http_session=http,
            websocket_extra_options={"compress": 15, "max_msg_size": NO_LIMIT},
        )
        self._client.on("*", self._on_event)
        self._client.on("disconnect", self._on_disconnect)
        self._client.on("connect_error", self._on_refusal)
        self._ready: asyncio.Future[None] | None = None
        self._refusal = ""
        self.lost = False

    def _on_event(self, event: str, *data: Any) -> None:
        self._hear(event, data[0] if data else None)

    def _on_refusal(self, why: Any = "") -> None:
        self._refusal = str(why.get("message", why)) if isinstance(why, dict) else str(why)

    def _on_disconnect(self, *_: Any) -> None:
        self.lost = True
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ConnectionLost("the server closed the connection"))
        self._hear("disconnect", None)

    async def open(
        self, *, session_id: str, thread_id: str = "", profile: str = "", timeout_s: float = 60.0
    ) -> None:
        """Connect, and wait until the server has said all that a connection begins with.

        Chainlit says nothing like "ready": an acknowledgement of `connection_successful` comes
        when its handler is through, and so after a resumed thread and what came with it.

        Args:
            session_id: Chainlit's name of this page load; the same one when it reconnects.
            thread_id: The thread to go on with, or empty for a new one.
            profile: The chat profile, that is the agent; empty for the default.
            timeout_s: How long each of the two steps may take.

        Raises:
            ConnectionLost: It did not come about.
        """
        auth = {
            "sessionId": session_id,
            "clientType": "webapp",
            "userEnv": "{}",
            "chatProfile": quote(profile, safe=""),
            "threadId": thread_id,
        }
        try:
            await self._client.connect(
                self._base_url,
                auth=auth,
                transports=[self._transport.value],
                # The client takes of an address its host alone.
                socketio_path=f"{urlsplit(self._base_url).path.rstrip('/')}/{SOCKET_PATH}",
                wait_timeout=timeout_s,
            )
            if self.lost:  # it was closed before anybody waited for it
                raise ConnectionLost("the server closed the connection")
            self._ready = asyncio.get_running_loop().create_future()
            await self._client.emit("connection_successful", callback=self._on_ready)
            await self._client.emit("fetch_favorites")
            async with asyncio.timeout(timeout_s):
                await self._ready
        # A TypeError: python-engineio takes the number in a server's closing frame for a packet.
        except (SocketError, aiohttp.ClientError, TimeoutError, OSError, TypeError) as error:
            await self.close()
            raise ConnectionLost(self._refusal or str(error) or type(error).__name__) from error
        except BaseException:
            await self.close()
            raise

    def _on_ready(self, *_: Any) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    async def emit(self, event: str, data: Any, received: Callable[[], None]) -> None:
        """Send an event.

        Args:
            event: Its name.
            data: What goes with it.
            received: Called when the server has taken it, in its place among the events.

        Raises:
            ConnectionLost: There is no connection any more.
        """
        try:
            await self._client.emit(event, data, callback=lambda *_: received())
        except (SocketError, OSError) as error:
            raise ConnectionLost(str(error)) from error

    async def cut(self) -> None:
        """End it without Socket.IO's goodbye, as a network that went away does."""
        if self._transport is Transport.WEBSOCKET:
            await self._client.eio.ws.close()
        else:
            await self._client.eio.disconnect(abort=True)

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        self.lost = True
        await self._client.disconnect()
