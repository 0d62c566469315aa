"""A thread's time line: a thin strip of marks, and the same in words for what stands out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from research.thread.entries import Branch, Day, Entry, Happened, OrphanWork, Pause, Said
from study.intents import IntentMove
from study.vocabulary import Status
from web.numbers import span

WIDTH: Final = 1000
# From here on a silence stands out: an hour.
_LONG: Final = 4
_FAILED: Final = frozenset({"agent_failed", "refused"})
_RATED: Final = frozenset({"rated_good", "rated_bad", "rating_taken_back"})
_INTENTS: Final = frozenset(f"intent_{move.value}" for move in IntentMove)
_EDITED: Final = frozenset({"message_edited", "branch_shown"})
_STATUS: Final = {
    Status.STOPPED.value: "A reply was stopped",
    Status.INTERRUPTED.value: "A reply broke off",
    Status.FAILED.value: "A reply failed",
}


# What each kind of mark is called in the strip's legend, in its order.
_LEGEND: Final = {
    "participant": "participant",
    "agent": "agent",
    "pause": "silence",
    "rated": "rating",
    "edited": "edited, or left the screen",
    "bad": "stopped, broke off or failed",
    "other": "something else that happened",
}
_ALIKE: Final = {"branch": "edited"}


@dataclass(frozen=True)
class TimelineMark:
    """A place on the strip.

    Args:
        kind: What it looks like: participant, agent, pause, bad, rated, edited, branch, other.
        target: The place on the page.
        words: What stands there.
        stands_out: Whether it is in the list, too.
        at: When; None for a silence.
        x: Where it begins, of WIDTH.
        width: How far it goes.
    """

    kind: str
    target: str
    words: str
    stands_out: bool = False
    at: datetime | None = None
    x: float = 0
    width: float = 0


def strip_of(entries: list[Entry]) -> list[TimelineMark]:
    """The marks of a thread: messages are of one width, a silence is as wide as it is high on the page."""
    marks: list[tuple[TimelineMark, float, float]] = []
    place = 0.0
    for entry in entries:
        for mark, room in _marks(entry):
            marks.append((mark, place, room or 1))
            place += room
    scale = WIDTH / max(place, 1)
    # Wide enough to be seen, narrow enough to be one of many.
    least, most = 2.0, 12.0
    return [
        TimelineMark(
            mark.kind,
            mark.target,
            mark.words,
            mark.stands_out,
            mark.at,
            round(x * scale, 1),
            round(wide * scale if mark.kind == "pause" else min(max(wide * scale * 0.7, least), most), 1),
        )
        for mark, x, wide in marks
    ]


def legend_of(marks: list[TimelineMark]) -> list[tuple[str, str]]:
    """What the colours of a strip mean: of those that are on it, the kind and its words."""
    kinds = {_ALIKE.get(mark.kind, mark.kind) for mark in marks}
    return [(kind, words) for kind, words in _LEGEND.items() if kind in kinds]


def _marks(entry: Entry) -> list[tuple[TimelineMark, float]]:
    """Marks, each with the room that it takes; what happened takes none."""
    match entry:
        case Said():
            return _said(entry)
        case Pause():
            words = f"{span(entry.lasted)} of silence"
            return [(TimelineMark("pause", entry.name, words, entry.size >= _LONG), entry.size)]
        case Branch():
            words = "A branch that left the screen"
            at = entry.shown[0][0] if entry.shown else None
            return [(TimelineMark("branch", f"branch-{entry.name}", words, True, at), 1)]
        case Happened():
            kind = _kind(entry.kind)
            stands_out = kind != "other" or entry.kind in _INTENTS
            return [(TimelineMark(kind, entry.name, entry.words, stands_out, entry.at), 0)]
        case Day() | OrphanWork():
            return []
        case _:
            assert_never(entry)


def _said(entry: Said) -> list[tuple[TimelineMark, float]]:
    step = entry.step
    who = "Participant" if entry.is_participants else step["name"]
    kind = "participant" if entry.is_participants else "agent"
    at = step["created_at"]
    marks = [(TimelineMark(kind, step["step_id"], who, at=at), 1.0)]
    if step["status"] in _STATUS:
        marks.append((TimelineMark("bad", step["step_id"], _STATUS[step["status"]], True, at), 0))
    if step["deleted_at"] is not None:
        marks.append((TimelineMark("edited", step["step_id"], "A message left the screen", True, at), 0))
    return marks


def _kind(happened: str) -> str:
    if happened in _FAILED:
        return "bad"
    if happened in _RATED:
        return "rated"
    return "edited" if happened in _EDITED else "other"
