"""Calls tools: within their time, with arguments that fit, and with an end that an agent can go on from."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from pydantic_core import to_json

from agent.events import Json
from agent.failures import brief_failure
from agent.tools.declare import ServerToolError, ToolContext, ToolError
from agent.tools.function_tool import Tool
from agent.tools.schema import ArgumentsRefused
from study.text import storable

log = structlog.get_logger(__name__)

TRIES: Final = 3  # of a tool that says that it is idempotent
PAUSE_S: Final = 0.3
_LONGEST_WORDS: Final = 1_000

UNKNOWN_TOOL: Final = "unknown_tool"
INVALID_ARGUMENTS: Final = "invalid_arguments"
TOOL_TIMEOUT: Final = "tool_timeout"
TOOL_ERROR: Final = "tool_error"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call.

    Args:
        output: JSON, for the agent and the record.
        is_error: It was not done, or nobody knows whether it was.
        error_type: Why, for programs; None without an error.
        sentence: The same for people; "" without an error.
        completes: It has succeeded, and what the participant wanted is done with that.
    """

    output: str
    is_error: bool = False
    error_type: str | None = None
    sentence: str = ""
    completes: bool = False


def failed(error_type: str, sentence: str) -> ToolResult:
    """The result of a call that came to nothing.

    Args:
        error_type: For programs.
        sentence: For the agent and for people.
    """
    said = storable(brief_failure(sentence, _LONGEST_WORDS))
    output = to_json({"error": said, "error_type": error_type}).decode()
    return ToolResult(output, is_error=True, error_type=error_type, sentence=said)


class ToolServer(Protocol):
    """Where tools are that are not ours."""

    async def ready(self) -> None:
        """Know its tools, where that can be had."""

    async def close(self) -> None:
        """End it."""


class Toolbox:
    """The tools of an agent.

    Args:
        tools: Each with a name of its own.
        servers: Where some of them are.
        pause_s: Before a second try.
    """

    def __init__(
        self, tools: Sequence[Tool] = (), *, servers: Sequence[ToolServer] = (), pause_s: float = PAUSE_S
    ) -> None:
        self._servers = tuple(servers)
        self._tools = {tool.name: tool for tool in tools}
        self._pause_s = pause_s
        self._acting: set[asyncio.Future[ToolResult]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """What can be called, in the study's order."""
        return tuple(self._tools)

    @property
    def schemas(self) -> list[Json]:
        """The tools as OpenAI's API takes them."""
        return [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.parameters,
                },
            }
            for tool in self._tools.values()
        ]

    async def ready(self) -> None:
        """Know the tools of servers; before `schemas` are asked for."""
        if self._servers:
            await asyncio.gather(*(server.ready() for server in self._servers))

    def get(self, name: str) -> Tool | None:
        """A tool by its name; None where there is none."""
        return self._tools.get(name)

    def refusal(self, name: str, arguments: Mapping[str, Any] | str) -> ToolResult | None:
        """Why a call cannot be made at all; None for one that can."""
        tool = self.get(name)
        if tool is None:
            known = ", ".join(self.names) or "none"
            return failed(UNKNOWN_TOOL, f"There is no tool {name!r}. There are: {known}.")
        try:
            tool.arguments(arguments)
        except ArgumentsRefused as error:
            return failed(INVALID_ARGUMENTS, str(error))
        return None

    async def call(self, name: str, arguments: Mapping[str, Any] | str, context: ToolContext) -> ToolResult:
        """Call a tool.

        Args:
            name: Which.
            arguments: Values, or JSON as a model wrote it.
            context: For whom.

        Returns:
            What came of it; whatever the tool raises ends here.
        """
        refused = self.refusal(name, arguments)
        if refused is not None:
            return refused
        tool = self._tools[name]
        tries = TRIES if tool.options.idempotent else 1
        # Read anew for each try: a tool may change what it is given.
        result = await self._try(tool, tool.arguments(arguments), context)
        for _ in range(1, tries):
            if not result.is_error or result.error_type == TOOL_ERROR:
                break
            await asyncio.sleep(self._pause_s)
            result = await self._try(tool, tool.arguments(arguments), context)
        return result

    async def to_its_end(self, acting: Coroutine[Any, Any, ToolResult]) -> ToolResult:
        """Wait for what acts. A Stop ends the waiting, and never the act, whose result is to be kept."""
        task = asyncio.ensure_future(acting)
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what still acts: each call has its time limit. Then the servers end."""
        await asyncio.gather(*self._acting, return_exceptions=True)
        for server in self._servers:
            await server.close()

    async def _try(self, tool: Tool, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        limit_s = tool.options.timeout_s
        ended = await _in_time(tool.run(arguments, context), limit_s)
        if ended is None:
            return failed(TOOL_TIMEOUT, f"{tool.name} was not done after {limit_s:g} seconds.")
        value, error = ended
        if isinstance(error, ToolError):
            return failed(TOOL_ERROR, _said(error) or f"{tool.name} did not do it, and did not say why.")
        if isinstance(error, ServerToolError):
            return failed(error.error_type, _said(error))
        return _result_of(tool, value) if error is None else _broke(tool, error)


async def _in_time(work: Awaitable[Any], limit_s: float) -> tuple[Any, BaseException | None] | None:
    """Wait for a tool in a task of its own: one that does not hear that its time is over is left to itself.

    Returns:
        What it gave or raised; None where it took too long.
    """
    task = asyncio.ensure_future(_settled(work))
    try:
        done, _ = await asyncio.wait([task], timeout=limit_s)
    except BaseException:
        task.cancel()  # a Stop
        raise
    if done and not task.cancelled():
        return task.result()
    task.cancel()
    return None


async def _settled(work: Awaitable[Any]) -> tuple[Any, BaseException | None]:
    """What it gives or raises. KeyboardInterrupt and the like would end the server with all who are in it."""
    try:
        return await work, None
    except BaseException as error:
        return None, error


def _broke(tool: Tool, error: BaseException) -> ToolResult:
    """What others' code says of its failure may be anything, and is for the log alone."""
    kind = type(error).__name__
    said = storable(brief_failure(_said(error), _LONGEST_WORDS))
    log.warning("tool_broke", tool=tool.name, error_type=kind, error=said)
    return failed(kind, f"{tool.name} failed ({kind}).")


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an error of others may not even be able to say what it is
        return ""


def _result_of(tool: Tool, value: Any) -> ToolResult:
    try:
        output = to_json(value, inf_nan_mode="null").decode()  # JSON has no NaN
    except Exception as error:  # pydantic has its own for each thing that JSON cannot hold
        log.warning(
            "tool_result_is_no_json", tool=tool.name, error=brief_failure(_said(error), _LONGEST_WORDS)
        )
        return failed("result_is_no_json", f"{tool.name} was called, and what it gave is no JSON.")
    longest = tool.options.longest_result
    if len(output) > longest:
        note = f"The result has {len(output):,} characters; these are the first {longest:,} of its JSON."
        output = to_json({"cut_off": note, "beginning": output[:longest]}).decode()
    return ToolResult(output, completes=tool.options.completes)
