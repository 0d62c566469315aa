"""Exports of a study with conditions, for whom these are hidden."""

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI

from data_layer.record import Record
from research.app import research_app
from study.loader import LoadedStudy
from tests.exports.assigned import assigning_study, somebody
from tests.research.browser import Browser

NOTED = "conditions_shown"


@pytest.fixture
def study(tmp_path: Path) -> LoadedStudy:
    """With two conditions."""
    return assigning_study(tmp_path / "study")


@pytest.fixture
def app(record: Record, study: LoadedStudy) -> FastAPI:
    """The room of this study."""
    outer = FastAPI()
    outer.mount("/research", research_app(record, study))
    return outer


async def actions(record: Record) -> list[str]:
    """What the audit log has, the newest first."""
    return [line["action"] for line in await record.audit.newest()]


async def test_conditions_are_hidden_until_an_export_is_downloaded(
    owner: Browser, record: Record, study: LoadedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preview hides them and the page says so; who downloads one has seen them, as the audit log keeps."""
    monkeypatch.setattr("research.exports.page._PREVIEW_S", 120.0)  # a Python starts for it
    await somebody(record, study, "Ada", "after")
    asked = {"format": "csv", "tables": ["assignments"]}
    page = (await owner.post("/exports/preview", **asked, show="assignments")).text
    assert "Conditions are hidden from you" in page
    assert "<bdi>hidden</bdi>" in page
    assert not [one for one in ("<bdi>facts</bdi>", "<bdi>stories</bdi>") if one in page]
    await owner.post("/exports", **asked)
    async with asyncio.timeout(60):
        while "data-running" in (await owner.get("/exports")).text:  # noqa: ASYNC110  # as a browser does
            await asyncio.sleep(0.05)
    assert NOTED not in await actions(record)
    (made,) = await record.exports_made.all()
    for _ in range(2):
        assert (await owner.get(f"/exports/{made['export_id']}/download")).status_code == 200
    assert (await actions(record)).count(NOTED) == 1
    assert "Conditions are hidden from you" not in (await owner.get("/exports")).text
