"""The overview's plots: each answers a question, in a sentence and with a table behind it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from agent.finish_reasons import cut_off_of
from data_layer.people.participants import SIMULATED
from data_layer.review.overview import Overview
from data_layer.review.overview_queries import BOUNDS_MS, OVER_MS
from research.overview import charts, palette
from research.overview.charts import Spec
from research.overview.figures import WAYS_IN, duration, is_broken, times_of, totals, within
from study.intents import IntentState
from study.vocabulary import CutOff
from web.numbers import counted, span

NO_AGENT: Final = "no agent"
UNDER_WAY: Final = "under way"
NO_REASON: Final = "none: failed or stopped"
_WHOLE: Final = "complete"
_OF_DAYS: Final = ("threads", "messages", "participants", "ended", "deleted")


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


def known_agents(found: Overview, agents: Sequence[str]) -> list[str]:
    """All that a study ever had, those of its file first: each keeps its colour, whatever is shown."""
    return [*agents, *sorted({row["agent"] for row in found.days if row["agent"]} - set(agents))]


def plots(found: Overview, agents: Sequence[str]) -> list[Plot]:
    """The plots that have something to show, in the order of the page.

    Args:
        found: The figures.
        agents: What `known_agents` gives of all days.
    """
    colours = palette.of_agents(agents, NO_AGENT)
    who = [_arrivals(found), _funnel(found), _threads(found, colours), _messages(found, colours)]
    who.append(_intents(found))
    how = [_first_words(found), _whole_reply(found), _trouble(found), _finished(found), _broken(found)]
    return [plot for plot in [*who, *how] if plot.rows]


def _arrivals(found: Overview) -> Plot:
    columns = {"day": "Day (UTC)", "source": "How", "participants": "Participants"}
    named = [row | {"source": WAYS_IN.get(row["source"], row["source"])} for row in found.arrivals]
    rows = _only(named, columns)
    colours = palette.of_ways(dict.fromkeys(row["source"] for row in rows), WAYS_IN[SIMULATED])
    total, days = sum(row["participants"] for row in rows), len({row["day"] for row in rows})
    return Plot(
        "arrivals",
        "How many participants came each day?",
        f"{counted(total, 'participant')} on {counted(days, 'day')}.",
        columns,
        rows,
        charts.per_day(rows, "participants", "participants", "source", "How", colours),
    )


def _threads(found: Overview, colours: Mapping[str, str]) -> Plot:
    rows = _by_agent(found)
    total, days = totals(found)["threads"], len({row["day"] for row in rows})
    columns = {"day": "Day (UTC)", "agent": "Agent", "threads": "Threads"}
    return Plot(
        "threads",
        "How many threads began each day, and with which agent?",
        f"{counted(total, 'thread')} on {counted(days, 'day')}.",
        columns | {"participants": "Participants", "ended": "Ended", "deleted": "Deleted by participants"},
        rows,
        charts.per_day(_only(rows, columns), "threads", "threads", "agent", "Agent", colours),
    )


def _messages(found: Overview, colours: Mapping[str, str]) -> Plot:
    columns = {"day": "Day (UTC)", "agent": "Agent", "messages": "Messages"}
    rows = _only(_by_agent(found), columns)
    return Plot(
        "messages",
        "How much was said?",
        f"{counted(totals(found)['messages'], 'message')}, on the day on which the thread began.",
        columns,
        rows,
        charts.per_day(rows, "messages", "messages", "agent", "Agent", colours),
    )


def _by_agent(found: Overview) -> list[dict[str, Any]]:
    """A row a day and agent: the rows of simulated participants and of others are one."""
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found.days:
        key = row["day"], row["agent"] or NO_AGENT
        into = sums.setdefault(key, {"day": key[0], "agent": key[1]} | dict.fromkeys(_OF_DAYS, 0))
        for name in _OF_DAYS:
            into[name] += row[name]
    return [sums[key] for key in sorted(sums)]


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


def _intents(found: Overview) -> Plot:
    sums: dict[tuple[str, str], Counter[str]] = {}
    for row in found.intents:
        key = row["title"], UNDER_WAY if row["state"] == IntentState.ACTIVE else row["state"]
        into = sums.setdefault(key, Counter())
        for name in ("intents", "turns", "seconds"):
            into[name] += row[name]
    rows: list[dict[str, Any]] = [
        {
            "intent": title,
            "state": state,
            "intents": sum_["intents"],
            "turns": f"{sum_['turns'] / sum_['intents']:.1f}",
            "time": "–" if state == UNDER_WAY else span(timedelta(seconds=sum_["seconds"] / sum_["intents"])),
        }
        for (title, state), sum_ in sorted(sums.items())
    ]
    ends = Counter[str]()
    for row in rows:
        ends[row["state"]] += row["intents"]
    return Plot(
        "intents",
        "What became of what participants wanted done?",
        f"{ends['completed']:,} of {counted(ends.total(), 'intent')} were completed, "
        f"{ends['abandoned']:,} abandoned.",
        {
            "intent": "Intent",
            "state": "How it stands",
            "intents": "Intents",
            "turns": "Turns each",
            "time": "Time each",
        },
        rows,
        charts.wanted(rows, palette.INTENTS),
    )


def _first_words(found: Overview) -> Plot:
    half, most = duration(within(found, "ttft", 0.5)), duration(within(found, "ttft", 0.95))
    answer = f"Time to the first words: median {half}, 95th percentile {most}."
    return _waiting(found, "ttft", "How long do participants wait for the first words?", answer)


def _whole_reply(found: Overview) -> Plot:
    half, most = duration(within(found, "latency", 0.5)), duration(within(found, "latency", 0.95))
    answer = f"Time to the whole reply: median {half}, 95th percentile {most}."
    return _waiting(found, "latency", "How long until a reply is whole?", answer)


def _waiting(found: Overview, measure: str, question: str, answer: str) -> Plot:
    times = times_of(found, measure)
    rows = [{"within": duration(bound), "replies": times[bound]} for bound in (*BOUNDS_MS, OVER_MS)]
    columns = {"within": "Time", "replies": "Replies"}
    shown = rows if times else []
    return Plot(measure, question, answer, columns, shown, charts.waiting(rows))


def _trouble(found: Overview) -> Plot:
    sums = Counter[tuple[str, str]]()
    for row in found.runs:
        if row["status"] != _WHOLE:
            sums[row["day"], row["status"]] += row["runs"]
    rows: list[dict[str, Any]] = [
        {"day": day, "status": status, "replies": count} for (day, status), count in sorted(sums.items())
    ]
    columns = {"day": "Day (UTC)", "status": "How it ended", "replies": "Replies"}
    colours = palette.of_statuses(row["status"] for row in rows)
    return Plot(
        "trouble",
        "Which replies did not come to their end?",
        f"{sums.total():,} of {counted(totals(found)['replies'], 'reply', 'replies')}.",
        columns,
        rows,
        charts.per_day(rows, "replies", "replies", "status", "How it ended", colours),
    )


def _finished(found: Overview) -> Plot:
    sums, reasons = Counter[tuple[str, str]](), Counter[CutOff | None]()
    for row in found.calls:
        sums[row["day"], row["finish_reason"] or NO_REASON] += row["calls"]
        reasons[cut_off_of(row["finish_reason"])] += row["calls"]
    rows: list[dict[str, Any]] = [
        {"day": day, "reason": reason, "replies": count} for (day, reason), count in sorted(sums.items())
    ]
    colours = palette.of_reasons((row["reason"] for row in rows), NO_REASON)
    length, filtered = reasons[CutOff.LENGTH], reasons[CutOff.CONTENT_FILTER]
    return Plot(
        "finished",
        "What did models say when they ended a reply?",
        f"{length:,} of {counted(sums.total(), 'reply', 'replies')} reached the longest length, "
        f"{filtered:,} met a content filter.",
        {"day": "Day (UTC)", "reason": "Finish reason", "replies": "Replies of models"},
        rows,
        charts.per_day(rows, "replies", "replies", "reason", "Finish reason", colours),
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
        charts.per_day(rows, "connections", "connections", "became", "The page", palette.BECAME),
    )


def _only(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in columns} for row in rows]
