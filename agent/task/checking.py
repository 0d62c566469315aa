"""What may be wrong with a dialogue file beside its keys: templates, and tools that are not there."""

from collections.abc import Iterator, Mapping
from typing import Any

from agent.task.templates import wrong_with
from agent.tools.mcp_tool import offered_name
from agent.tools.module import module_tools
from study.agent_definitions import TaskDefinition
from study.loader import LoadedStudy
from study.strings import strings_in
from study.task_definition import CallDefinition, DialogueDefinition, SlotDefinition


def check_dialogues(study: LoadedStudy) -> list[str]:
    """Look for all that is wrong with a study's dialogue files.

    Args:
        study: Read, and right so far.

    Returns:
        A sentence for each, with its place and repair; empty where all is well.
    """
    problems: list[str] = []
    for agent in study.definition.agents:
        if isinstance(agent, TaskDefinition):
            dialogue = study.dialogues[agent.dialogue]
            source = study.folder / agent.dialogue
            found = (
                *_broken(dialogue),
                *_unknown(dialogue, _tools_of(agent)),
                *_unasked(dialogue, agent, study),
            )
            problems += [f"{source}, {one}" for one in found]
    return list(dict.fromkeys(problems))


def _tools_of(agent: TaskDefinition) -> tuple[str, ...]:
    """What it can call, by the names that a dialogue calls them by."""
    if agent.tools is None:
        return ()
    return (*agent.tools.use, *(offered_name(name) for one in agent.tools.servers for name in one.use))


def _broken(dialogue: DialogueDefinition) -> Iterator[str]:
    for place, text, is_expression in _templates(dialogue):
        wrong = wrong_with(text, is_expression=is_expression)
        if wrong is not None:
            yield f"{place}: cannot be filled in ({wrong}). Write it like: {{{{ name }}}}"


def _templates(dialogue: DialogueDefinition) -> Iterator[tuple[str, str, bool]]:
    for name, text in dialogue.says.items():
        yield f"says.{name}", text, False
    for name, intent in dialogue.intents.items():
        place = f"intents.{name}"
        yield f"{place}.answer", intent.answer, False
        if intent.confirm is not None:
            yield f"{place}.confirm", intent.confirm, False
        for path, slot in _slots(intent.slots, f"{place}.slots"):
            if slot.ask is not None:
                yield f"{path}.ask", slot.ask, False
        for call in (*intent.prepare, *intent.calls):
            yield from _templates_of(call, f"{place}, {call.tool}")


def _templates_of(call: CallDefinition, place: str) -> Iterator[tuple[str, str, bool]]:
    for kind, expressions in (("keep", call.keep), ("share", call.share)):
        for kept, text in expressions.items():
            yield f"{place}, {kind}.{kept}", text, True
    if call.condition is not None:
        yield f"{place}, condition", call.condition, True
    if call.otherwise is not None:
        yield f"{place}, otherwise", call.otherwise, False
    for path, text in _texts_in(call.arguments, "arguments"):
        yield f"{place}, {path}", text, False


def _slots(slots: Mapping[str, SlotDefinition], place: str) -> Iterator[tuple[str, SlotDefinition]]:
    for name, slot in slots.items():
        yield f"{place}.{name}", slot
        yield from _slots(slot.slots, f"{place}.{name}.slots")


def _texts_in(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """All texts of a tool's arguments: each may have something to fill in."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts_in(one, f"{place}.{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts_in(one, f"{place}[{number}]")


def _unknown(dialogue: DialogueDefinition, tools: tuple[str, ...]) -> Iterator[str]:
    standard = strings_in(dialogue.language).section("task")
    for name in dialogue.says:
        if name not in standard:
            yield f"says.{name}: is none of the standard answers. Known: {', '.join(standard)}."
    for name, intent in dialogue.intents.items():
        for call in (*intent.prepare, *intent.calls):
            if call.tool not in tools:
                known = ", ".join(tools) or "none"
                yield (
                    f"intents.{name}: calls {call.tool}, which is none of the agent's tools ({known}). "
                    "Write it into `use` of the agent's `tools`, or take the call out."
                )
            slot = intent.slots.get(call.each) if call.each is not None else None
            if call.each is not None and (slot is None or slot.kind != "list"):
                yield (
                    f"intents.{name}, {call.tool}: there is no list {call.each!r}. Name a slot of kind list."
                )


def _unasked(dialogue: DialogueDefinition, agent: TaskDefinition, study: LoadedStudy) -> Iterator[str]:
    """A tool that asks first is asked about by the intent's `confirm`: it may stand nowhere before that."""
    asking = {tool.name for tool in module_tools(agent.tools, study) if tool.options.asks_first}
    if agent.tools is not None:
        asking |= {offered_name(name) for server in agent.tools.servers for name in server.asks_first}
    for name, intent in dialogue.intents.items():
        early = (
            intent.prepare
            if intent.confirm is not None and not intent.aside
            else (*intent.prepare, *intent.calls)
        )
        for tool in dict.fromkeys(call.tool for call in early if call.tool in asking):
            yield (
                f"intents.{name}: calls {tool}, which asks first, without a question. Call it under "
                "`calls` of an intent that has `confirm` and is no `aside`."
            )
