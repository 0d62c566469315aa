"""The overview's figures as a page needs them: from counted rows to tables, plots and sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from data_layer.review.overview import Overview
from data_layer.review.overview_queries import BOUNDS_MS, OVER_MS
from data_layer.writes import Row
from research import charts
from research.charts import Spec

NO_AGENT: Final = "no agent"
_WHOLE: Final = "complete"
_KIB: Final = 1024
# Days, today among them, by which growth is reckoned.
LATELY: Final = 7
# python-socketio's reasons: the page itself let go, when it is left or shows another thread.
_LEFT: Final = frozenset({"client disconnect"})
# And those that no leaving has; the last is ours (data_layer/recovery.py).
_BROKEN: Final = frozenset({"ping timeout", "transport error", "server stopped"})
WAYS_IN: Final = {
    "login": "by a name",
    "link": "by a personal link",
    "account": "with an account",
    "simulation": "simulated",
}


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
    who = [_arrivals(found), _funnel(found), _threads(found), _messages(found)]
    how = [_first_words(found), _whole_reply(found), _trouble(found), _broken(found)]
    return [plot for plot in [*who, *how] if plot.rows]


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
    times = _times(found, measure)
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


def counted(count: int, one: str, many: str | None = None) -> str:
    """How many of something: "1 thread", "2 threads"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


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


def size(count: float) -> str:
    """Bytes for people."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < _KIB:
            return f"{count:,.0f} {unit}"
        count /= _KIB
    return f"{count:,.1f} TB"


def _arrivals(found: Overview) -> Plot:
    rows = [row | {"source": WAYS_IN.get(row["source"], row["source"])} for row in found.arrivals]
    columns = {"day": "Day (UTC)", "source": "How", "participants": "Participants"}
    total, days = sum(row["participants"] for row in rows), len({row["day"] for row in rows})
    return Plot(
        "arrivals",
        "How many participants came each day?",
        f"{counted(total, 'participant')} on {counted(days, 'day')}.",
        columns,
        rows,
        charts.per_day(rows, "participants", "participants", "source", "How"),
    )


def _threads(found: Overview) -> Plot:
    rows = [row | {"agent": row["agent"] or NO_AGENT} for row in found.days]
    total, days = totals(found)["threads"], len({row["day"] for row in rows})
    columns = {"day": "Day (UTC)", "agent": "Agent", "threads": "Threads"}
    return Plot(
        "threads",
        "How many threads began each day, and with which agent?",
        f"{counted(total, 'thread')} on {counted(days, 'day')}.",
        columns | {"participants": "Participants", "ended": "Ended", "deleted": "Deleted by participants"},
        rows,
        charts.per_day(_only(rows, columns), "threads", "threads", "agent", "Agent"),
    )


def _messages(found: Overview) -> Plot:
    columns = {"day": "Day (UTC)", "agent": "Agent", "messages": "Messages"}
    rows = _only([row | {"agent": row["agent"] or NO_AGENT} for row in found.days], columns)
    return Plot(
        "messages",
        "How much was said?",
        f"{counted(totals(found)['messages'], 'message')}, on the day on which the thread began.",
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
    times = _times(found, measure)
    rows = [{"within": duration(bound), "replies": times[bound]} for bound in (*BOUNDS_MS, OVER_MS)]
    columns = {"within": "Time", "replies": "Replies"}
    shown = rows if times else []
    return Plot(measure, question, answer, columns, shown, charts.waiting(rows))


def _trouble(found: Overview) -> Plot:
    sums = Counter[tuple[str, str]]()
    for row in found.runs:
        if row["status"] != _WHOLE:
            sums[row["day"], row["status"]] += row["runs"]
    rows = [{"day": day, "status": status, "replies": count} for (day, status), count in sorted(sums.items())]
    columns = {"day": "Day (UTC)", "status": "How it ended", "replies": "Replies"}
    return Plot(
        "trouble",
        "Which replies did not come to their end?",
        f"{sums.total():,} of {counted(totals(found)['replies'], 'reply', 'replies')}.",
        columns,
        rows,
        charts.per_day(rows, "replies", "replies", "status", "How it ended"),
    )


def _broken(found: Overview) -> Plot:
    sums = Counter[tuple[str, str]]()
    for row in found.connections:
        if is_broken(row):
            became = "came back" if row["returned"] else "did not come back"
            sums[row["day"], became] += row["connections"]
    rows = [
        {"day": day, "became": became, "connections": count} for (day, became), count in sorted(sums.items())
    ]
    returned = sum(count for (_, became), count in sums.items() if became == "came back")
    return Plot(
        "broken",
        "When did connections break off, and did the page come back?",
        f"{counted(sums.total(), 'connection')} broke off; {returned:,} came back.",
        {"day": "Day (UTC)", "became": "The page", "connections": "Connections"},
        rows,
        charts.per_day(rows, "connections", "connections", "became", "The page"),
    )


def _times(found: Overview, measure: str) -> Counter[int]:
    times = Counter[int]()
    for row in found.runs:
        if row[measure] is not None:
            times[row[measure]] += row["runs"]
    return times


def _only(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in columns} for row in rows]
