"""One participant's way through the protocol, as their page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.review.taking_part import PathTaken
from study.vocabulary import AnswerState

# How a visit of a stage ended, in words (study.protocol.machine.VisitOutcome).
OUTCOMES: Final[Mapping[str, str]] = {
    "passed": "went on",
    "again": "a wrong answer, with a try left",
    "restarted": "came back after having been away, and began it anew",
    "ended": "taking part ended",
}
_STATES: Final[Mapping[str, str]] = {
    AnswerState.SKIPPED.value: "left out",
    AnswerState.HIDDEN.value: "not shown: its condition did not hold",
}


@dataclass(frozen=True)
class DrawnPath:
    """What the page shows.

    Args:
        standing: stage_id, ending, usable, why_not, and their times.
        visits: Each page that they stood at, with `minutes` and `became`.
        consents: What they decided, with `ticked` and `unticked`.
        sent: The answers of each visit, in its order: stage_id, attempt, survey, sent_at and answers, each
            with `read` (as it read) and `state_words`.
        checks: Answers that were checks of attention or comprehension.
    """

    standing: Row
    visits: Sequence[Row]
    consents: Sequence[Row]
    sent: Sequence[Row]
    checks: Sequence[Row]


def drawn_path(path: PathTaken, now: datetime) -> DrawnPath:
    """Make it ready to be drawn.

    Args:
        path: As it was read.
        now: For a stage that they stand at.
    """
    answers = [row | _in_words(row) for row in path.answers]
    return DrawnPath(
        path.standing,
        [row | _visit(row, path.standing, now) for row in path.visits],
        [row | _boxes(row["boxes"]) for row in path.consents],
        _by_visit(answers),
        [row for row in answers if row["check_kind"]],
    )


def _visit(row: Row, standing: Row, now: datetime) -> Row:
    """Somebody who has gone without a word ends the stage's time with their last sign."""
    is_here = row["left_at"] is None
    until = row["left_at"] or min(now, max(standing["seen_at"], row["entered_at"]))
    became = "is here" if is_here else OUTCOMES.get(row["outcome"], row["outcome"])
    return {"minutes": (until - row["entered_at"]).total_seconds() / 60, "became": became}


def _boxes(boxes: Mapping[str, bool]) -> Row:
    return {
        "ticked": [name for name, value in boxes.items() if value],
        "unticked": [name for name, value in boxes.items() if not value],
    }


def _in_words(row: Row) -> Row:
    said = row["value_label"] or row["value"]
    if said is None:
        said = _read(row["answer"])
    return {"read": said or "", "state_words": _STATES.get(row["state"], "")}


def _read(answer: Any) -> str:
    if isinstance(answer, list):
        return ", ".join(map(str, answer))
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else str(answer)


def _by_visit(answers: Sequence[Row]) -> list[Row]:
    sent: list[Row] = []
    for row in answers:
        if not sent or sent[-1]["visit"] != row["visit"]:
            names = ("visit", "stage_id", "attempt", "survey", "sent_at")
            sent.append({**{name: row[name] for name in names}, "answers": []})
        sent[-1]["answers"].append(row)
    return sent
