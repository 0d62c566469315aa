"""What the room's overview says of alarms, and its button."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from fastapi import FastAPI

from data_layer.record import Record
from research.app import research_app
from study.loader import load_study
from study.roles import ResearcherRole
from tests.browser.conftest import STUDY
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from web.alarms import Alarms
from web.standing_alarms import StandingAlarms


class Bell:
    """A way that keeps what it was told, until it is broken."""

    name = "a bell"

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.broken = False

    async def tell(self, told: dict[str, Any]) -> None:
        """Ring."""
        if self.broken:
            raise httpx.ConnectError("broken")
        self.told.append(told)


@pytest.fixture
def bell() -> Bell:
    """It."""
    return Bell()


@pytest.fixture
def stands() -> list[str]:
    """What is amiss with the disk."""
    return [""]


@pytest.fixture
def alarms(bell: Bell, stands: list[str], tmp_path: Path) -> Alarms:
    """One alarm, and one way."""
    return Alarms([bell], {"disk": lambda: stands[0]}, StandingAlarms(tmp_path, str(uuid.uuid4())))


@pytest.fixture
async def researcher(record: Record, alarms: Alarms) -> AsyncIterator[Browser]:
    """A browser that a researcher is in with."""
    outer = FastAPI()
    outer.mount("/research", research_app(record, load_study(STUDY), alarms=alarms))
    transport = httpx2.ASGITransport(app=outer)
    async with httpx2.AsyncClient(transport=transport, base_url="http://study.example") as client:
        browser = Browser(client)
        await record.researchers.add("Ruth", ResearcherRole.RESEARCHER, PASSWORD)
        await browser.sign_in("Ruth", PASSWORD)
        yield browser


async def test_a_test_alarm_arrives_and_is_listed(researcher: Browser, bell: Bell) -> None:
    """Before anybody has come, too."""
    assert "None was told yet." in (await researcher.get("/")).text
    answer = await researcher.post("/alarms/test")
    assert answer.status_code == 303
    assert [one["alarm"] for one in bell.told] == ["test"]
    page = (await researcher.get("/")).text
    assert "This is a test. Nothing is amiss." in page
    assert "<bdi>a bell</bdi>: yes" in page


async def test_one_that_does_not_arrive_is_told_as_such(researcher: Browser, bell: Bell) -> None:
    """With the kind of failure, and nothing of its words."""
    bell.broken = True
    await researcher.post("/alarms/test")
    assert "<bdi>a bell</bdi>: no, ConnectError" in (await researcher.get("/")).text


async def test_what_stands_is_a_warning(researcher: Browser, alarms: Alarms, stands: list[str]) -> None:
    """For as long as it does."""
    stands[0] = "The disk has 1.9 GB left."
    await alarms.look()
    assert "<bdi>The disk has 1.9 GB left.</bdi></p>" in (await researcher.get("/")).text
    stands[0] = ""
    await alarms.look()
    page = (await researcher.get("/")).text
    assert "<bdi>The disk has 1.9 GB left.</bdi></p>" not in page
    assert "Over: The disk has 1.9 GB left." in page


async def test_without_a_way_the_page_says_how_one_is_set(researcher: Browser, alarms: Alarms) -> None:
    """And has no button."""
    alarms._ways = ()
    page = (await researcher.get("/")).text
    assert "VERBATIM_ALARM_EMAIL" in page
    assert "Send a test alarm" not in page
