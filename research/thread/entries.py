"""What a told thread is made of (story.py tells it)."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias, get_args

from data_layer.database.rows import Row
from research.thread.word_diff import DiffPiece


@dataclass(frozen=True)
class Change:
    """One wording after another."""

    revision: int
    at: datetime
    pieces: list[DiffPiece]


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

    @property
    def acts(self) -> list[tuple[bool, Row]]:
        """Calls and steps in their order, each with whether it is a call."""
        both = [*((True, call) for call in self.calls), *((False, step) for step in self.work)]
        return sorted(both, key=lambda one: int(one[1]["seq"]))


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
        begins_turn: Whether it is the message on the screen that begins its turn.
        can_return: Whether it can be brought back to the participant's screen.
    """

    step: Row
    is_participants: bool
    changes: list[Change]
    behind: list[Behind] = field(default_factory=list)
    elements: list[Row] = field(default_factory=list)
    ratings: list[Row] = field(default_factory=list)
    begins_turn: bool = False
    can_return: bool = False


@dataclass(frozen=True)
class OrphanWork:
    """Work that belongs to no message: of a run that answered none, or of no run that is kept.

    Args:
        at: When it began.
        behind: The run, when there is one.
        work: Steps without a run.
        branch: What it left the screen with.
    """

    at: datetime
    behind: list[Behind] = field(default_factory=list)
    work: list[Row] = field(default_factory=list)
    branch: str | None = None


@dataclass(frozen=True)
class Happened:
    """Something between the messages.

    Args:
        name: Of its place on the page.
        kind: As in happenings.WORDS, or an event's own type.
        at: When.
        words: What it was, for people.
        details: What else there is to say, each with its name.
        target: The message that it was about.
        unanswered: What was asked, and not answered.
        seen: Whether its participant saw it, and it stands on their screen.
    """

    name: str
    kind: str
    at: datetime
    words: str
    details: list[tuple[str, str]] = field(default_factory=list)
    target: str | None = None
    unanswered: tuple[str, ...] = ()
    seen: bool = False


@dataclass(frozen=True)
class Pause:
    """Nothing, for a while.

    Args:
        lasted: How long.
        size: From 1, half a minute, to 6, a day and more: each is some five times the one before.
        name: Of its place on the page.
    """

    lasted: timedelta
    size: int
    name: str = ""


@dataclass(frozen=True)
class Day:
    """A day begins (UTC)."""

    day: date


@dataclass(frozen=True)
class Branch:
    """What left the screen together, and can be brought back together by the participant.

    Args:
        name: As in `steps.branch`.
        message_id: Where it parted.
        revision: The wording of that message which it followed; None for another answer to the same.
        shown: When it stood on the screen, from and until; None where the record does not say.
        entries: What it holds, branches of its own too.
        messages: How many of them are messages.
    """

    name: str
    message_id: str
    revision: int | None
    shown: list[tuple[datetime, datetime | None]]
    entries: "list[Entry]"
    messages: int


Entry: TypeAlias = Said | OrphanWork | Happened | Pause | Day | Branch
_KINDS: Final = frozenset(get_args(Entry))


def kind_of(entry: Entry) -> str:
    """The name by which templates/thread.html has a macro for this kind of entry.

    Raises:
        LookupError: It is of no kind that a thread is told in.
    """
    if type(entry) not in _KINDS:
        raise LookupError(f"no thread is told in a {type(entry).__name__} (Entry)")
    return type(entry).__name__
