"""What an agent is told of its thread's intents: the study says what one may know of another.

Parameters of a former intent are never those of the one that is under way; where the study lets an agent know
them, they come beside it, as what they are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.context import IntentView, Utterance
from data_layer.database.rows import Row
from study.intents import IntentState

Knows = Literal["nothing", "summary", "all"]


@dataclass(frozen=True)
class AgentKnowledge:
    """What an agent that keeps intents is told.

    Args:
        turns: What was said, as far as it may know.
        intent: The intent under way.
        former: Earlier ones, oldest first.
        summary: Of these, in words.
    """

    turns: list[Utterance]
    intent: IntentView | None = None
    former: tuple[IntentView, ...] = ()
    summary: str = ""


def agent_knowledge(turns: Sequence[Utterance], rows: Sequence[Row], knows: Knows) -> AgentKnowledge:
    """Choose what an agent is told.

    Args:
        turns: All that was said, oldest first; the last is to be answered.
        rows: The thread's intents that stand, oldest first.
        knows: What an intent may know of others.
    """
    active = next((row for row in rows if row["state"] == IntentState.ACTIVE), None)
    others = [row for row in rows if row is not active]
    former = tuple(_view(row, parameters=knows != "nothing") for row in others)
    summary = "\n".join(_line(view) for view in former) if knows == "summary" else ""
    told = list(turns) if knows == "all" else _of_this(turns, active)
    intent = None if active is None else _view(active, parameters=True, state=True)
    return AgentKnowledge(told, intent, former, summary)


def _of_this(turns: Sequence[Utterance], active: Row | None) -> list[Utterance]:
    """What was said in the intent under way; before one has begun, what was said since the last one ended."""
    before, last = turns[:-1], turns[-1]
    if active is not None:
        intent_id: str = active["intent_id"]
        return [*(one for one in before if one.intent_id == intent_id), replace(last, intent_id=intent_id)]
    since: list[Utterance] = []
    for one in reversed(before):
        if one.intent_id is not None:
            break
        since.insert(0, one)
    return [*since, last]


def _view(row: Row, *, parameters: bool, state: bool = False) -> IntentView:
    return IntentView(
        row["intent_id"],
        row["name"],
        row["title"],
        row["state"],
        (row["parameters"] or {}) if parameters else {},
        (row["agent_state"] or {}) if state else {},
        row["cause"] or "",
    )


def _line(view: IntentView) -> str:
    """One intent in a line that is the same each time."""
    said = json.dumps(view.parameters, ensure_ascii=False, sort_keys=True)
    return f"{view.title} ({view.name}): {view.status}, {said}"
