"""What may be wrong with a dialogue file beside its keys: texts to fill in, words, calls of tools."""

from collections.abc import Iterator, Mapping
from typing import Any

from agent.task.checking_calls import check_calls
from agent.task.templates import wrong_with
from agent.task.tokens import keys_of
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
            found = (*_broken(dialogue), *_ambiguous(dialogue), *check_calls(dialogue, agent, study))
            problems += [f"{source}, {one}" for one in found]
    return list(dict.fromkeys(problems))


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


def _ambiguous(dialogue: DialogueDefinition) -> Iterator[str]:
    """Words of which nobody could say what they stand for."""
    standard = strings_in(dialogue.language).section("task")
    for name in dialogue.says:
        if name not in standard:
            yield f"says.{name}: is none of the standard answers. Known: {', '.join(standard)}."
    other = dialogue.says.get("something_else", standard["something_else"])
    for name, intent in dialogue.intents.items():
        if keys_of(intent.title) == keys_of(other):
            yield f"intents.{name}.title: is the button for something else, too. Give it another."
        for path, slot in _slots(intent.slots, f"intents.{name}.slots"):
            for word in _of_two(slot):
                yield f"{path}.options: {word!r} stands for two of them. Keep one."


def _of_two(slot: SlotDefinition) -> Iterator[str]:
    meant: dict[tuple[str, ...], str] = {}
    for option, others in slot.options.items():
        for word in (option, *others):
            if meant.setdefault(keys_of(word), option) != option:
                yield word
