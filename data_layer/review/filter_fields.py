"""A filter of threads as it is written down: by the page of threads, a saved view, an export."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from data_layer.review.filters import ThreadFilter
from study.errors import QueryError
from study.numbers import whole_number

LONGEST: Final = 500
# `q` is the search: data_layer/review/query.py reads it. The others make a ThreadFilter.
FIELDS: Final = (
    "q",
    "since",
    "until",
    "agent",
    "state",
    "participant",
    "simulated",
    "imported",
    "least",
    "most",
    "rating",
    "error",
    "stopped",
    "edited",
    "deleted",
    "archived",
    "intent",
    "title",
    "tag",
    "model",
    "annotated",
    "code",
    "by",
    "assigned",
    "coded",
)
NOBODY: Final = "nobody"
ANYBODY: Final = "anybody"
_MOST_DIGITS: Final = 6
_CHOICES: Final[dict[str, bool | None]] = {"yes": True, "no": False}
_ASSIGNED: Final = {ANYBODY: True, NOBODY: False}
_CODED: Final = {"done": True, "open": False}
_RATINGS: Final = {"up": 1, "down": 0}


def filter_of(asked: Mapping[str, str]) -> ThreadFilter:
    """Read the fields.

    Args:
        asked: Of FIELDS those that narrow, as they were written.

    Raises:
        QueryError: A date or a number is none; says how to write it.
    """
    asked = {name: asked.get(name, "") for name in FIELDS}
    since, until = day_of("Begun from", asked["since"]), day_of("Begun until", asked["until"])
    return ThreadFilter(
        since=since,
        before=_day_after(until) if until else None,
        title=asked["title"],
        agent=asked["agent"],
        state=asked["state"],
        participant=asked["participant"].lower(),
        simulated=_CHOICES.get(asked["simulated"]),
        imported=_CHOICES.get(asked["imported"]),
        least_turns=_number(asked["least"]),
        most_turns=_number(asked["most"]),
        rating=_RATINGS.get(asked["rating"]),
        error=_CHOICES.get(asked["error"]),
        stopped=_CHOICES.get(asked["stopped"]),
        edited=_CHOICES.get(asked["edited"]),
        deleted=_CHOICES.get(asked["deleted"]),
        archived=_CHOICES.get(asked["archived"]),
        intent=asked["intent"],
        tag=asked["tag"],
        model=asked["model"],
        annotated=_CHOICES.get(asked["annotated"]),
        code=asked["code"],
        annotated_by=asked["by"],
        assigned=_ASSIGNED.get(asked["assigned"]),
        finished=_CODED.get(asked["coded"]),
        assigned_to="" if asked["assigned"] in _ASSIGNED else asked["assigned"],
    )


def day_of(field: str, written: str) -> datetime | None:
    """The beginning of a UTC day that a field names; None where it is empty.

    Args:
        field: What the page calls it.
        written: What stands in it.

    Raises:
        QueryError: It is no date; says how to write it.
    """
    if not written:
        return None
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise QueryError(f"{field}: “{written}” is no date. Write it like: 2026-03-02") from error


def _day_after(day: datetime) -> datetime | None:
    """None behind the last day that there is: nothing comes after it."""
    return day + timedelta(days=1) if day.date() < date.max else None


def _number(written: str) -> int | None:
    if not written:
        return None
    if (number := whole_number(written, _MOST_DIGITS)) is None:
        raise QueryError(f"“{written}” is no number of turns. Write it like: 5")
    return number
