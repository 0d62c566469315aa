"""Where a participant stands, and what becomes of what they do: no clock, no database, no page.

The position is the server's. What a page sends names the visit that it was drawn for; any other visit is
stale, and gets the present page. An ending is absorbing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Any, Final, TypeAlias

from study.forms.conditions import holds
from study.protocol.definition import COMPLETED, TIMED_OUT, WITHDREW, Protocol
from study.protocol.stages import (
    ChatDefinition,
    ConsentDefinition,
    DebriefDefinition,
    InstructionsDefinition,
    StageDefinition,
    SurveyDefinition,
    WaitDefinition,
)


@unique
class VisitOutcome(StrEnum):
    """How a visit of a stage ended."""

    PASSED = "passed"
    AGAIN = "again"  # a wrong quiz, with a try left
    RESTARTED = "restarted"  # somebody came back after having been away
    ENDED = "ended"  # and taking part with it


@dataclass(frozen=True, slots=True)
class Position:
    """Where a participant stands.

    Args:
        stage: The stage's id; the last one that was entered where taking part has ended.
        visit: Grows by one each time the page becomes another: what is compared and set.
        attempt: Which try of the stage this is, from 1.
        began_at: When the first stage was entered.
        entered_at: When this visit began.
        seen_at: The last sign of them.
        ending: How taking part has ended; None while it goes on.
        condition: Theirs; None before it is assigned, and where nothing differs between participants.
    """

    stage: str
    visit: int
    attempt: int
    began_at: datetime
    entered_at: datetime
    seen_at: datetime
    ending: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Consented:
    """The boxes of a consent were decided on."""

    boxes: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """A survey was answered.

    Args:
        answers: Of this survey by item, of earlier ones by stage and item ("before.support").
        attention_failed: Attention checks that were failed in this survey.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    attention_failed: int = 0


@dataclass(frozen=True, slots=True)
class WasRead:
    """Instructions were read, and their quiz answered where there is one."""

    right: bool = True


@dataclass(frozen=True, slots=True)
class Talked:
    """A participant wants to go on from a chat.

    Args:
        turns: Messages that they have written in it.
        seconds: Since it began.
    """

    turns: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Waited:
    """A participant wants to go on from a wait.

    Args:
        now: The time.
    """

    now: datetime


@dataclass(frozen=True, slots=True)
class Debriefed:
    """The purpose was read; whoever does not stay withdraws."""

    stays: bool = True


@dataclass(frozen=True, slots=True)
class AgentGone:
    """The agent of a chat fails, and does not come back."""


Move: TypeAlias = Consented | SurveyAnswered | WasRead | Talked | Waited | Debriefed | AgentGone


class StaleVisit(Exception):
    """A page sent something from an earlier visit, or after the end: it gets the present page."""


class MoveOfAnotherStage(Exception):
    """A page sent what is not for this kind of stage."""


class TooEarly(Exception):
    """A chat or a wait is not to be left yet.

    Args:
        turns: Messages that lack.
        seconds: Seconds that lack.
    """

    def __init__(self, turns: int, seconds: float) -> None:
        super().__init__(f"{turns} turns and {seconds:.0f} seconds lack")
        self.turns = turns
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of a move.

    Args:
        position: Where they stand now.
        outcome: How the visit ended that they come from.
        entered: The stage that they come to; None where taking part has ended, or it is the same one.
    """

    position: Position
    outcome: VisitOutcome
    entered: StageDefinition | None = None


def begin(protocol: Protocol, now: datetime) -> Position:
    """Enter the first stage."""
    return Position(protocol.stages[0].id, 1, 1, now, now, now)


def move(protocol: Protocol, position: Position, visit: int, what: Move, now: datetime) -> Moved:
    """Do what a page asks for.

    Args:
        protocol: The study's.
        position: Where the participant stands.
        visit: For which the page was drawn.
        what: It asks for.
        now: The time.

    Raises:
        StaleVisit: The page is an earlier one, or taking part has ended.
        MoveOfAnotherStage: What it asks for is not for this stage.
        TooEarly: The chat or the wait is not to be left yet.
    """
    if position.ending is not None or visit != position.visit:
        raise StaleVisit
    if (over := overdue(protocol, position, now)) is not None:
        return over
    stage = protocol.stage(position.stage)
    for kind, moves, judge in JUDGES:
        if isinstance(stage, kind) and isinstance(what, moves):
            ending = judge(stage, position, what)
            if ending == _AGAIN:
                return _again(position, now)
            return _end(position, ending, now) if ending else _pass(protocol, position, now)
    raise MoveOfAnotherStage(f"{type(what).__name__} in a stage of kind {stage.kind}")


def overdue(protocol: Protocol, position: Position, now: datetime) -> Moved | None:
    """Whether the time for all of it is over."""
    whole = protocol.time.whole
    if position.ending is not None or whole is None or now - position.began_at < timedelta(seconds=whole):
        return None
    return _end(position, TIMED_OUT, now)


def come_back(protocol: Protocol, position: Position, now: datetime) -> Moved | None:
    """Somebody opens a page.

    Returns:
        What becomes of their place where they had been away for longer than the study says; else None.
    """
    if position.ending is not None:
        return None
    if (over := overdue(protocol, position, now)) is not None:
        return over
    away = protocol.time.away
    if isinstance(protocol.stage(position.stage), WaitDefinition):
        return None  # who waits gives no sign because the study has nothing to do for them
    if away is None or now - position.seen_at < timedelta(seconds=away) or protocol.comes_back == "continue":
        return None
    if protocol.comes_back == "end":
        return _end(position, TIMED_OUT, now)
    anew = replace(position, visit=position.visit + 1, entered_at=now, seen_at=now)
    return Moved(anew, VisitOutcome.RESTARTED, protocol.stage(position.stage))


def end(position: Position, visit: int, ending: str, now: datetime) -> Moved:
    """End taking part, from outside the stages: there is no place left, or the participant withdraws.

    Raises:
        StaleVisit: It has ended already, or they stand elsewhere.
    """
    if position.ending is not None or visit != position.visit:
        raise StaleVisit
    return _end(position, ending, now)


_AGAIN: Final = "\0again"


def _end(position: Position, ending: str, now: datetime) -> Moved:
    ended = replace(position, visit=position.visit + 1, entered_at=now, seen_at=now, ending=ending)
    return Moved(ended, VisitOutcome.ENDED)


def _again(position: Position, now: datetime) -> Moved:
    once_more = replace(
        position, visit=position.visit + 1, attempt=position.attempt + 1, entered_at=now, seen_at=now
    )
    return Moved(once_more, VisitOutcome.AGAIN)


def _pass(protocol: Protocol, position: Position, now: datetime) -> Moved:
    ids = [stage.id for stage in protocol.stages]
    place = ids.index(position.stage) + 1
    if place == len(ids):
        return replace(_end(position, COMPLETED, now), outcome=VisitOutcome.PASSED)
    stage = protocol.stages[place]
    there = replace(
        position, stage=stage.id, visit=position.visit + 1, attempt=1, entered_at=now, seen_at=now
    )
    return Moved(there, VisitOutcome.PASSED, stage)


def _consent(stage: Any, _standing: Position, what: Any) -> str | None:
    return None if all(what.boxes.get(name) is True for name in stage.needed) else str(stage.otherwise)


def _survey(stage: Any, _standing: Position, what: Any) -> str | None:
    for rule in stage.end_if:
        if holds(rule, what.answers):
            return str(rule.ending)
    if stage.fails is not None and what.attention_failed >= stage.fails.attention:
        return str(stage.fails.ending)
    return None


def _instructions(stage: Any, position: Position, what: Any) -> str | None:
    if stage.quiz is None or what.right:
        return None
    return _AGAIN if position.attempt < stage.attempts else str(stage.otherwise)


def _chat(stage: Any, _standing: Position, what: Any) -> str | None:
    turns, seconds = lacking(stage, what.turns, what.seconds)
    if turns or seconds:
        raise TooEarly(turns, seconds)
    return None


def lacking(stage: ChatDefinition, turns: int, seconds: float) -> tuple[int, float]:
    """What lacks until a chat may be left; nothing where its end has come."""
    ended = (stage.turns.most is not None and turns >= stage.turns.most) or (
        stage.minutes.most is not None and seconds >= stage.minutes.most * 60
    )
    if ended:
        return 0, 0.0
    return max(0, (stage.turns.least or 0) - turns), max(0.0, (stage.minutes.least or 0) * 60 - seconds)


def _agent_gone(stage: Any, _standing: Position, _what: Any) -> str | None:
    if stage.on_failure is None:
        raise MoveOfAnotherStage("the study does not end when its agent fails")
    return str(stage.on_failure)


def _wait(stage: Any, position: Position, what: Any) -> str | None:
    if seconds := left_to_wait(stage, position.entered_at, what.now):
        raise TooEarly(0, seconds)
    return None


def left_to_wait(stage: WaitDefinition, entered_at: datetime, now: datetime) -> float:
    """Seconds until a wait is over; 0 where it is."""
    if stage.until is not None:
        over = datetime.fromisoformat(stage.until)
    else:
        over = entered_at + timedelta(seconds=stage.lasts or 0)
    return max(0.0, (over - now).total_seconds())


def _debrief(stage: Any, _standing: Position, what: Any) -> str | None:
    return None if what.stays or not stage.may_withdraw else WITHDREW


JUDGES: Final[tuple[tuple[type, type, Any], ...]] = (
    (ConsentDefinition, Consented, _consent),
    (SurveyDefinition, SurveyAnswered, _survey),
    (InstructionsDefinition, WasRead, _instructions),
    (ChatDefinition, Talked, _chat),
    (ChatDefinition, AgentGone, _agent_gone),
    (WaitDefinition, Waited, _wait),
    (DebriefDefinition, Debriefed, _debrief),
)
