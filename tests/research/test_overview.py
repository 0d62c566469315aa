"""The overview's page, and what its plots say."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from data_layer.record import Record
from data_layer.review.overview import Overview
from data_layer.review.overview_queries import OVER_MS
from data_layer.writing.writes import InsertRow
from research.overview import charts
from research.overview.counting import REMEMBERED_FOR
from research.overview.figures import duration, growth, totals, within
from research.overview.plots import plots
from study.roles import ResearcherRole
from tests.data_layer.rows import begin_thread, new_id
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

COLOURS = {"A": "agent-1", "B": "agent-2"}
PEOPLE = {"entered": 4, "simulated": 0, "began": 3, "exchanged": 2, "finished": 1, "abandoned": 1}


def found(**figures: Any) -> Overview:
    """An overview with these figures and nothing else."""
    nothing: dict[str, Any] = {
        "at": datetime(2026, 11, 25, tzinfo=UTC),
        "participants": PEOPLE,
        "withdrawn": 0,
        "arrivals": [],
        "days": [],
        "runs": [],
        "calls": [],
        "connections": [],
        "files": {"files": 0, "bytes": 0},
        "database_bytes": 0,
        "backup": None,
    }
    return Overview(**(nothing | figures))


def ran(count: int, **columns: Any) -> dict[str, Any]:
    """So many runs of one group."""
    row = {"day": "2026-11-25", "agent": "A", "status": "complete", "ttft": None, "latency": None}
    return row | columns | {"runs": count}


def called(count: int, finish_reason: str | None, **columns: Any) -> dict[str, Any]:
    """So many calls of a model that ended alike."""
    row = {"day": "2026-11-25", "model": "m", "currency": None, "failed": 0, "cost": None, "priced": 0}
    row |= {"input_tokens": 0, "output_tokens": 0, "finish_reason": finish_reason}
    return row | columns | {"calls": count}


def closed(reason: str | None, count: int, returned: int = 0) -> dict[str, Any]:
    """So many connections that ended alike."""
    return {"day": "2026-11-25", "reason": reason, "returned": returned, "connections": count}


async def begin(record: Record) -> None:
    """Somebody comes and writes."""
    person = await record.enter("Ada", "ada")
    await begin_thread(record, owner=person.participant_id)


def test_a_plot_per_day_says_what_the_table_says() -> None:
    """The specification holds the table's rows, coloured by agent, and names nothing elsewhere."""
    rows = [
        {"day": "2026-11-24", "agent": "A", "threads": 3},
        {"day": "2026-11-25", "agent": "B", "threads": 4},
    ]
    spec = charts.per_day(rows, "threads", "threads", "agent", "Agent", COLOURS)
    assert spec["data"] == {"values": rows}
    encoding = spec["layer"][0]["encoding"]
    assert (encoding["x"]["field"], encoding["x"]["type"]) == ("day", "ordinal")
    assert (encoding["y"]["field"], encoding["color"]["field"]) == ("threads", "agent")
    assert "http" not in json.dumps(spec)


def test_a_day_without_anything_is_a_gap() -> None:
    """The days of a plot follow each other, whether something happened or not."""
    rows = [{"day": day, "agent": "A", "threads": 3} for day in ("2026-11-29", "2026-12-01")]
    spec = charts.per_day(rows, "threads", "threads", "agent", "Agent", COLOURS)
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["2026-11-29", "2026-11-30", "2026-12-01"]


def test_the_funnel_keeps_its_order() -> None:
    """Steps stand as they follow each other, not by name."""
    rows = [{"step": "Entered", "participants": 4}, {"step": "Began", "participants": 3}]
    spec = charts.funnel(rows)
    assert spec["data"] == {"values": rows}
    assert (spec["encoding"]["y"]["field"], spec["encoding"]["y"]["sort"]) == ("step", None)
    assert spec["encoding"]["x"]["field"] == "participants"


def test_waiting_keeps_its_order() -> None:
    """From the shortest time to the longest."""
    rows = [{"within": "≤ 0.1 s", "replies": 1}, {"within": "over 60 s", "replies": 2}]
    spec = charts.waiting(rows)
    assert spec["data"] == {"values": rows}
    assert (spec["encoding"]["x"]["field"], spec["encoding"]["x"]["sort"]) == ("within", None)


def test_every_plot_shows_its_own_table() -> None:
    """Each value that is drawn stands in the table behind the plot, row by row."""
    day = {"day": "2026-11-25", "agent": None, "threads": 2, "messages": 9, "deleted": 1, "ended": 1}
    some = found(
        arrivals=[{"day": "2026-11-25", "source": "login", "participants": 4}],
        days=[day | {"participants": 2}],
        runs=[ran(3, ttft=100, latency=2000), ran(1, status="failed")],
        calls=[called(3, "stop")],
        connections=[closed("ping timeout", 2)],
    )
    drawn = plots(some, ["A"])
    names = ["arrivals", "funnel", "threads", "messages", "ttft", "latency", "trouble", "finished", "broken"]
    assert [plot.name for plot in drawn] == names
    for plot in drawn:
        for shown, row in zip(plot.spec["data"]["values"], plot.rows, strict=True):
            assert shown.items() <= dict(row).items()
            assert plot.columns.keys() <= row.keys()
    assert drawn[0].rows[0]["source"] == "by a name"
    assert drawn[2].rows[0]["agent"] == "no agent"


def test_replies_are_counted_by_finish_reason() -> None:
    """In the provider's own words, over all models; the sentence knows which words mean a cut."""
    some = found(
        calls=[
            called(5, "stop"),
            called(2, "length"),
            called(1, "MAX_TOKENS", model="other"),
            called(1, "length", model="other"),
            called(1, "content_filter"),
            called(4, None),
        ]
    )
    (plot,) = [plot for plot in plots(some, ["A"]) if plot.name == "finished"]
    assert {row["reason"]: row["replies"] for row in plot.rows} == {
        "stop": 5, "length": 3, "MAX_TOKENS": 1, "content_filter": 1, "none: failed or stopped": 4,
    }  # fmt: skip
    assert plot.answer == "4 of 14 replies reached the longest length, 1 met a content filter."


def test_a_plot_without_figures_is_left_out() -> None:
    """Only the funnel has something to say before the first word."""
    assert [plot.name for plot in plots(found(), ["A"])] == ["funnel"]


def test_half_and_most_lie_within_a_group() -> None:
    """The group that the share falls into, and none where nothing was timed."""
    some = found(runs=[ran(50, ttft=100), ran(45, ttft=500), ran(5, ttft=OVER_MS), ran(9)])
    assert [within(some, "ttft", share) for share in (0.5, 0.51, 0.95, 1.0)] == [100, 500, 500, OVER_MS]
    assert within(some, "latency", 0.5) is None
    assert [duration(value) for value in (100, 1500, OVER_MS, None)] == [
        "≤ 0.1 s",
        "≤ 1.5 s",
        "over 60 s",
        "–",
    ]


def test_totals_tell_failed_from_broken_off() -> None:
    """A reply that a participant stopped is neither."""
    statuses = {"complete": 5, "failed": 1, "interrupted": 2, "stopped": 3}
    sums = totals(found(runs=[ran(count, status=status) for status, count in statuses.items()]))
    assert (sums["replies"], sums["failed"], sums["interrupted"], sums["stopped"]) == (11, 1, 2, 3)


def test_leaving_is_no_disconnect() -> None:
    """Nor is an open connection, or one that the page let go, or the last of a page."""
    some = found(
        connections=[
            closed(None, 64),
            closed("client disconnect", 32, returned=1),
            closed("transport close", 16),
            closed("transport close", 8, returned=1),
            closed("ping timeout", 4),
            closed("server stopped", 2, returned=1),
            closed("transport error", 1),
        ]
    )
    sums = totals(some)
    assert (sums["disconnects"], sums["reconnects"]) == (15, 10)
    (plot,) = [plot for plot in plots(some, ["A"]) if plot.name == "broken"]
    assert plot.answer == "15 connections broke off; 10 came back."
    assert [(row["became"], row["connections"]) for row in plot.rows] == [
        ("came back", 10),
        ("did not come back", 5),
    ]


def test_growth_is_what_messages_take_times_those_of_late() -> None:
    """Bytes for each message so far, times the messages of the last seven days, a day."""
    day: dict[str, Any] = {"agent": None, "threads": 1, "deleted": 0, "ended": 0, "participants": 1}
    days = [day | {"day": "2026-11-01", "messages": 30}, day | {"day": "2026-11-20", "messages": 70}]
    some = found(days=days, database_bytes=900, files={"files": 1, "bytes": 100})
    assert growth(some) == 100.0
    assert growth(found()) is None


async def test_an_empty_study_says_what_to_do_next(owner: Browser) -> None:
    """And draws nothing."""
    page = (await owner.get("/")).text
    assert "Nobody has come yet." in page
    assert "What to do next" in page
    assert "data-plot" not in page


async def test_the_first_participant_shows_at_once(owner: Browser, record: Record) -> None:
    """An empty study is not remembered."""
    await owner.get("/")
    await begin(record)
    page = (await owner.get("/")).text
    assert "1 of 1 began a thread" in page
    assert "wrote within 5 minutes, and is still connected" in page
    assert "nothing written for over 24 hours" in page


async def test_figures_are_counted_anew_after_a_while(
    owner: Browser, record: Record, clock: HandClock
) -> None:
    """Loading the page anew at once does not count a large record again."""
    await begin(record)
    assert "1 thread on 1 day" in (await owner.get("/")).text
    await begin(record)
    assert "1 thread on 1 day" in (await owner.get("/")).text
    clock.forward(REMEMBERED_FOR.total_seconds())
    assert "2 threads on 1 day" in (await owner.get("/")).text


async def test_names_of_agents_and_models_are_text(owner: Browser, record: Record) -> None:
    """Also within the plots' data, where a tag could end it."""
    await begin(record)
    row = {"run_id": new_id(), "thread_id": new_id(), "seq": record.take_order(), "name": "on_message"}
    words = {"agent": "Agent", "status": "</script><b>", "started_at": record.now()}
    await record.writer.submit(InsertRow("runs", row | words))
    page = (await owner.get("/")).text
    assert "</script><b>" not in page
    data = re.search(r'data-plot="trouble">(.*?)</script>', page)
    assert data is not None
    assert json.loads(data[1])["data"]["values"][0]["status"] == "</script><b>"


async def test_a_coder_sees_no_overview(stranger: Browser, record: Record) -> None:
    """They are there for what is assigned to them."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    assert (await stranger.get("/")).status_code == 403
