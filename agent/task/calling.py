"""How a dialogue's tools are called: by what speaks to a shop, or from the record of its answers."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Protocol

from agent.context import KeptCall
from agent.events import Event, Json
from agent.others_json import read_others_json
from agent.tools.running import ReplyTools, run_tool
from agent.tools.toolbox import ToolResult

NOTHING: Final[tuple[Event, ...]] = ()


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool answered.

    Args:
        result: JSON; None where it failed.
        is_error: Whether it did.
        completes: Whether it says that the intent is done.
    """

    result: Any = None
    is_error: bool = False
    completes: bool = False


class Caller(Protocol):
    """Who calls tools."""

    answered: ToolAnswer

    def call(self, name: str, arguments: Json, *, asked: bool = False) -> AsyncGenerator[Event]:
        """Call one; its step is yielded, its answer stands in `answered` afterwards.

        Args:
            name: Which.
            arguments: With what.
            asked: The participant was asked about it, and has said yes.
        """


class FromRecord:
    """Answers as the record kept it: what is not there, because a turn was stopped, failed.

    Args:
        calls: In their order; each is given once.
    """

    def __init__(self, calls: Sequence[KeptCall]) -> None:
        self.answered = ToolAnswer(is_error=True)
        self._calls = [call for call in calls if call.is_whole]

    async def call(self, name: str, arguments: Json, *, asked: bool = False) -> AsyncGenerator[Event]:
        """Answer from the record."""
        kept = next(
            (one for one in self._calls if one.name == name and _same(one.arguments, arguments)), None
        )
        if kept is None:
            self.answered = ToolAnswer(is_error=True)
        else:
            self._calls.remove(kept)
            self.answered = ToolAnswer(parsed(kept.output), kept.is_error)
        for event in NOTHING:
            yield event


class WithTools:
    """Calls them.

    Args:
        tools: Of the reply.
    """

    def __init__(self, tools: ReplyTools) -> None:
        self.answered = ToolAnswer(is_error=True)
        self._tools = tools

    async def call(self, name: str, arguments: Json, *, asked: bool = False) -> AsyncGenerator[Event]:
        """Call one; see Caller. One that asks first is not called where nobody was asked."""
        async with aclosing(run_tool(self._tools, name, arguments, approved=asked)) as events:
            async for event in events:
                if isinstance(event, ToolResult):
                    self.answered = ToolAnswer(parsed(event.output), event.is_error, event.completes)
                else:
                    yield event
        if self._tools.asked is not None:
            self.answered = ToolAnswer(is_error=True)


def _same(written: str, arguments: Json) -> bool:
    return bool(parsed(written) == arguments)


def parsed(output: str) -> Any:
    """Read JSON; a text that is none stands for itself."""
    try:
        return read_others_json(output)
    except ValueError:
        return output
