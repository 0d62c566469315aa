"""A filter of threads as it is written down: by the page of threads, a saved view, an export."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from data_layer.review.filters import ThreadFilter
from data_layer.review.query import QueryError

LONGEST: Final = 500
# `q` is the search: data_layer/review/query.py reads it. The others make a ThreadFilter.
FIELDS: Final = (
    "q",
    "since",
    "until",
    "agent",
    "state",
    "participant",
    "least",
    "most",
    "rating",
    "error",
    "stopped",
    "edited",
    "deleted",
    "title",
    "tag",
    "model",
    "annotated",
    "code",
    "by",
    "assigned",
)
NOBODY: Final = "nobody"
ANYBODY: Final = "anybody"
_MOST_DIGITS: Final = 6
_CHOICES: Final[dict[str, bool | None]] = {"yes": True, "no": False}
_ASSIGNED: Final = {ANYBODY: True, NOBODY: False}
_RATINGS: Final = {"up": 1, "down": 0}


def filter_of(asked: Mapping[str, str]) -> ThreadFilter:
    """Read the fields.

    Args:
        asked: Of FIELDS those that narrow, as they were written.

    Raises:
        QueryError: A date or a number is none; says how to write it.
    """
    asked = {name: asked.get(name, "") for name in FIELDS}
    until = _day(asked["until"])
    return ThreadFilter(
        since=_day(asked["since"]),
        before=until + timedelta(days=1) if until else None,
        title=asked["title"],
        agent=asked["agent"],
        state=asked["state"],
        participant=asked["participant"].lower(),
        least_turns=_number(asked["least"]),
        most_turns=_number(asked["most"]),
        rating=_RATINGS.get(asked["rating"]),
        error=_CHOICES.get(asked["error"]),
        stopped=_CHOICES.get(asked["stopped"]),
        edited=_CHOICES.get(asked["edited"]),
        deleted=_CHOICES.get(asked["deleted"]),
        tag=asked["tag"],
        model=asked["model"],
        annotated=_CHOICES.get(asked["annotated"]),
        code=asked["code"],
        annotated_by=asked["by"],
        assigned=_ASSIGNED.get(asked["assigned"]),
        assigned_to="" if asked["assigned"] in _ASSIGNED else asked["assigned"],
    )


def _day(written: str) -> datetime | None:
    if not written:
        return None
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise QueryError(f"“{written}” is no date. Write it like: 2026-03-02") from error


def _number(written: str) -> int | None:
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS):
        raise QueryError(f"“{written}” is no number of turns. Write it like: 5")
    return int(written)
