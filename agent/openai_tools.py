"""One reply's talk with a model about tools: what it may call, what it called, what came of it."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from itertools import count
from typing import Any, Final

from pydantic_core import from_json, to_json

from agent.context import ReplyContext, Utterance
from agent.earlier_calls import calls_between
from agent.events import Event, Json, TextDelta
from agent.model_intents import ModelIntent, ModelIntents
from agent.openai_answer import EMPTY_ANSWER, ModelAnswer
from agent.parts import JOINT
from agent.provider_words import provider_words
from agent.tool_calls import ModelCall, ids_in, message_with, result_of
from agent.tools.approval import declined
from agent.tools.running import ReplyTools, run_tool
from agent.tools.schema import NAME
from agent.tools.toolbox import INVALID_ARGUMENTS, UNKNOWN_TOOL, Toolbox, ToolResult
from study.errors import AgentError, AgentRefused
from study.text import storable_json

TOO_MANY_ROUNDS: Final = "too_many_rounds"
TOOLS_NOT_TAKEN: Final = "tools_not_taken"
CALLS_NOT_UNDERSTOOD: Final = "calls_not_understood"
ROUNDS: Final = 8
NO_INTENTS: Final[Mapping[str, ModelIntent]] = {}

# A mistake of the model's own, that it may mend.
_MENDABLE: Final = frozenset({UNKNOWN_TOOL, INVALID_ARGUMENTS})
_ASK: Final = "Call no tool now. Ask the user in words for what is missing or unclear."
_NAMELESS: Final = "unknown_tool"
_APPROVED: Final = "approved1"  # some servers take ids of nine letters and digits alone
_ID: Final = re.compile(r"[!-~]{1,100}")
# What servers say of a model, or of themselves, that call no tools.
_NOT_TAKEN: Final = re.compile(
    r"(tool|function).{0,60}(not (be )?(support|available|enabled|allowed)|unsupported|requires? --)"
    r"|(not support|unsupported|no endpoints found|unrecognized|unknown|unexpected|not permitted)"
    r".{0,60}\b(tool|function)",
    re.IGNORECASE | re.DOTALL,
)


class ToolTalk:
    """The rounds of one reply.

    Args:
        toolbox: What may be called.
        context: Where the reply stands.
        rounds: How often the model is asked at most.
        begun_by: Which tool begins which intent.

    Attributes:
        messages: What follows the conversation in the next request: calls, and their results.
        is_over: The model has answered.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        context: ReplyContext,
        rounds: int = ROUNDS,
        begun_by: Mapping[str, ModelIntent] = NO_INTENTS,
    ) -> None:
        self.messages: list[Json] = []
        self.is_over = False
        self._schemas = toolbox.schemas
        self._tools = ReplyTools(toolbox, context)
        self._rounds = rounds
        self._left = rounds
        self._mistaken = 0  # rounds in a row
        self._calls: list[ModelCall] = []
        self._context = context
        self._intents = ModelIntents(begun_by, context)
        self._names = frozenset(toolbox.names)
        self._ids = {_APPROVED}  # of all calls that the next request holds
        self._words = ""  # of this round
        self._has_spoken = False  # in an earlier one

    @property
    def offers(self) -> bool:
        """Whether there is anything to call."""
        return bool(self._schemas)

    @property
    def offered(self) -> dict[str, Any]:
        """What the next request holds of tools."""
        if not self._schemas:
            return {}
        return {"tools": self._schemas} | ({"tool_choice": "none"} if self._is_to_ask else {})

    @property
    def _is_to_ask(self) -> bool:
        """One repair was enough: the participant is asked instead."""
        return self._mistaken > 1

    def say(self, event: Event) -> Event:
        """An event of the model's, with a paragraph of its own where an earlier round has spoken."""
        if isinstance(event, TextDelta) and self.offers:
            begins = not self._words
            self._words += event.text
            if begins and self._has_spoken:
                return TextDelta(JOINT + event.text)
        return event

    def judge(self, failure: AgentError | None) -> AgentError | None:
        """What an answer's failure means where there are tools."""
        if failure is None or not self.offers:
            return failure
        if failure.error_type == EMPTY_ANSWER and self._has_spoken:
            return None  # it had said all with its calls
        status = getattr(failure.__cause__, "status_code", None)
        said = f"{failure} {provider_words(getattr(failure.__cause__, 'body', None))}"
        if status is not None and status >= 400 and _NOT_TAKEN.search(said):
            refused = AgentRefused(str(failure), error_type=TOOLS_NOT_TAKEN)
            refused.__cause__ = failure.__cause__
            return refused
        return failure

    def heard(self, answer: ModelAnswer) -> None:
        """A round is over.

        Raises:
            AgentError: It wants to call more than it may.
        """
        self._calls = [self._with_own_id(call) for call in answer.calls] if self.offers else []
        self._left -= 1
        if not self._calls or (self._is_to_ask and self._words):
            self.is_over = True
        elif self._is_to_ask:
            raise AgentError(
                "the model called a tool that there is not, or with arguments that do not fit, again and "
                "again",
                error_type=CALLS_NOT_UNDERSTOOD,
            )
        elif self._left <= 0:
            raise AgentError(
                f"the model called tools in each of {self._rounds} rounds and did not come to an answer",
                error_type=TOO_MANY_ROUNDS,
            )

    async def earlier(self, turns: Sequence[Utterance]) -> Mapping[int, list[Json]]:
        """What the model called in earlier turns, and what came of it.

        Args:
            turns: The conversation so far, as far as the model may know it.

        Returns:
            Messages, by the place in `turns` that they follow.
        """
        read = self._context.kept_calls
        if not self.offers or read is None or len(turns) < 2:
            return {}
        calls = [call for call in await read() if call.name in self._names]
        done = calls_between(turns, calls)
        self._ids |= ids_in([message for messages in done.values() for message in messages])
        return done

    async def resume(self, turns: Sequence[Utterance]) -> AsyncGenerator[Event]:
        """Do what the participant has said yes to, and let the model know, before it is asked.

        Args:
            turns: The conversation so far.

        Yields:
            Its step, and what it moves.
        """
        last = turns[-1] if self.offers and turns else None
        given = await self._tools.approval_in(last) if last and last.answers else None
        if given is None:
            return
        call, result = ModelCall(_APPROVED, given.tool, given.arguments), declined()
        if given.is_approved:
            async with aclosing(self._call(given.tool, given.arguments, approved=True)) as events:
                async for event in events:
                    if isinstance(event, ToolResult):
                        result = event
                    else:
                        yield event
        self.messages += storable_json([message_with([call], "", {}), self._result(call, result)])

    def question(self) -> list[Event]:
        """What ends the reply where the participant is to be asked first; empty where not."""
        asked = self._tools.asked
        if asked is None:
            return []
        return [TextDelta(f"{JOINT if self._has_spoken else ''}{asked.words}"), asked.form]

    async def _call(
        self, name: str, arguments: str, *, approved: bool = False
    ) -> AsyncGenerator[Event | ToolResult]:
        """One call: its step, its result, and how intents move with it."""
        toolbox = self._tools.toolbox
        tool = toolbox.get(name)
        if tool is not None and toolbox.refusal(name, arguments) is None:
            for move in self._intents.before(name):
                yield move
        async with aclosing(run_tool(self._tools, name, arguments, approved=approved)) as events:
            async for event in events:
                yield event
                if isinstance(event, ToolResult) and self._tools.asked is None:
                    acted = tool is not None and tool.options.acts
                    for move in self._intents.after(name, arguments, event, acted=acted):
                        yield move

    async def act(self) -> AsyncGenerator[Event]:
        """Call what the model wants called, in its order.

        Yields:
            Their steps, and what they move.
        """
        calls, words = self._calls, self._words
        self._calls, self._words = [], ""
        self._has_spoken = self._has_spoken or bool(words)
        results: list[tuple[ModelCall, ToolResult]] = []
        for call in calls:
            async with aclosing(self._call(call.name, call.arguments)) as events:
                async for event in events:
                    if isinstance(event, ToolResult):
                        results.append((call, event))
                    else:
                        yield event
        mistaken = any(result.error_type in _MENDABLE for _, result in results)
        self._mistaken = self._mistaken + 1 if mistaken else 0
        nameless = {call.name: _NAMELESS for call in calls if not NAME.fullmatch(call.name)}
        messages = [message_with(calls, words, nameless)]
        messages += [self._result(call, result) for call, result in results]
        self.messages += storable_json(messages)

    def _with_own_id(self, call: ModelCall) -> ModelCall:
        """Results are told apart by ids: a server that gives one twice, or none, refuses its own talk."""
        if not _ID.fullmatch(call.call_id) or call.call_id in self._ids:
            call.call_id = next(one for number in count() if (one := f"call_{number}") not in self._ids)
        self._ids.add(call.call_id)
        return call

    def _result(self, call: ModelCall, result: ToolResult) -> Json:
        output = result.output
        if self._is_to_ask and result.error_type in _MENDABLE:
            output = to_json({**from_json(output), "now": _ASK}).decode()
        return result_of(call.call_id, output)
