"""Answers of participants in prompts: `{{before.belief}}` stands for what was said to that item."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from study.agent_definitions import OpenAIDefinition
from study.definition import Study
from study.forms.item import ItemKind
from study.protocol.definition import Protocol
from study.protocol.stages import ChatDefinition, SurveyDefinition
from study.protocol.surveys import Survey

_FIELD: Final = re.compile(r"\{\{\s*([a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39})\s*\}\}")
_MEANT: Final = re.compile(r"\{\{([^{}\n]{0,100})\}\}")
_UNSAID: Final = {ItemKind.NOTE, ItemKind.FILE}


def fields_of(prompt: str) -> tuple[str, ...]:
    """The answers that a prompt asks for, by stage and item."""
    return tuple(dict.fromkeys(_FIELD.findall(prompt)))


def filled(prompt: str, answers: Mapping[str, str]) -> str:
    """Put answers into a prompt.

    An answer is text on one line: it opens no paragraph, no tag and no field of its own.

    Args:
        prompt: With its fields.
        answers: In words, by stage and item.

    Raises:
        KeyError: One of them lacks.
    """
    return _FIELD.sub(lambda found: escape(" ".join(answers[found[1]].split()), quote=False), prompt)


def field_problems(
    study: Study, protocol: Protocol, surveys: Mapping[str, Survey], texts: Mapping[str, str]
) -> Iterator[str]:
    """Look for fields that would not be filled for everybody.

    Args:
        study: The file.
        protocol: Its protocol.
        surveys: The files that it names, read.
        texts: Its text files, by name.

    Yields:
        What is wrong, each with its file and repair.
    """
    order = [stage.id for stage in protocol.stages]
    asked = {
        f"{stage.id}.{item.id}": item
        for stage in protocol.stages
        if isinstance(stage, SurveyDefinition) and stage.file in surveys
        for item in surveys[stage.file].asked
    }
    for name, chat in _prompts(study, protocol).items():
        for meant in _MEANT.finditer(texts.get(name, "")):
            where = f"{name}: {meant[0]}"
            found = _FIELD.fullmatch(meant[0])
            if found is None:
                yield f"{where} names no answer. Write it like: {{{{before.belief}}}}"
                continue
            item = asked.get(found[1])
            if item is None:
                yield f"{where} is asked by no survey. Asked: {', '.join(asked) or 'none'}."
            elif order.index(found[1].partition(".")[0]) > order.index(chat):
                yield f"{where} is not answered before the chat {chat}. Ask it in an earlier stage."
            elif item.kind in _UNSAID:
                yield f"{where} has no answer in words. Name another item."
            elif item.required is not True or item.show_if is not None:
                yield f"{where} may be left unanswered. Write 'required: true' at it, and no 'show_if'."


def _prompts(study: Study, protocol: Protocol) -> dict[str, str]:
    """The prompts of agents, each with the first chat in which it may be sent."""
    chats = protocol.chats
    if not chats:
        return {}
    conditions = protocol.conditions
    levels = [one for factor in conditions.between.values() for one in factor.values()] if conditions else []
    prompts = [*(one.prompt for one in levels), *(one.prompt for one in protocol.turn_levels.values())]
    found = {prompt: chats[0].id for prompt in prompts if prompt is not None}
    anywhere = {study.default_agent.name, *(one.agent for one in levels)}
    anywhere |= {agent.fallback for agent in study.agents}
    for agent in study.agents:
        if isinstance(agent, OpenAIDefinition) and agent.prompt is not None:
            chat = _first(chats, None if agent.name in anywhere else agent.name)
            if chat is not None and found.get(agent.prompt) != chats[0].id:
                found[agent.prompt] = chat.id
    return found


def _first(chats: tuple[ChatDefinition, ...], agent: str | None) -> ChatDefinition | None:
    """The first chat that names an agent, or of all."""
    return next((chat for chat in chats if agent is None or chat.agent == agent), None)
