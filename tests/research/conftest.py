"""The researchers' room without a browser: who asks, and over which record."""

from collections.abc import AsyncIterator
from typing import Final

import httpx2
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi import FastAPI

from data_layer.people.researchers import Researchers
from data_layer.record import Record
from research.app import research_app
from research.overview import counting
from study.loader import load_study
from study.roles import ResearcherRole
from tests.browser.conftest import STUDY
from tests.research.browser import Browser

PASSWORD: Final = "correct horse battery"


@pytest.fixture
def record(sqlite_record: Record) -> Record:
    """The record: tests/data_layer asks both databases."""
    # The real cost of a password is tens of milliseconds and 64 MiB a test.
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    sqlite_record.researchers = Researchers(sqlite_record.store, hasher)
    return sqlite_record


@pytest.fixture
def app(record: Record, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The room, where it is mounted; however slow the machine is, its overview waits for new figures."""
    monkeypatch.setattr(counting, "PATIENCE_S", 60.0)
    outer = FastAPI()
    outer.mount("/research", research_app(record, load_study(STUDY)))
    return outer


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[Browser]:
    """A browser that is not in."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://study.example"
    ) as client:
        yield Browser(client)


@pytest.fixture
async def owner(stranger: Browser, record: Record) -> Browser:
    """A browser that an owner is in with."""
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    await stranger.sign_in("Olga", PASSWORD)
    return stranger
