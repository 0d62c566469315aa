"""What stands between the page and the server: a network that can be cut, fall silent or grow slow."""

import asyncio
import contextlib
from enum import StrEnum
from typing import Final

SLOW_S: Final = 0.05
_CHUNK: Final = 16_384


class State(StrEnum):
    """How it is."""

    WHOLE = "whole"
    CUT = "cut"
    SILENT = "silent"
    SLOW = "slow"


class Network:
    """Hands on what comes to a port of its own.

    Args:
        port: The server's.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._state = State.WHOLE
        self._whole = asyncio.Event()
        self._whole.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen.

        Returns:
            The address for participants.
        """
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def become(self, state: State) -> None:
        """Change; what is connected is cut off where it is cut."""
        self._state = state
        if state is State.SILENT:
            self._whole.clear()
        else:
            self._whole.set()
        if state is State.CUT:
            for writer in self._writers:
                writer.transport.abort()

    async def close(self) -> None:
        """End all."""
        self.become(State.CUT)
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._state is State.CUT:
            writer.transport.abort()
            return
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, to_server}
        for source, target in ((reader, to_server), (server, writer)):
            task = asyncio.create_task(self._hand_on(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _hand_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                await self._whole.wait()
                if self._state is State.SLOW:
                    await asyncio.sleep(SLOW_S)
                target.write(data)
                await target.drain()
        self._writers.discard(target)
        with contextlib.suppress(OSError):
            target.close()
