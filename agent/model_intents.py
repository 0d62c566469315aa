"""The intents of a model: a call of a tool that the study names begins one, a tool that completes ends it.

What a model says decides nothing: it may promise an order, and only the call makes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.context import ReplyContext
from agent.events import Event, IntentBegan, IntentEnded, IntentUpdated, Json
from agent.others_json import read_others_json
from agent.tools.toolbox import ToolResult

# Characters of a call's arguments that are kept as what is known; longer ones stand in their step alone.
LONGEST_KNOWN: Final = 4_000
_BY_TOOL: Final = "tool"


@dataclass(frozen=True, slots=True)
class ModelIntent:
    """One thing that a model gets done.

    Args:
        name: As the study names it.
        title: As the participant reads it.
    """

    name: str
    title: str


class ModelIntents:
    """The intents of one reply.

    Args:
        begun_by: Which tool begins which.
        context: Where the reply stands.
    """

    def __init__(self, begun_by: Mapping[str, ModelIntent], context: ReplyContext) -> None:
        self._begun_by = begun_by
        self._under_way = context.intent.name if context.intent else None
        self._known: Json = dict(context.intent.parameters) if context.intent else {}

    def before(self, tool: str) -> list[Event]:
        """What a call that fits moves before it is made: one that is under way already is not begun again."""
        wanted = self._begun_by.get(tool)
        if wanted is None or wanted.name == self._under_way:
            return []
        self._under_way, self._known = wanted.name, {}
        return [IntentBegan(wanted.name, wanted.title)]

    def after(self, tool: str, arguments: str, result: ToolResult, *, acted: bool) -> list[Event]:
        """What came of a call moves.

        Args:
            tool: Which was called.
            arguments: With what.
            result: What came of it.
            acted: Whether it changed something: what it was last called with is known then.
        """
        if self._under_way is None or result.is_error:
            return []
        moves: list[Event] = []
        if acted and len(arguments) <= LONGEST_KNOWN:
            self._known = {**self._known, tool: read_others_json(arguments or "{}")}
            moves.append(IntentUpdated(self._known))
        if result.completes:
            moves.append(IntentEnded("completed", _BY_TOOL))
            self._under_way = None
        return moves
