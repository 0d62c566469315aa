"""An MCP server whose tools an agent may call: started when it is needed, started again when it has died.

The mcp package wants a connection opened and closed by one task; each server has one of its own for that.
Nothing of our environment is passed on but PATH, HOME and the like: no key of ours reaches a server.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from agent.failures import brief_failure
from agent.tools.declare import ServerToolError
from agent.tools.headers import NO_VARIABLES
from study.masking import Mask, hold, secrets_in
from study.tools import ToolServerDefinition

if TYPE_CHECKING:
    from mcp import ClientSession
    from mcp.types import CallToolResult
    from mcp.types import Tool as ListedTool

log = structlog.get_logger(__name__)

CONNECT_S: Final = 20.0
PING_S: Final = 2.0
# How long one that could not be started is left alone, unless one of its tools is called.
LEFT_ALONE_S: Final = 30.0
_MOST_TOOLS: Final = 1_000
_LONGEST_WORDS: Final = 500


class McpServer:
    """One server of an agent.

    Args:
        definition: As the study names it.
        folder: The study's, where it is started.
        headers: What it is sent with each request, where it is asked over HTTP; their values are secrets.
        ping_s: How long it may take to say that it lives.

    Attributes:
        known: Its tools, by their names, as it listed them the last time.
    """

    def __init__(
        self,
        definition: ToolServerDefinition,
        folder: Path,
        headers: Mapping[str, str] = NO_VARIABLES,
        *,
        ping_s: float = PING_S,
    ) -> None:
        self.definition = definition
        self._headers = dict(headers)
        secrets = secrets_in(headers.values())
        self._mask = Mask(secrets, only_held=True)
        hold(*secrets)
        self._ping_s = ping_s
        self.known: dict[str, ListedTool] = {}
        self._folder = folder
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[None] | None = None
        self._leave = asyncio.Event()
        self._session: ClientSession | None = None
        self._failed_at: float | None = None
        self._calls = 0  # under way

    async def ready(self) -> None:
        """Know its tools, where that can be had; one that is away is said in the log."""
        recently = self._failed_at is not None and time.monotonic() < self._failed_at + LEFT_ALONE_S
        if self._session is not None or recently:
            return
        try:
            await self._connected()
        except ServerToolError as error:
            log.warning("tool_server_away", server=self.definition.name, error=str(error))

    async def call(self, name: str, arguments: Mapping[str, Any]) -> "CallToolResult":
        """Call one of its tools.

        Raises:
            ServerToolError: The server cannot be reached, died meanwhile, or refused.
        """
        from mcp import McpError
        from mcp.types import CONNECTION_CLOSED

        session = await self._connected()
        self._calls += 1
        try:
            limit = timedelta(seconds=self.definition.timeout_s)
            return await session.call_tool(name, dict(arguments), limit)
        except McpError as error:
            is_closed = error.error.code == CONNECTION_CLOSED
            if not is_closed and await self._lives(session, besides=1):
                raise ServerToolError(_said(error), error_type="server_refused") from error
            raise await self._gone(session, error) from error
        except Exception as error:
            raise await self._gone(session, error) from error
        finally:
            self._calls -= 1

    def without_secrets(self, said: Any) -> Any:
        """What it said, JSON: one that repeats a header gives no key to the model, nor to the record."""
        return _hidden(said, self._mask) if self._headers else said

    async def close(self) -> None:
        """End it, and its process."""
        async with self._lock:
            await self._end()

    async def _connected(self) -> "ClientSession":
        async with self._lock:
            if self._session is not None and await self._lives(self._session):
                return self._session
            await self._end()
            ready: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
            self._leave = asyncio.Event()
            name = f"tool server {self.definition.name}"
            self._owner = asyncio.create_task(self._own(ready, self._leave), name=name)
            try:
                async with asyncio.timeout(CONNECT_S):
                    self._session = await ready
            except (ServerToolError, TimeoutError) as error:
                self._failed_at = time.monotonic()
                await self._end()
                why = str(error) or "it did not answer in time"
                raise ServerToolError(
                    f"The server {self.definition.name} cannot be reached ({why}).", error_type="server_away"
                ) from error
            except BaseException:
                await self._end()  # a Stop, while it was being started
                raise
            self._failed_at = None
            return self._session

    async def _own(self, ready: "asyncio.Future[ClientSession]", leave: asyncio.Event) -> None:
        from mcp import ClientSession

        try:
            async with AsyncExitStack() as stack:
                read, write = await self._streams(stack)
                session = await stack.enter_async_context(ClientSession(read, write))
                await session.initialize()
                self.known = await _listed(session)
                if not ready.done():
                    ready.set_result(session)
                await leave.wait()
        except Exception as error:  # whatever a connection and its task groups raise
            if not ready.done():
                ready.set_exception(ServerToolError(_said(error), error_type="server_away"))
        finally:
            if not ready.done():
                ready.set_exception(ServerToolError("it ended at once", error_type="server_away"))

    async def _streams(self, stack: AsyncExitStack) -> tuple[Any, Any]:
        from mcp.client.stdio import StdioServerParameters, stdio_client
        from mcp.client.streamable_http import streamable_http_client
        from mcp.shared._httpx_utils import create_mcp_http_client

        if self.definition.url is not None:
            client = None
            if self._headers:
                client = await stack.enter_async_context(create_mcp_http_client(self._headers))
            streaming = streamable_http_client(self.definition.url, http_client=client)
            streams = await stack.enter_async_context(streaming)
            return streams[0], streams[1]
        command, *arguments = self.definition.command
        if command == "python":
            command = sys.executable
        started = StdioServerParameters(command=command, args=arguments, cwd=self._folder)
        return await stack.enter_async_context(stdio_client(started, sys.__stderr__ or sys.stderr))

    async def _lives(self, session: "ClientSession", besides: int = 0) -> bool:
        """Whether it answers. One that does another's call may be too busy to say so, and is let be.

        Args:
            session: With it.
            besides: How many calls of who asks are under way.
        """
        if self._owner is None or self._owner.done():
            return False
        if self._calls > besides:
            return True
        try:
            async with asyncio.timeout(self._ping_s):
                await session.send_ping()
        except Exception:
            return False
        return True

    async def _gone(self, session: "ClientSession", error: Exception) -> ServerToolError:
        async with self._lock:
            if self._session is session:
                await self._end()
        return ServerToolError(
            f"The server {self.definition.name} broke off ({_said(error)}). It may have been done.",
            error_type="server_broke_off",
        )

    async def _end(self) -> None:
        owner, self._owner, self._session = self._owner, None, None
        if owner is None:
            return
        self._leave.set()
        _, pending = await asyncio.wait([owner], timeout=PING_S)
        if pending:
            owner.cancel()
            await asyncio.wait([owner], timeout=PING_S)


async def _listed(session: "ClientSession") -> "dict[str, ListedTool]":
    found: dict[str, ListedTool] = {}
    cursor: str | None = None
    while len(found) < _MOST_TOOLS:
        page = await session.list_tools(cursor)
        found |= {one.name: one for one in page.tools}
        cursor = page.nextCursor
        if not cursor or not page.tools:
            break
    return found


def _said(error: BaseException) -> str:
    """The first thing that went wrong, out of its task groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return brief_failure(str(error) or type(error).__name__, _LONGEST_WORDS)


def _hidden(said: Any, mask: Mask) -> Any:
    """JSON without secrets, in its keys as well."""
    if isinstance(said, str):
        return mask(said)
    if isinstance(said, Mapping):
        return {mask(str(key)): _hidden(one, mask) for key, one in said.items()}
    return [_hidden(one, mask) for one in said] if isinstance(said, list) else said
