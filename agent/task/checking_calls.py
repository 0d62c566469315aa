"""What may be wrong with a dialogue's calls of tools: each would fail in the middle of a conversation."""

from collections.abc import Iterable, Iterator

from agent.tools.function_tool import Tool
from agent.tools.mcp_tool import offered_name
from agent.tools.module import module_tools
from study.agent_definitions import TaskDefinition
from study.loader import LoadedStudy
from study.task_definition import CallDefinition, DialogueDefinition, IntentDefinition


def check_calls(dialogue: DialogueDefinition, agent: TaskDefinition, study: LoadedStudy) -> Iterator[str]:
    """Look at all calls of a dialogue.

    Args:
        dialogue: The dialogue.
        agent: Who follows it, with its tools.
        study: The study.

    Yields:
        A sentence for each that is wrong, with its place and repair.
    """
    tools = {tool.name: tool for tool in module_tools(agent.tools, study)}
    names, asking = _named(agent), _asking(agent, tools.values())
    for name, intent in dialogue.intents.items():
        place = f"intents.{name}"
        for call in (*intent.prepare, *intent.calls):
            yield from _unknown(call, intent, place, names)
            if call.tool in tools:
                yield from _misfit(call, tools[call.tool], f"{place}, {call.tool}")
        for tool in dict.fromkeys(call.tool for call in _unconfirmed(intent) if call.tool in asking):
            yield (
                f"{place}: calls {tool}, which asks first, without a question. Call it under `calls` of an "
                "intent that has `confirm` and is no `aside`."
            )


def _asking(agent: TaskDefinition, tools: Iterable[Tool]) -> set[str]:
    """Those that ask first: functions that say so, and a server's of which the study does."""
    servers = agent.tools.servers if agent.tools is not None else ()
    named = {offered_name(name) for server in servers for name in server.asks_first}
    return named | {tool.name for tool in tools if tool.options.asks_first}


def _named(agent: TaskDefinition) -> tuple[str, ...]:
    """What it can call, by the names that a dialogue calls them by."""
    if agent.tools is None:
        return ()
    return (*agent.tools.use, *(offered_name(name) for one in agent.tools.servers for name in one.use))


def _unknown(
    call: CallDefinition, intent: IntentDefinition, place: str, names: tuple[str, ...]
) -> Iterator[str]:
    if call.tool not in names:
        yield (
            f"{place}: calls {call.tool}, which is none of the agent's tools ({', '.join(names) or 'none'}). "
            "Write it into `use` of the agent's `tools`, or take the call out."
        )
    slot = intent.slots.get(call.each) if call.each is not None else None
    if call.each is not None and (slot is None or slot.kind != "list"):
        yield f"{place}, {call.tool}: there is no list {call.each!r}. Name a slot of kind list."


def _misfit(call: CallDefinition, tool: Tool, place: str) -> Iterator[str]:
    """Arguments that it has not, and those that it needs. What they are is seen when they are filled in."""
    known = tuple(tool.parameters.get("properties", {}))
    for name in call.arguments:
        if name not in known:
            yield f"{place}: has no parameter {name!r}. It has: {', '.join(known) or 'none'}."
    for name in tool.parameters.get("required", ()):
        if name not in call.arguments:
            yield f"{place}: needs {name!r}. Write it like: arguments: {{{name}: ...}}"


def _unconfirmed(intent: IntentDefinition) -> tuple[CallDefinition, ...]:
    """What is called before the participant has said yes."""
    if intent.confirm is not None and not intent.aside:
        return intent.prepare
    return (*intent.prepare, *intent.calls)
