"""A thread as it is told to a researcher: what was said, what lay behind it, what happened in between."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from data_layer.review.thread import WholeThread
from data_layer.writes import Row
from research.words import Piece, word_diff
from study.vocabulary import MESSAGE_TYPES, StepType

# Shorter ones are how people write.
PAUSE: Final = timedelta(seconds=30)
_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)


@dataclass(frozen=True)
class Change:
    """One wording after another."""

    revision: int
    at: datetime
    pieces: list[Piece]


@dataclass(frozen=True)
class Behind:
    """The agent's work at a reply.

    Args:
        run: Its row.
        calls: To models, in that run.
        work: Its visible steps.
    """

    run: Row
    calls: list[Row]
    work: list[Row]


@dataclass(frozen=True)
class Said:
    """A message, and what lay behind it.

    Args:
        step: Its row.
        is_participants: Whether the participant said it.
        changes: How it came to read as it does.
        behind: The run that said it; at a participant's message, those that ended without a reply to it.
        elements: What is attached.
        ratings: What the participant made of it, every change of mind.
    """

    step: Row
    is_participants: bool
    changes: list[Change]
    behind: list[Behind] = field(default_factory=list)
    elements: list[Row] = field(default_factory=list)
    ratings: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Apart:
    """Work that belongs to no message: of a run that answered none, or of no run that is kept.

    Args:
        at: When it began.
        behind: The run, when there is one.
        work: Steps without a run.
    """

    at: datetime
    behind: list[Behind] = field(default_factory=list)
    work: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Happened:
    """Something between the messages."""

    kind: str
    at: datetime
    details: Mapping[str, object]


@dataclass(frozen=True)
class Pause:
    """Nothing, for a while.

    Args:
        lasted: How long.
        size: From 1, half a minute, to 6, a day and more: each is some five times the one before.
    """

    lasted: timedelta
    size: int


Entry = Said | Apart | Happened | Pause


def story_of(whole: WholeThread) -> list[Entry]:
    """Tell a thread."""
    parts: list[Said | Apart | Happened] = [*_said(whole), *_happened(whole)]
    told: list[Entry] = []
    quiet_since: datetime | None = None
    for entry in sorted(parts, key=_when):
        if quiet_since is not None and (lasted := _at(entry) - quiet_since) >= PAUSE:
            told.append(Pause(lasted, _size(lasted)))
        told.append(entry)
        # What happens while a reply still grows does not end it.
        quiet_since = max(quiet_since or _ended(entry), _ended(entry))
    return told


def attached_elsewhere(whole: WholeThread) -> list[Row]:
    """What is attached to no message: to a step of work, or to the thread alone."""
    messages = {step["step_id"] for step in whole.steps if step["type"] in _MESSAGES}
    return [element for element in whole.elements if element["message_id"] not in messages]


def _said(whole: WholeThread) -> Iterable[Said | Apart]:
    calls, work = _by(whole.calls, "run_id"), _by(whole.steps, "run_id")
    revisions, elements = _by(whole.revisions, "step_id"), _by(whole.elements, "message_id")
    ratings = _by(whole.ratings, "message_id")
    behind: defaultdict[str, list[Behind]] = defaultdict(list)
    messages = {step["step_id"] for step in whole.steps if step["type"] in _MESSAGES}
    for run in whole.runs:
        steps = work[run["run_id"]]
        replies = [step for step in steps if step["type"] == StepType.ASSISTANT_MESSAGE.value]
        # A run may say several things, one after the other: it lies behind the last.
        place = replies[-1]["step_id"] if replies else run["message_id"]
        others = [step for step in steps if step["type"] not in _MESSAGES]
        one = Behind(run, calls[run["run_id"]], others)
        if place in messages:
            behind[place].append(one)
        else:
            yield Apart(run["started_at"], [one])
    runs = {run["run_id"] for run in whole.runs}
    for step in whole.steps:
        if step["type"] in _MESSAGES:
            name = step["step_id"]
            is_participants = step["type"] == StepType.USER_MESSAGE.value
            changes = _changes(revisions[name])
            yield Said(step, is_participants, changes, behind[name], elements[name], ratings[name])
        elif step["run_id"] not in runs:
            yield Apart(step["created_at"], work=[step])


def _changes(states: list[Row]) -> list[Change]:
    return [
        Change(after["revision"], after["created_at"], word_diff(before["output"], after["output"]))
        for before, after in pairwise(states)
        if before["output"] != after["output"]
    ]


def _happened(whole: WholeThread) -> Iterable[Happened]:
    for event in whole.events:
        yield Happened(event["type"], event["timestamp"], event["payload"] or {})
    for number, connection in enumerate(whole.connections):
        kind = "page_opened" if number == 0 else "page_opened_again"
        yield Happened(kind, connection["opened_at"], {})
        if connection["closed_at"] is not None:
            reason = {"reason": connection["close_reason"]} if connection["close_reason"] else {}
            yield Happened("page_closed", connection["closed_at"], reason)
    for run in whole.runs:
        if run["error_type"]:
            at = run["ended_at"] or run["started_at"]
            yield Happened(
                "agent_failed", at, {"error": run["error_type"], "message": run["error_message"] or ""}
            )


def _by(rows: Iterable[Row], name: str) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[name] is not None:
            grouped[row[name]].append(row)
    return grouped


def _at(entry: Said | Apart | Happened) -> datetime:
    at: datetime = entry.step["created_at"] if isinstance(entry, Said) else entry.at
    return at


def _ended(entry: Said | Apart | Happened) -> datetime:
    if isinstance(entry, Said):
        ended: datetime = entry.step["ended_at"] or entry.step["created_at"]
        return ended
    return entry.at


def _when(entry: Said | Apart | Happened) -> tuple[datetime, int]:
    return _at(entry), entry.step["seq"] if isinstance(entry, Said) else 0


def _size(lasted: timedelta) -> int:
    seconds = lasted.total_seconds()
    return 1 + sum(seconds >= least for least in (120, 600, 3600, 18_000, 86_400))
