"""Disk, journal and backups: what the overview says of them, and when it warns."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data_layer.record import Record
from data_layer.writing.batch import Unit
from data_layer.writing.writes import InsertRow
from research.overview.spending import spending
from research.overview.upkeep import Upkeep, ends, upkeep, warnings
from study.money import Budget
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.test_overview import begin, closed, found
from tests.research.test_spending import called

GB = 1024**3


def stands(**figures: Any) -> Upkeep:
    """How things stand when all is well, but for these figures."""
    well: dict[str, Any] = {
        "away": False,
        "waiting": 0,
        "failed": 0,
        "free": 100 * GB,
        "total": 200 * GB,
        "a_day": None,
        "backup": {"at": datetime(2026, 11, 25, tzinfo=UTC), "target": "/safe/monday"},
        "backup_age": timedelta(hours=1),
    }
    return Upkeep(**(well | figures))


def test_nothing_is_warned_of_when_all_is_well() -> None:
    """No budget is nothing to warn of either."""
    assert list(warnings(stands(), None)) == []


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"away": True, "waiting": 1}, "The database does not answer; 1 write"),
        ({"failed": 2}, "will not take 2 writes. They are kept in journal/failed.jsonl"),
        ({"free": GB}, "The disk has 1 GB left. Make room"),
        ({"a_day": 10.0 * GB}, "The disk has 100 GB left, which lasts for about 10 days."),
        (
            {"backup": None, "backup_age": None},
            "No backup was made yet. To make one while the study goes on: ",
        ),
        ({"backup_age": timedelta(days=8)}, "The newest backup is 8 days old. To make one"),
    ],
)
def test_what_is_not_well_has_its_sentence(figures: dict[str, Any], said: str) -> None:
    """One, with what to do."""
    (sentence,) = warnings(stands(**figures), None)
    assert said in sentence


def test_a_budget_that_is_nearly_spent_has_its_sentence() -> None:
    """From 80 % on."""
    for cost, count in ((39.0, 0), (45.0, 1)):
        some = found(calls=[called("2026-11-25", cost)], at=datetime(2026, 11, 25, 12, tzinfo=UTC))
        assert len(list(warnings(stands(), spending(some, Budget(amount=50, currency="USD"))))) == count


def test_seven_days_are_no_old_backup() -> None:
    """And a small growth is no danger to a large disk."""
    assert list(warnings(stands(backup_age=timedelta(days=7), a_day=1024.0), None)) == []


def test_connections_are_added_up_by_how_they_ended() -> None:
    """The most frequent first; an open one comes back from nowhere."""
    some = found(
        connections=[closed(None, 2, returned=1), closed("ping timeout", 3), closed("ping timeout", 4, 1)]
    )
    assert ends(some) == [
        {"reason": "ping timeout", "connections": 7, "returned": 4},
        {"reason": None, "connections": 2, "returned": 0},
    ]


async def test_the_journal_is_counted(record: Record) -> None:
    """What waits, and what was set aside; nothing where there is no journal."""
    assert (upkeep(record, found()).waiting, upkeep(record, found()).failed) == (0, 0)
    unit = Unit([InsertRow("events", {})], [1])
    record.journal.append([unit, unit])
    record.journal.append_failed(unit, "why")
    assert (upkeep(record, found()).waiting, upkeep(record, found()).failed) == (2, 1)


async def test_a_backup_is_shown_and_asked_for(owner: Browser, record: Record, clock: HandClock) -> None:
    """None yet, one of today, and one that has grown old."""
    await begin(record)
    page = (await owner.get("/")).text
    assert "No backup was made yet." in page
    assert "python cli.py backup FOLDER" in page
    await record.audit.note("backup_made", name="command line", target="/safe/monday", details={"bytes": 1})
    clock.forward(60)
    page = (await owner.get("/")).text
    assert "No backup was made yet." not in page
    assert "/safe/monday" in page
    clock.forward(8 * 86_400)
    await owner.sign_in("Olga", "correct horse battery")
    assert "The newest backup is 8 days old." in (await owner.get("/")).text


async def test_without_a_budget_the_page_says_how_to_set_one(owner: Browser, record: Record) -> None:
    """In the study file, in three lines."""
    await begin(record)
    page = (await owner.get("/")).text
    assert "No budget is set." in page
    assert "budget:\n  amount: 50\n  currency: USD" in page
