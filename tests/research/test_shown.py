"""Which days the overview shows, and of whom; on the page, by its address."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from data_layer.record import Record
from data_layer.review.overview import Overview, people_of
from data_layer.review.query import QueryError
from research.overview import charts, palette
from research.overview.figures import WAYS_IN
from research.overview.shown_days import Busy, ShownDays, busy_days, narrowed, shown_days
from tests.data_layer.rows import begin_thread
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from tests.research.test_overview import called, closed, found, ran
from tests.research.test_threads import shown as said

STEPS = {"began": 1, "exchanged": 1, "finished": 0, "abandoned": 0}


def came(day: str, count: int = 1, source: str = "login") -> dict[str, Any]:
    """So many participants of a day."""
    return {"day": day, "source": source, "participants": count} | STEPS


def began(day: str, count: int = 1, simulated: int = 0) -> dict[str, Any]:
    """So many threads of a day."""
    row: dict[str, Any] = {"day": day, "agent": "A", "threads": count, "simulated": simulated}
    return row | {"messages": 2 * count, "deleted": 0, "ended": 0, "participants": count}


def some(**figures: Any) -> Overview:
    """Figures of two days, of whom one has simulated participants."""
    arrivals = [came("2026-11-24", 3, "simulation"), came("2026-11-25", 2)]
    days = [began("2026-11-24", 5, simulated=1), began("2026-11-25", 2)]
    made = found(arrivals=arrivals, days=days, participants=people_of(arrivals))
    return replace(made, **figures)


def test_each_table_of_figures_follows_the_days() -> None:
    """And whose they are; what has no day yet, an open connection, is of all days only."""
    open_now = closed(None, 1) | {"day": None}
    both: list[dict[str, Any]] = [{"simulated": 0}, {"day": "2026-11-24", "simulated": 1}]
    every = some(
        runs=[ran(1) | one for one in both],
        calls=[called(1, "stop") | one for one in both],
        connections=[*(closed("ping timeout", 1) | one for one in both), open_now | both[0]],
    )
    for shown in (ShownDays(since=date(2026, 11, 25)), ShownDays(until=date(2026, 11, 25), simulated="no")):
        part = narrowed(every, shown)
        assert part.participants["entered"] == 2
        assert [row["day"] for row in part.arrivals] == ["2026-11-25"]
        for rows in (part.days, part.runs, part.calls, part.connections):
            assert [(row["day"], row["simulated"]) for row in rows] == [("2026-11-25", 0)]
    assert len(narrowed(every, ShownDays(simulated="no")).connections) == 2
    assert narrowed(every, ShownDays(simulated="yes")).participants["simulated"] == 3
    assert narrowed(every, ShownDays()) == every


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"since": "soon"}, "From: “soon” is no date. Write it like: 2026-03-02"),
        ({"until": "2026-02-30"}, "Until: “2026-02-30” is no date. Write it like: 2026-03-02"),
        (
            {"since": "2026-03-03", "until": "2026-03-02"},
            "From: 2026-03-03 is later than Until, 2026-03-02. Write the earlier day into From.",
        ),
        ({"days": "8"}, "Days: “8” is none of its choices."),
        ({"days": "7", "until": "2026-03-02"}, "Days: From and Until say it already."),
        ({"simulated": "some"}, "Simulated: “some” is none of its choices. Write it like: simulated=no"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_repair(asked: dict[str, str], sentence: str) -> None:
    """The field, and how to write it."""
    with pytest.raises(QueryError, match=re.escape(sentence)):
        shown_days(asked, some(), None)


def test_quick_choices_are_days() -> None:
    """Today is one of the last seven; without far visits the busy days are all days."""
    busy = Busy(date(2026, 3, 2), date(2026, 4, 12), 3, 1)
    lately = shown_days({"days": "7"}, some(), None)
    assert (lately.since, lately.until) == (date(2026, 11, 19), date(2026, 11, 25))
    assert lately.fields == {"since": "2026-11-19", "until": "2026-11-25"}
    assert shown_days({"days": "busy"}, some(), busy).since == busy.first
    assert not shown_days({"days": "busy"}, some(), None).by_day


def test_a_few_visits_far_away_are_no_busy_days() -> None:
    """Before and behind; but what is no small share of a study, or follows soon, belongs to it."""
    days = [began("2025-12-01"), began("2026-03-02", 60), began("2026-03-16", 40), began("2026-11-20", 2)]
    assert busy_days(found(days=days)) == Busy(date(2026, 3, 2), date(2026, 3, 16), 3, 0)
    assert busy_days(found(days=days[1:3])) is None
    assert busy_days(found(days=[*days, began("2026-11-21", 20)])) is None
    only_came = found(days=days[1:3], arrivals=[came("2026-11-20")])
    assert busy_days(only_came) == Busy(date(2026, 3, 2), date(2026, 3, 16), 0, 1)


def test_a_long_stretch_without_anything_is_one_gap() -> None:
    """It says how long it was, so that a visit months later does not press all days into a corner."""
    rows = [{"day": day, "agent": "A", "threads": 3} for day in ("2026-03-02", "2026-03-04", "2026-11-29")]
    spec = charts.per_day(rows, "threads", "threads", "agent", "Agent", {"A": "agent-1"})
    bars, gap = spec["layer"]
    days = bars["encoding"]["x"]["scale"]["domain"]
    assert days[:3] == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert days[4:] == ["2026-11-29"]
    assert gap["encoding"]["x"]["datum"] == days[3]
    assert gap["mark"]["text"] == "269 days without any, from 2026-03-05"


def test_an_agent_keeps_its_colour_whichever_are_shown() -> None:
    """A plot names the colours of what is in it, and of nothing else."""
    colours = palette.of_agents(["A", "B"], "no agent")
    rows = [{"day": "2026-03-02", "agent": "B", "threads": 3}]
    scale = charts.per_day(rows, "threads", "threads", "agent", "Agent", colours)["layer"][0]["encoding"]
    assert scale["color"]["scale"] == {"domain": ["B"], "range": [colours["B"]]}
    assert colours["A"] != colours["B"]


def test_no_colour_says_two_things() -> None:
    """Agents, ways in and endings have none in common; what went well or badly is one in all plots."""
    agents = palette.of_agents(list("ABCDEF"), "no agent")
    ways = palette.of_ways([*WAYS_IN.values(), "Prolific"], WAYS_IN["simulation"])
    reasons = palette.of_reasons(["stop", "end_turn", "length", "content_filter", "none"], "none")
    statuses = palette.of_statuses(["failed", "interrupted", "stopped"])
    assert len({agents[name] for name in "ABCDEF"}) == 6
    assert len(set(reasons.values())) == 5
    assert (statuses["failed"], statuses["interrupted"]) == (reasons["content_filter"], reasons["length"])
    kinds = [set(one.values()) - {"neutral"} for one in (agents, ways, reasons | statuses)]
    assert sum(map(len, kinds)) == len(set().union(*kinds))


async def test_the_address_says_which_days(owner: Browser, record: Record, clock: HandClock) -> None:
    """Figures, plots and the link to the threads follow; what lies outside is said, and the rule."""
    first = clock().date().isoformat()
    await begin_thread(record, owner=(await record.enter("Ada", "ada")).participant_id)
    machine = await record.enter("Machine", "machine", "simulation")
    await begin_thread(record, owner=machine.participant_id)
    clock.forward(86_400)
    await begin_thread(record, owner=(await record.enter("Bob", "bob")).participant_id)
    second = clock().date().isoformat()
    await owner.sign_in("Olga", PASSWORD)  # a day is longer than a session
    page = said((await owner.get("/")).text)
    assert "1 participant with 1 conversation is simulated" in page
    answer = await owner.get(f"/?since={first}&until={first}&simulated=no")
    page = said(answer.text)
    assert f"{first} to {first}; 1 conversation lies outside of what is shown." in page
    assert "1 simulated participant with 1 conversation is left out." in page
    assert "1 thread on 1 day" in page
    assert "1 of 1 began a thread" in page
    assert "A conversation and its messages count on the day on which it began" in page
    link = re.search(r'href="/research(/threads\?[^"]+)"', answer.text)
    assert link is not None
    listed = (await owner.get(link[1].replace("&amp;", "&"))).text
    assert "1 thread match" in said(listed)
    assert f'name="since" value="{first}"' in listed
    page = said((await owner.get(f"/?since={second}&simulated=yes")).text)
    assert "Nothing happened on these days" in page


async def test_days_that_cannot_be_read_are_said_beside_their_field(owner: Browser, record: Record) -> None:
    """All days are shown meanwhile, and what was written stays in the form."""
    await begin_thread(record, owner=(await record.enter("Ada", "ada")).participant_id)
    answer = await owner.get("/?since=%3Cb%3Esoon")
    assert answer.status_code == 400
    assert (
        "All days are shown meanwhile. From: “&lt;b&gt;soon” is no date. Write it like: 2026-03-02"
        in answer.text
    )
    assert 'name="since" value="&lt;b&gt;soon" aria-invalid="true"' in answer.text
    assert "1 thread on 1 day" in said(answer.text)
