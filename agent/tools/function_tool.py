"""A tool that is a function of a study's module."""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from agent.events import Json
from agent.tools.declare import ToolContext, ToolOptions, options_of
from agent.tools.schema import ToolSignature


class Tool(Protocol):
    """What an agent may call, wherever it comes from."""

    @property
    def name(self) -> str:
        """What models call it by."""

    @property
    def description(self) -> str:
        """What it does, for models."""

    @property
    def parameters(self) -> Json:
        """JSON schema of its arguments."""

    @property
    def options(self) -> ToolOptions:
        """How it is to be called."""

    def arguments(self, given: Mapping[str, Any] | str) -> dict[str, Any]:
        """Arguments as the tool wants them.

        Raises:
            ArgumentsRefused: They do not fit.
        """

    async def run(self, arguments: Mapping[str, Any], context: ToolContext) -> Any:
        """Do it.

        Returns:
            What JSON can hold.
        """


class FunctionTool:
    """A function with types and a docstring.

    Args:
        function: It; one that is not `async` runs in a thread of its own.

    Raises:
        ToolFault: It cannot be a tool as it is.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._signature = ToolSignature(function)
        self._function = function
        self.name = self._signature.name
        self.description = self._signature.description
        self.parameters = self._signature.parameters
        self.options = options_of(function)

    def arguments(self, given: Mapping[str, Any] | str) -> dict[str, Any]:
        """See Tool."""
        return self._signature.arguments(given)

    async def run(self, arguments: Mapping[str, Any], context: ToolContext) -> Any:
        """See Tool."""
        if inspect.iscoroutinefunction(self._function):
            return await self._signature.call(self._function, arguments, context)
        return await _in_a_thread(lambda: self._signature.call(self._function, arguments, context))


def _in_a_thread(work: Callable[[], Any]) -> Awaitable[Any]:
    """Not in the shared pool, which a few functions that hang would take from everybody else."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    carried = contextvars.copy_context()

    def settle(value: Any, error: BaseException | None) -> None:
        if future.done():  # nobody waits any more: it took too long
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def target() -> None:
        value: Any = None
        error: BaseException | None = None
        try:
            value = carried.run(work)
        except StopIteration as stopped:  # no future takes one
            error = RuntimeError(f"StopIteration: {stopped}")
        except BaseException as raised:  # carried over, whatever it is
            error = raised
        try:
            loop.call_soon_threadsafe(settle, value, error)
        except RuntimeError:
            return  # the loop has ended meanwhile

    threading.Thread(target=target, name="tool", daemon=True).start()
    return future
