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


async def test_a_preview_hides_conditions_until_they_are_asked_for(
    owner: Browser, record: Record, study: LoadedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each table that has them; who has asked sees them."""
    await somebody(record, study, "Ada", "after")
    await record.writer.flush()
    monkeypatch.setattr("research.exports.page._PREVIEW_S", 120.0)  # a Python starts for each
    for table in ("assignments", "survey_answers_wide"):
        page = (await owner.post("/exports/preview", format="csv", tables=[table], show=table)).text
        assert "<bdi>hidden</bdi>" in page, table
        assert not [one for one in ("<bdi>facts</bdi>", "<bdi>stories</bdi>") if one in page], table
    assert NOTED not in await actions(record)
    await owner.post("/conditions")
    page = (
        await owner.post("/exports/preview", format="csv", tables=["assignments"], show="assignments")
    ).text
    assert [one for one in ("<bdi>facts</bdi>", "<bdi>stories</bdi>") if one in page]


async def test_who_downloads_an_export_has_seen_conditions(
    owner: Browser, record: Record, study: LoadedStudy
) -> None:
    """The page says so before, the audit log afterwards, once; making one shows nothing yet."""
    await somebody(record, study, "Ada", "after")
    assert "Conditions are hidden from you" in (await owner.get("/exports")).text
    await owner.post("/exports", format="csv", tables=["participations", "assignments"])
    async with asyncio.timeout(60):
        while "data-running" in (await owner.get("/exports")).text:  # noqa: ASYNC110  # as a browser does
            await asyncio.sleep(0.05)
    assert NOTED not in await actions(record)
    (made,) = await record.exports_made.all()
    for _ in range(2):
        assert (await owner.get(f"/exports/{made['export_id']}/download")).status_code == 200
    assert (await actions(record)).count(NOTED) == 1
    assert "Conditions are hidden from you" not in (await owner.get("/exports")).text
