"""Calls of tools within a reply: each is a step, and a decision is carried out once.

A tool that acts is called only after its step and its decision are committed, and its result is kept. When
the same decision comes again, after a crash or a Retry, the kept result is given; where a call had begun and
nobody knows what came of it, a tool that is idempotent is called with the same key, and any other is not.
"""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from agent.context import ReplyContext, Utterance
from agent.events import StepEnded, StepStarted
from agent.tools.approval import ApprovalAsked, ApprovalGiven, approval_in, ask_approval
from agent.tools.declare import ToolContext
from agent.tools.function_tool import Tool
from agent.tools.keeping import KnownCall, MemoryKeeping, ToolDecision, key_of
from agent.tools.toolbox import TOOL_ERROR, Toolbox, ToolResult, failed

ABANDONED_CALL: Final = "abandoned_call"
NOT_KEPT: Final = "not_kept"
ONE_AT_A_TIME: Final = "one_at_a_time"


class ReplyTools:
    """The tools of one reply: knows what it has called so far.

    Args:
        toolbox: What can be called.
        context: Where the reply stands.

    Attributes:
        asked: What the participant is to say yes or no to, before the reply goes on.
    """

    def __init__(self, toolbox: Toolbox, context: ReplyContext) -> None:
        self.toolbox = toolbox
        self._context = context
        self._keeping = context.keeping or MemoryKeeping()
        self.asked: ApprovalAsked | None = None
        self._steps = 0
        self._equal: Counter[str] = Counter()

    def next_step(self) -> str:
        """A key for a step, of its own within the reply."""
        self._steps += 1
        return f"tool-{self._steps}"

    def decide(self, name: str, arguments: Mapping[str, Any] | str) -> tuple[ToolContext, ToolDecision]:
        """What a call is given, and what is kept of it."""
        context = self._context
        message = context.decision or context.run_id
        same = key_of(message, name, arguments, 0)
        key = key_of(message, name, arguments, self._equal[same])
        self._equal[same] += 1
        store = self._keeping.store(context.thread_id, context.participant_id)
        tool = self.toolbox.get(name)
        decision = ToolDecision(
            key,
            context.thread_id,
            context.participant_id,
            context.run_id,
            name,
            written(arguments),
            idempotent=tool is not None and tool.options.idempotent,
        )
        given = ToolContext(context.thread_id, context.participant_id, context.run_id, key, store)
        return given, decision

    async def approval_in(self, last: Utterance) -> ApprovalGiven | None:
        """What the participant's message says of a call that they were asked about."""
        store = self._keeping.store(self._context.thread_id, self._context.participant_id)
        return await approval_in(last, store)

    async def ask(self, tool: Tool, context: ToolContext, decision: ToolDecision) -> ToolResult:
        """Ask the participant whether a tool may be called; about one call a reply."""
        if self.asked is not None:
            return failed(
                ONE_AT_A_TIME, f"{tool.name} was not called: the user is asked about another first."
            )
        self.asked, result = await ask_approval(tool, decision.arguments, decision.key, context.store)
        return result

    async def once(self, tool: Tool, context: ToolContext, decision: ToolDecision) -> ToolResult:
        """Carry out a decision, unless it was carried out before."""
        known = await self._keeping.begin(decision)
        if known.state == "ended":
            completes = tool.options.completes and not known.is_error
            return ToolResult(known.output, known.is_error, known.error_type, known.sentence, completes)
        if known.state == "unsure":
            return failed(NOT_KEPT, f"{tool.name} was not called: that it is called could not be kept.")
        if known.state == "begun":
            return failed(
                ABANDONED_CALL,
                f"{tool.name} was called before and broke off. Nobody knows whether it was done; "
                "it is not called twice.",
            )
        result = await self.toolbox.call(tool.name, decision.arguments, context)
        undone = result.error_type == TOOL_ERROR  # it said that it did not do it
        ended = KnownCall("ended", result.output, result.is_error, result.error_type, result.sentence, undone)
        await self._keeping.end(decision, ended)
        return result


async def run_tool(
    tools: ReplyTools, name: str, arguments: Mapping[str, Any] | str, *, approved: bool = False
) -> AsyncGenerator[StepStarted | StepEnded | ToolResult]:
    """Call a tool as a step of a reply.

    Args:
        tools: Of the reply; the same for all of its calls.
        name: The tool's.
        arguments: Values, or JSON as a model wrote it.
        approved: The participant was asked already, where the tool asks first.

    Yields:
        The step's begin and end, for the reply, and at last the result, for the agent.
    """
    step = tools.next_step()
    yield StepStarted(step, name, "tool", written(arguments))
    result = tools.toolbox.refusal(name, arguments)
    tool = tools.toolbox.get(name)
    if result is None and tool is not None:
        context, decision = tools.decide(name, arguments)
        if tool.options.asks_first and not approved:
            result = await tools.ask(tool, context, decision)
        elif tool.options.acts:
            # A Stop ends the reply at once. What has begun to act goes on to its end, and that is kept.
            result = await tools.toolbox.to_its_end(tools.once(tool, context, decision))
        else:
            result = await tools.toolbox.call(name, arguments, context)
    assert result is not None
    yield StepEnded(step, result.output, result.is_error)
    yield result


def written(arguments: Mapping[str, Any] | str) -> str:
    """Arguments as JSON; those that are text already stay as they are."""
    if isinstance(arguments, str):
        return arguments
    return json.dumps(arguments, ensure_ascii=False, default=str)
