"""What may be wrong with a dialogue file beside its keys: templates, and tools that are not there."""

from collections.abc import Iterator

from agent.task.templates import wrong_with
from study.agent_definitions import TaskDefinition
from study.loader import LoadedStudy
from study.task_definition import DialogueDefinition


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
            tools = agent.tools.use if agent.tools else ()
            source = study.folder / agent.dialogue
            problems += [f"{source}, {one}" for one in (*_broken(dialogue), *_unknown(dialogue, tools))]
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
        for call in (*intent.prepare, *intent.calls):
            for kind, expressions in (("keep", call.keep), ("share", call.share)):
                for kept, text in expressions.items():
                    yield f"{place}, {call.tool}, {kind}.{kept}", text, True
            if call.condition is not None:
                yield f"{place}, {call.tool}, condition", call.condition, True
            for argument, value in call.arguments.items():
                if isinstance(value, str):
                    yield f"{place}, {call.tool}, arguments.{argument}", value, False


def _unknown(dialogue: DialogueDefinition, tools: tuple[str, ...]) -> Iterator[str]:
    for name, intent in dialogue.intents.items():
        for call in (*intent.prepare, *intent.calls):
            if call.tool not in tools:
                known = ", ".join(tools) or "none"
                yield (
                    f"intents.{name}: calls {call.tool}, which is none of the agent's tools ({known}). "
                    "Write it into `use` of the agent's `tools`, or take the call out."
                )
            if call.each is not None and call.each not in intent.slots:
                yield f"intents.{name}, {call.tool}: there is no slot {call.each!r}. Name one of kind list."
