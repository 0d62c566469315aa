"""Whoever runs the study hears that something is amiss, once, and that it is over: over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from bench.process import free_port
from data_layer.record import Record
from study.money import Budget
from tests.data_layer.review.test_overview import call
from web.alarm_ways import AlarmMail, Webhook
from web.alarms import Alarms, RecentReplies, SpentBudget
from web.standing_alarms import StandingAlarms


class Hook:
    """A chat service that is told, or refuses to be."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 200

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer."""
        body = (await receive())["body"]
        if self.status == 200:
            self.told.append(json.loads(body))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    """It, and where it is."""
    app = Hook()
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield app, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        await server.shutdown()


def alone() -> StandingAlarms:
    """What one process knows."""
    return StandingAlarms(None, "one")


async def test_it_is_told_once_and_again_when_it_is_over(hook: tuple[Hook, str]) -> None:
    """However often it is looked at in between; the end repeats what it was."""
    app, url = hook
    stands = [""]
    alarms = Alarms([Webhook(url)], {"disk": lambda: stands[0]}, alone())
    for now in ("", "1.9 GB left.", "1.8 GB left.", "", ""):
        stands[0] = now
        await alarms.look()
    assert [(one["alarm"], one["over"]) for one in app.told] == [("disk", False), ("disk", True)]
    assert app.told[0]["text"].endswith(": 1.9 GB left.")
    assert app.told[1]["text"].endswith(": Over: 1.9 GB left.")


async def test_what_could_not_be_told_is_told_later(hook: tuple[Hook, str]) -> None:
    """A chat service that fails for a moment loses no alarm, and no end of one."""
    app, url = hook
    stands = ["1.9 GB left."]
    alarms = Alarms([Webhook(url)], {"disk": lambda: stands[0]}, alone())
    for now in ("1.9 GB left.", ""):
        stands[0] = now
        for status in (500, 200, 200):
            app.status = status
            await alarms.look()
    assert [one["over"] for one in app.told] == [False, True]


async def test_it_looks_by_itself(hook: tuple[Hook, str]) -> None:
    """As long as the server runs."""
    app, url = hook
    alarms = Alarms([Webhook(url)], {"disk": lambda: "1.9 GB left."}, alone(), 0.001)
    looking = asyncio.create_task(alarms.look_forever())
    try:
        async with asyncio.timeout(10):
            while not app.told:  # noqa: ASYNC110  # what it waits for is a list
                await asyncio.sleep(0.001)
    finally:
        looking.cancel()


async def test_one_of_several_processes_tells_it(hook: tuple[Hook, str], tmp_path: Path) -> None:
    """That two see it is one alarm; it is over once neither sees it."""
    app, url = hook
    stands = [["1.9 GB left."], ["1.9 GB left."]]
    both = [
        Alarms([Webhook(url)], {"disk": partial(own.__getitem__, 0)}, StandingAlarms(tmp_path, f"{number}"))
        for number, own in enumerate(stands)
    ]
    await asyncio.gather(*(one.look() for one in both))
    assert [one["over"] for one in app.told] == [False]
    stands[0][0] = ""
    await asyncio.gather(*(one.look() for one in both))
    assert [one["over"] for one in app.told] == [False]
    stands[1][0] = ""
    await asyncio.gather(*(one.look() for one in both))
    assert [one["over"] for one in app.told] == [False, True]


def test_what_a_dead_process_saw_ends_after_it(tmp_path: Path) -> None:
    """A minute later the others say that it is over."""
    now = [1_000.0]
    dead, other = (StandingAlarms(tmp_path, name, clock=lambda: now[0]) for name in ("dead", "other"))
    assert [one.over for one in dead.take({"disk": "1.9 GB left."})] == [False]
    assert other.take({"disk": ""}) == []
    now[0] += 61
    assert [(one.over, one.says) for one in other.take({"disk": ""})] == [(True, "1.9 GB left.")]


def test_a_list_that_cannot_be_written_is_remembered(tmp_path: Path) -> None:
    """An older one in the file does not bring an alarm back that was told; later both agree again."""
    alarms = StandingAlarms(tmp_path, "one")
    alarms.told("test", "This is a test.", {})
    (tmp_path / "alarms.new").mkdir()  # no file can be written under this name
    for found, news in (("1.9 GB left.", 1), ("1.9 GB left.", 0)):
        assert len(alarms.take({"disk": found})) == news
    (tmp_path / "alarms.new").rmdir()
    assert alarms.take({"disk": "1.9 GB left."}) == []
    assert list(StandingAlarms(tmp_path, "two").shown()["standing"]) == ["disk"]


def test_a_list_that_cannot_be_kept_loses_no_alarm(tmp_path: Path) -> None:
    """Each process then goes by what it knows itself, and still tells it once."""
    alarms = StandingAlarms(tmp_path / "nowhere", "one")
    for found, news in (("1.9 GB left.", [False]), ("1.9 GB left.", []), ("", [True])):
        assert [one.over for one in alarms.take({"disk": found})] == news


async def test_a_way_that_fails_does_not_stop_the_other(hook: tuple[Hook, str]) -> None:
    """It is told once, and the list says by which way it did not arrive."""
    app, url = hook
    standing = alone()
    ways = [AlarmMail(["lab@example.org"], f"smtp://127.0.0.1:{free_port()}"), Webhook(url)]
    alarms = Alarms(ways, {"disk": lambda: "1.9 GB left."}, standing)
    await alarms.look()
    await alarms.look()
    assert len(app.told) == 1
    assert list(standing.shown()["last"][0]["ways"].values()) == ["ConnectionRefusedError", ""]


@pytest.mark.parametrize(("cost", "on"), [(39.0, 0), (40.0, 1), (50.0, 2)])
async def test_the_budget_is_summed_up(sqlite_record: Record, cost: float, on: int) -> None:
    """From 80 % on it is an alarm, from 100 % on another too; other currencies are not in it."""
    await call(sqlite_record, cost=cost, cost_currency="USD")
    await call(sqlite_record, cost=100.0, cost_currency="EUR")
    spent = SpentBudget(sqlite_record.database, Budget(amount=50, currency="USD"))
    await spent.count()
    assert [bool(look()) for look in spent.looks.values()] == [number < on for number in range(2)]


def test_replies_that_fail_are_an_alarm_when_they_are_many() -> None:
    """Nine of twenty are bad luck, ten are not; better ones end it."""
    replies = RecentReplies()
    for status in ["complete"] * 11 + ["failed"] * 9:
        replies.count({"status": status})
    assert replies.look() == ""
    replies.count({"status": "failed"})
    assert replies.look() == "10 of the last 20 replies failed."
    for _ in range(11):
        replies.count({"status": "complete"})
    assert replies.look() == ""
