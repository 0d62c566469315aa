"""The overview's figures as a page needs them: from counted rows to tables, plots and sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from data_layer.review.overview import BOUNDS_MS, OVER_MS, Overview
from research import charts
from research.charts import Spec

NO_AGENT: Final = "no agent"
_WHOLE: Final = "complete"
_KIB: Final = 1024


@dataclass(frozen=True)
class Plot:
    """A question, its plot, and the table behind it.

    Args:
        name: Of its place in the page.
        question: Which it answers.
        answer: In one sentence, for whoever does not see the plot.
        columns: Of the table: the row's key and the heading.
        rows: Of the table, and of the plot.
        spec: Vega-Lite's.
    """

    name: str
    question: str
    answer: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    spec: Spec


def plots(found: Overview) -> list[Plot]:
    """The plots that have something to show, in the order of the page."""
    made = [_threads(found), _messages(found), _funnel(found), _first_words(found), _whole_reply(found)]
    return [plot for plot in [*made, _trouble(found)] if plot.rows]


def totals(found: Overview) -> dict[str, int]:
    """Sums: threads, messages, deleted, replies, failed, interrupted, stopped, disconnects."""
    statuses = Counter[str]()
    for row in found.runs:
        statuses[row["status"]] += row["runs"]
    sums = {name: sum(row[name] for row in found.days) for name in ("threads", "messages", "deleted")}
    closed = sum(row["connections"] for row in found.connections if row["reason"] is not None)
    by_status = {name: statuses[name] for name in ("failed", "interrupted", "stopped")}
    return sums | by_status | {"replies": statuses.total(), "disconnects": closed}


def within(found: Overview, measure: str, share: float) -> int | None:
    """The shortest time, in milliseconds, within which a share of the replies lay.

    Args:
        found: The figures.
        measure: "ttft" or "latency".
        share: Such as 0.5.

    Returns:
        The upper end of a group, so at most that; None where nothing was timed.
    """
    counted = _times(found, measure)
    needed, passed = share * counted.total(), 0
    for bound in sorted(counted):
        passed += counted[bound]
        if passed >= needed:
            return bound
    return None


def duration(milliseconds: int | None) -> str:
    """A group's upper end for people."""
    if milliseconds is None:
        return "–"
    return "over 60 s" if milliseconds >= OVER_MS else f"≤ {milliseconds / 1000:g} s"


def size(count: float) -> str:
    """Bytes for people."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < _KIB:
            return f"{count:,.0f} {unit}"
        count /= _KIB
    return f"{count:,.1f} TB"


def _threads(found: Overview) -> Plot:
    rows = [row | {"agent": row["agent"] or NO_AGENT} for row in found.days]
    total, days = totals(found)["threads"], len({row["day"] for row in rows})
    columns = {"day": "Day (UTC)", "agent": "Agent", "threads": "Threads"}
    return Plot(
        "threads",
        "How many threads began each day, and with which agent?",
        f"{total:,} threads on {days:,} days.",
        columns | {"ended": "Ended", "deleted": "Deleted by participants"},
        rows,
        charts.per_day(_only(rows, columns), "threads", "threads", "agent", "Agent"),
    )


def _messages(found: Overview) -> Plot:
    columns = {"day": "Day (UTC)", "agent": "Agent", "messages": "Messages"}
    rows = _only([row | {"agent": row["agent"] or NO_AGENT} for row in found.days], columns)
    return Plot(
        "messages",
        "How much was said?",
        f"{totals(found)['messages']:,} messages, on the day on which their thread began.",
        columns,
        rows,
        charts.per_day(rows, "messages", "messages", "agent", "Agent"),
    )


def _funnel(found: Overview) -> Plot:
    people = found.participants
    steps = {
        "Entered": people["entered"],
        "Began a thread": people["began"],
        "Exchanged 4 messages": people["exchanged"],
        "Finished a thread": people["finished"],
    }
    rows = [
        {"step": step, "participants": count, "share": f"{count / max(people['entered'], 1):.0%}"}
        for step, count in steps.items()
    ]
    columns = {"step": "Step", "participants": "Participants", "share": "Of those who entered"}
    return Plot(
        "funnel",
        "How far do participants come?",
        f"{people['began']:,} of {people['entered']:,} began a thread, {people['finished']:,} finished one.",
        columns,
        rows if people["entered"] else [],
        charts.funnel(rows),
    )


def _first_words(found: Overview) -> Plot:
    half, most = duration(within(found, "ttft", 0.5)), duration(within(found, "ttft", 0.95))
    answer = f"Time to the first words: half {half}, 95 % {most}."
    return _waiting(found, "ttft", "How long do participants wait for the first words?", answer)


def _whole_reply(found: Overview) -> Plot:
    half, most = duration(within(found, "latency", 0.5)), duration(within(found, "latency", 0.95))
    answer = f"Time to the whole reply: half {half}, 95 % {most}."
    return _waiting(found, "latency", "How long until a reply is whole?", answer)


def _waiting(found: Overview, measure: str, question: str, answer: str) -> Plot:
    counted = _times(found, measure)
    rows = [{"within": duration(bound), "replies": counted[bound]} for bound in (*BOUNDS_MS, OVER_MS)]
    columns = {"within": "Time", "replies": "Replies"}
    shown = rows if counted else []
    return Plot(measure, question, answer, columns, shown, charts.waiting(rows))


def _trouble(found: Overview) -> Plot:
    counted = Counter[tuple[str, str]]()
    for row in found.runs:
        if row["status"] != _WHOLE:
            counted[row["day"], row["status"]] += row["runs"]
    rows = [
        {"day": day, "status": status, "replies": count} for (day, status), count in sorted(counted.items())
    ]
    columns = {"day": "Day (UTC)", "status": "How it ended", "replies": "Replies"}
    return Plot(
        "trouble",
        "Which replies did not come to their end?",
        f"{counted.total():,} of {totals(found)['replies']:,} replies.",
        columns,
        rows,
        charts.per_day(rows, "replies", "replies", "status", "How it ended"),
    )


def _times(found: Overview, measure: str) -> Counter[int]:
    counted = Counter[int]()
    for row in found.runs:
        if row[measure] is not None:
            counted[row[measure]] += row["runs"]
    return counted


def _only(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in columns} for row in rows]
