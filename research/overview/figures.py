"""The overview's figures as a page needs them: sums of counted rows, and how they read."""

from collections import Counter
from datetime import date, timedelta
from typing import Final

from data_layer.database.rows import Row
from data_layer.people.participants import IMPORTED, SIMULATED
from data_layer.review.overview import Overview
from data_layer.review.overview_queries import OVER_MS

# Days, today among them, by which growth is reckoned.
LATELY: Final = 7
# python-socketio's reasons: the page itself let go, when it is left or shows another thread.
_LEFT: Final = frozenset({"client disconnect"})
# And those that no leaving has; the last is ours (data_layer/writing/recovery.py).
_BROKEN: Final = frozenset({"ping timeout", "transport error", "server stopped"})
WAYS_IN: Final = {
    "login": "by a name",
    "link": "by a personal link",
    "account": "with an account",
    SIMULATED: "simulated",
    IMPORTED: "imported",
}


def totals(found: Overview) -> dict[str, int]:
    """Sums: threads, messages, deleted, replies, failed, interrupted, stopped, disconnects, reconnects."""
    statuses = Counter[str]()
    for row in found.runs:
        statuses[row["status"]] += row["runs"]
    sums = {name: sum(row[name] for row in found.days) for name in ("threads", "messages", "deleted")}
    by_status = {name: statuses[name] for name in ("failed", "interrupted", "stopped")}
    broken = [row for row in found.connections if is_broken(row)]
    ends = {
        "disconnects": sum(row["connections"] for row in broken),
        "reconnects": sum(row["connections"] for row in broken if row["returned"]),
    }
    return sums | by_status | ends | {"replies": statuses.total()}


def is_broken(row: Row) -> bool:
    """Whether connections ended otherwise than by a participant's leaving.

    A page that is closed and a network that is gone close a socket alike; but a page that connects again was
    not closed.
    """
    if row["reason"] is None or row["reason"] in _LEFT:
        return False
    return row["reason"] in _BROKEN or bool(row["returned"])


def within(found: Overview, measure: str, share: float) -> int | None:
    """The shortest time, in milliseconds, within which a share of the replies lay.

    Args:
        found: The figures.
        measure: "ttft" or "latency".
        share: Such as 0.5.

    Returns:
        The upper end of a group, so at most that; None where nothing was timed.
    """
    times = times_of(found, measure)
    needed, passed = share * times.total(), 0
    for bound in sorted(times):
        passed += times[bound]
        if passed >= needed:
            return bound
    return None


def duration(milliseconds: int | None) -> str:
    """A group's upper end for people."""
    if milliseconds is None:
        return "–"
    return "over 60 s" if milliseconds >= OVER_MS else f"≤ {milliseconds / 1000:g} s"


def growth(found: Overview) -> float | None:
    """How many bytes a day come to it, about; None before anything was said.

    What a message has taken so far, with all that is kept around it, times the messages of the last days.
    """
    total = sum(row["messages"] for row in found.days)
    if not total:
        return None
    since = max(found.at.date() - timedelta(days=LATELY - 1), date.fromisoformat(found.days[0]["day"]))
    lately = sum(row["messages"] for row in found.days if row["day"] >= since.isoformat())
    days = max((found.at.date() - since).days + 1, 1)
    return float((found.database_bytes + found.files["bytes"]) / total * lately / days)


def times_of(found: Overview, measure: str) -> Counter[int]:
    """How many replies fell into each group of times, by its upper end; `measure` is "ttft" or "latency"."""
    times = Counter[int]()
    for row in found.runs:
        if row[measure] is not None:
            times[row[measure]] += row["runs"]
    return times
