"""Whoever runs the study hears that something is amiss, once, and that it is over: over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn

from web.alarms import Alarms, RecentReplies


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


async def test_it_is_told_once_and_again_when_it_is_over(hook: tuple[Hook, str]) -> None:
    """However often it is looked at in between; the end repeats what it was."""
    app, url = hook
    stands = [""]
    alarms = Alarms(url, {"disk": lambda: stands[0]})
    async with httpx.AsyncClient() as client:
        for now in ("", "1.9 GB left.", "1.8 GB left.", "", ""):
            stands[0] = now
            await alarms.look(client)
    assert [(one["alarm"], one["over"]) for one in app.told] == [("disk", False), ("disk", True)]
    assert app.told[0]["text"].endswith(": 1.9 GB left.")
    assert app.told[1]["text"].endswith(": Over: 1.9 GB left.")


async def test_what_could_not_be_told_is_told_later(hook: tuple[Hook, str]) -> None:
    """A chat service that fails for a moment loses no alarm."""
    app, url = hook
    alarms = Alarms(url, {"disk": lambda: "1.9 GB left."})
    async with httpx.AsyncClient() as client:
        app.status = 500
        await alarms.look(client)
        app.status = 200
        await alarms.look(client)
        await alarms.look(client)
    assert len(app.told) == 1


async def test_it_looks_by_itself(hook: tuple[Hook, str]) -> None:
    """As long as the server runs."""
    app, url = hook
    looking = asyncio.create_task(Alarms(url, {"disk": lambda: "1.9 GB left."}, 0.001).look_forever())
    try:
        async with asyncio.timeout(10):
            while not app.told:  # noqa: ASYNC110  # what it waits for is a list
                await asyncio.sleep(0.001)
    finally:
        looking.cancel()


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
