"""What pydantic found wrong, in the words of the person who wrote the study file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from pydantic_core import ErrorDetails

from study.agent_definitions import (
    AgentKind,
    ElizaDefinition,
    ModelIntentDefinition,
    OpenAIDefinition,
    Parameters,
    ScriptedDefinition,
    TaskDefinition,
)
from study.definition import Starter, Study
from study.forms import Condition, Form, Item, Option
from study.limits import Allowance, Limits, ThreadAllowance, TurnLimits
from study.money import Budget
from study.participation import AttachmentRules, Closing, IntentRules, Login, RatingRules, Replies, Sharing
from study.parts import StudyPart
from study.protocol.conditions import AssignRule, Conditions, Overrides, UrnBalls
from study.protocol.definition import Protocol, Recruit
from study.protocol.each_turn import TurnOverrides
from study.protocol.parts import MinuteBounds, TurnBounds
from study.protocol.stages import (
    AttentionRule,
    ChatDefinition,
    ConsentDefinition,
    DebriefDefinition,
    EndIf,
    Ending,
    InstructionsDefinition,
    StageKind,
    SurveyDefinition,
    TimeLimits,
    UsableRule,
    WaitDefinition,
)
from study.semantic_search import SemanticSearch
from study.task_definition import CallDefinition, DialogueDefinition, IntentDefinition, SlotDefinition
from study.tools import ToolsDefinition, ToolServerDefinition
from study.yaml_text import Spot, YamlText

# The parts of the file, by the key that they stand under; agents by their kind.
PARTS: Final[dict[str, type[StudyPart]]] = {
    "starters": Starter,
    "parameters": Parameters,
    "tools": ToolsDefinition,
    "servers": ToolServerDefinition,
    "limits": Limits,
    "turn": TurnLimits,
    "thread": ThreadAllowance,
    "participant": Allowance,
    "login": Login,
    "ratings": RatingRules,
    "replies": Replies,
    "attachments": AttachmentRules,
    "sharing": Sharing,
    "intents": IntentRules,
    "closing": Closing,
    "budget": Budget,
    "semantic_search": SemanticSearch,
    "forms": Form,
    "items": Item,
    "options": Option,
    "show_if": Condition,
    "protocol": Protocol,
    "recruit": Recruit,
    "conditions": Conditions,
    "between": Overrides,
    "each_turn": TurnOverrides,
    "assign": AssignRule,
    "urn": UrnBalls,
    "usable": UsableRule,
    "endings": Ending,
    "time": TimeLimits,
    "turns": TurnBounds,
    "minutes": MinuteBounds,
    "end_if": EndIf,
    "fails": AttentionRule,
    StageKind.CONSENT: ConsentDefinition,
    StageKind.SURVEY: SurveyDefinition,
    StageKind.INSTRUCTIONS: InstructionsDefinition,
    StageKind.CHAT: ChatDefinition,
    StageKind.WAIT: WaitDefinition,
    StageKind.DEBRIEF: DebriefDefinition,
    AgentKind.OPENAI: OpenAIDefinition,
    f"{AgentKind.OPENAI}.intents": ModelIntentDefinition,
    AgentKind.ELIZA: ElizaDefinition,
    AgentKind.SCRIPTED: ScriptedDefinition,
    AgentKind.TASK: TaskDefinition,
}
# Those of a dialogue file, likewise.
DIALOGUE_PARTS: Final[dict[str, type[StudyPart]]] = {
    "intents": IntentDefinition,
    "slots": SlotDefinition,
    "prepare": CallDefinition,
    "calls": CallDefinition,
}
_REPAIRS: Final = {
    "one_default": "Write 'default: true' at exactly one of them.",
    "agent_names": "Give each agent a name of its own.",
    "no_such_fallback": "Write the name of another agent of this file, or leave 'fallback' out.",
    "fallback_circle": "Take one of these 'fallback' out.",
    "not_offered": "Write 'offered: true' at the agent that a new thread begins with.",
    "idle_agent": "Name it as another's 'fallback', or take it out.",
    "least_is_more": "Ask for fewer, or allow more.",
    "long_starter": "Shorten it, or raise the limit.",
    "one_source": "Keep one of the two.",
    "tool_twice": "Name it once.",
    "no_tools": 'Write it like: tools: {"module": "tools.py", "use": ["add_item"]}',
    "server_way": 'Write it like: command: ["python", "server.py"]',
    "variable_name": "Write it like: Authorization: CATALOGUE_AUTHORIZATION",
    "variable_ours": "Write it like: Authorization: CATALOGUE_AUTHORIZATION",
    "headers_of_url": "Leave 'headers' out; a program of your own finds its key by itself.",
    "begun_by": "Write the name of one of its 'tools'.",
    "begun_twice": "Let each tool begin one.",
    "not_in_use": "Write it into 'use', or take it out.",
    "use_of_module": "Write it like: module: tools.py",
    "module_and_use": 'Write it like: use: ["add_item"]',
    "options": 'Write it like: options: {"Oat Milk": ["oat"]}',
    "list": "See docs/how-to/write-a-task-agent.md.",
    "head": "Write the name of one of its slots.",
    "nested": "Give the inner one another kind.",
    "close_sure": "Write it like: close: 0.25",
    "never_meant": 'Write it like: words: ["order", "get me"]',
    "aside_asks": "Take 'aside' out, or ask nothing.",
    "no_zone": "Write it like: timezone: Europe/Berlin",
    "slot_key": "Leave it out, or choose another kind.",
    "default": "Write one that it can have, or leave it out.",
    "same_title": "Give each a title of its own.",
    "ask": 'Write it like: ask: "Which size?"',
    "options_of": "Write it like: options_of: order.size",
    "no_expression": "Mend the regular expression, or leave it out.",
    "asks_alone": "Leave 'asks' out.",
    "duration": "Write it like: whole: 60 minutes",
    "point_in_time": 'Write it like: until: "2027-01-18T09:00+01:00"',
    "wait_end": "Write it like: lasts: 5 minutes",
    "wait_long": "Shorten it, or raise the limit.",
    "protocol_bounds": "Write it like: turns: {least: 5, most: 10}",
    "consent_box": "Name one of its boxes.",
    "stage_ids": "Give each stage an id of its own.",
    "no_such_ending": "Write it into 'endings', or name another.",
    "code_twice": "Give each ending a code of its own.",
    "levels": "Write two or more levels, each with what it sets.",
    "two_factors": "Let one of them set it.",
    "many_conditions": "Take levels out.",
    "assign_alone": "Write both, or leave both out.",
    "assign_at": "Write it like: at: talk",
    "assign_within": "Name an item of an earlier survey, like: within: [before.group]",
    "assign_weights": "Write it like: weights: {facts: 2, stories: 1}",
    "stage_agent": "Write the name of one of its 'agents'.",
    "never_usable": "Ask for fewer turns, or let the chat last longer.",
    "form_bound": "Write it like: least: 1",
    "form_bounds": "Correct it, or leave it out.",
    "form_condition": "Write it like: show_if: {item: drink, is: coffee}",
    "form_condition_item": "Name an item above it, and an answer that it can have.",
    "form_expected": "Write it like: is: coffee",
    "form_files": "Write it like: attachments: {max_files: 5}",
    "form_ids": "Give each form an id of its own, and name it so.",
    "form_items": "Give each item an id of its own; a form asks at least one thing.",
    "form_key": "Leave it out, or choose another kind.",
    "form_needed": "Write it like: required: false",
    "form_once": "Write it like: required: false",
    "form_options": "Write them like: options: [Tea, Coffee]",
    "local_text": "Write it like: label: {en: Which milk?, de: Welche Milch?}",
    "invalid_key": "Put it in quotes, or leave it out.",
}
# What pydantic adds to a place for the kind of what stands there.
_TAGS: Final = frozenset({*AgentKind, *StageKind})


@dataclass(frozen=True)
class FileKeys:
    """The keys of one kind of file.

    Args:
        whole: The file.
        parts: Its parts, by the key that they stand under.
        repairs: How to mend what is wrong in it alone, by the kind of mistake.
        page: The page that lists its keys.
    """

    whole: type[StudyPart]
    parts: Mapping[str, type[StudyPart]]
    repairs: Mapping[str, str] = field(default_factory=dict)
    page: str = "docs/reference/study-file.md"


STUDY_KEYS: Final = FileKeys(Study, PARTS)
DIALOGUE_KEYS: Final = FileKeys(DialogueDefinition, DIALOGUE_PARTS)


def complaint(error: ErrorDetails, text: YamlText, source: str, keys: FileKeys = STUDY_KEYS) -> str:
    """Say what is wrong and how to mend it.

    Args:
        error: One of pydantic's errors.
        text: The file that it is about.
        source: The file's name.
        keys: Which it may have.

    Returns:
        One sentence or two: file, line, key, what is wrong, the repair.
    """
    location = error["loc"]
    if error["type"].startswith("union_tag"):
        location = (*location, "kind")
    if error["type"] == "invalid_key":
        location = (*location[:-1], str(location[-1]))
    spot = text.spot(location)
    what, repair = _what(error, location, spot, keys)
    key = key_of(location)
    return f"{source}, line {spot.line}{', ' + key if key else ''}: {what}. {repair}"


def unstorable(location: tuple[str | int, ...], text: YamlText, source: str) -> str:
    """Say that a text could not be kept as it is.

    Args:
        location: Where it stands (study/text.py).
        text: The file.
        source: The file's name.
    """
    return (
        f"{source}, line {text.spot(location).line}, {key_of(location)}: holds NUL or half of a character, "
        "which no database keeps and no page shows. Take the \\0 or \\ud800 out of it."
    )


def key_of(location: Sequence[str | int]) -> str:
    """Write a place as people do.

    Args:
        location: Such as ("agents", 1, "openai", "prompt"): pydantic adds the kind.

    Returns:
        Such as "agents[1].prompt".
    """
    key = ""
    previous: str | int = ""
    for step in location:
        if isinstance(step, int):
            key += f"[{step}]"
        elif not (isinstance(previous, int) and step in _TAGS):
            key += f".{step}" if key else step
        previous = step
    return key


def _what(
    error: ErrorDetails, location: tuple[str | int, ...], spot: Spot, keys: FileKeys
) -> tuple[str, str]:
    kind = error["type"]
    if kind.startswith("union_tag"):
        kinds, like = (StageKind, "survey") if "stages" in location else (AgentKind, "eliza")
        return f"must be one of {', '.join(kinds)}", f"Write it like: kind: {like}"
    if kind == "extra_forbidden":
        return "is not a known key here", _did_you_mean(location, keys)
    if kind == "missing":
        return "is missing", _like(location, keys)
    if kind == "string_type" and spot.written is not None:
        return _unquoted(error["input"], location, spot.written, keys)
    if kind == "bool_type":
        return "must be true or false, without quotes", _like(location, keys)
    what = error["msg"].removeprefix("Input ").removeprefix("String ")
    what = what.replace("valid dictionary or instance of", "block of keys:").replace("tuple", "list")
    repair = keys.repairs.get(kind) or _REPAIRS.get(kind)
    return what[:1].lower() + what[1:], repair or _like(location, keys)


def _unquoted(
    value: object, location: tuple[str | int, ...], written: str, keys: FileKeys
) -> tuple[str, str]:
    if not written:
        return "has no value", _like(location, keys)
    read = {"True": "true", "False": "false", "None": "nothing"}.get(str(value), "a number")
    leaf = location[-1]
    start = "" if isinstance(leaf, int) else f"{leaf}: "
    return (
        f"must be text, but without quotes YAML reads {written} as {read}",
        f"Put it in quotes: {start}{json.dumps(written, ensure_ascii=False)}",
    )


def _did_you_mean(location: tuple[str | int, ...], keys: FileKeys) -> str:
    known = tuple(_part_of(location, keys).model_fields)
    close = get_close_matches(str(location[-1]), known, n=1)
    return (f"Did you mean {close[0]!r}? " if close else "") + f"Known here: {', '.join(known)}."


def _part_of(location: Sequence[str | int], keys: FileKeys) -> type[StudyPart]:
    """The part of the file that a key stands in."""
    part = keys.whole
    before: str | int = ""
    for step in location[:-1]:
        # One key may be another part in an agent of one kind: "intents".
        part = keys.parts.get(f"{before}.{step}") or keys.parts.get(str(step), part)
        before = step
    return part


def _like(location: tuple[str | int, ...], keys: FileKeys) -> str:
    places = [place for place, step in enumerate(location) if not isinstance(step, int)]
    leaf = str(location[places[-1]]) if places else ""
    known = _part_of(location[: places[-1] + 1], keys).model_fields.get(leaf) if places else None
    if known is None or not known.examples:
        return f"See {keys.page}."
    return f"Write it like: {leaf}: {json.dumps(known.examples[0], ensure_ascii=False)}"
