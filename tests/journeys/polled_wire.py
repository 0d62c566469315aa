"""The same frames by long polling, in the shape of a WebSocket of the websockets library."""

import asyncio
import json
import ssl
from collections.abc import Sequence
from typing import Final, Self

import httpx2
from websockets.exceptions import ConnectionClosedError

from page.chat.long_polling import MOST_PACKETS

PATH: Final = "/ws/socket.io/?EIO=4&transport=polling"
WITHIN_S: Final = 20.0
# To read the machine's certificates for each connection would take longer than most attacks.
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class PollingRefused(Exception):
    """The first request was not answered with a connection; says the status."""


class PolledWire:
    """One connection.

    Args:
        client: Sends the requests.
        sid: What the server calls the connection.
    """

    def __init__(self, client: httpx2.AsyncClient, sid: str, frames: list[str]) -> None:
        self.client = client
        self.address = f"{PATH}&sid={sid}"
        self._heard: asyncio.Queue[str | None] = asyncio.Queue()
        for frame in frames:
            self._heard.put_nowait(frame)
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, url: str, headers: dict[str, str], origin: str | None) -> Self:
        """Open one.

        Raises:
            PollingRefused: The server would not.
        """
        said = headers | ({"Origin": origin} if origin else {})
        client = httpx2.AsyncClient(base_url=url, headers=said, timeout=WITHIN_S, verify=_NO_TLS)
        answer = await client.get(PATH)
        if answer.status_code != 200:
            await client.aclose()
            raise PollingRefused(answer.status_code)
        frames = answer.text.split("\x1e")
        return cls(client, json.loads(frames[0][1:])["sid"], frames)

    async def send(self, frame: str | bytes) -> None:
        """Bring one frame; a binary one as it stands.

        Raises:
            ConnectionClosedError: The server has ended the connection.
        """
        await self.bring(frame if isinstance(frame, bytes) else frame.encode())

    async def throw(self, frames: Sequence[str | bytes]) -> None:
        """Bring frames, as many in a request as the server takes.

        Raises:
            ConnectionClosedError: The server has ended the connection.
        """
        given = [frame if isinstance(frame, bytes) else frame.encode() for frame in frames]
        for first in range(0, len(given), MOST_PACKETS):
            await self.bring(b"\x1e".join(given[first : first + MOST_PACKETS]))

    async def bring(self, body: bytes) -> None:
        """Send one request.

        Raises:
            ConnectionClosedError: The server has ended the connection.
        """
        answer = await self.client.post(self.address, content=body)
        if answer.status_code != 200:
            raise ConnectionClosedError(None, None)

    async def recv(self) -> str:
        """The next frame.

        Raises:
            ConnectionClosedError: There is none any more.
        """
        frame = await self._heard.get()
        if frame is None:
            self._heard.put_nowait(None)
            raise ConnectionClosedError(None, None)
        return frame

    async def close(self) -> None:
        """Leave, as a page does."""
        self._listening.cancel()
        await asyncio.wait({self._listening})
        self._heard.put_nowait(None)
        if not self.client.is_closed:
            await self.client.post(self.address, content="1")
            await self.client.aclose()

    async def _listen(self) -> None:
        while True:
            answer = await self.client.get(self.address)
            if answer.status_code != 200:
                break
            for frame in answer.text.split("\x1e"):
                self._heard.put_nowait(frame)
        self._heard.put_nowait(None)
