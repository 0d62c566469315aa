"""Exports in the browser: the same tables as the command's, watched, downloaded, proved."""

import asyncio
import hashlib
import io
import re
import zipfile

import httpx2
import pytest

from data_layer.record import Record
from data_layer.writes import PutStep
from research.exporting import arguments_of
from study.roles import Role
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

THREAD = "11111111-1111-4111-8111-111111111111"
MESSAGE = "22222222-2222-4222-8222-222222222222"
WORDS = 'A comma, a "quote" and\na new line.'


async def said(record: Record) -> None:
    """A participant has said something."""
    ada = await record.enter("Ada", "ada")
    row = {
        "step_id": MESSAGE,
        "thread_id": THREAD,
        "type": "user_message",
        "name": "participant",
        "output": WORDS,
        "status": "complete",
        "created_at": record.now(),
    }
    await record.writer.submit(PutStep(row, record.now(), ada.participant_id, creates=True))


async def made(owner: Browser, **fields: object) -> str:
    """Make an export, and wait for it.

    Returns:
        The page that shows it.
    """
    answer = await owner.post("/exports", **fields)
    assert answer.status_code == 303, answer.text
    async with asyncio.timeout(60):
        while "data-running" in (await owner.get("/exports")).text:  # noqa: ASYNC110  # as a browser does
            await asyncio.sleep(0.05)
    return (await owner.get("/exports")).text


def link(page: str) -> str:
    """To the newest export's zip."""
    found = re.search(r'href="/research(/exports/[^"]+/download)"', page)
    assert found, page
    return found[1]


async def test_an_export_is_made_downloaded_and_proved(owner: Browser, record: Record) -> None:
    """The zip holds tables and manifest, its digest is the one shown, and it agrees with the database."""
    await said(record)
    page = await made(owner, format=["csv", "parquet"])
    download = await owner.get(link(page))
    assert hashlib.sha256(download.content).hexdigest() in page
    with zipfile.ZipFile(io.BytesIO(download.content)) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        folder = archive.namelist()[0].partition("/")[0]
        assert {"manifest.json", "codebook.md", "messages.csv", "messages.parquet"} <= names
        assert "identities.csv" not in names
        assert WORDS.replace('"', '""') in archive.read(f"{folder}/messages.csv").decode()
    proved = (await owner.post(f"/exports/{folder}/verify")).text
    assert "The export is whole." in proved
    assert str(record.data_dir) not in proved
    actions = [line["action"] for line in await record.audit.newest()]
    assert actions == ["export_verified", "export_downloaded", "exported", "signed_in"]


async def test_what_cannot_be_exported_says_why(owner: Browser) -> None:
    """In the command's own words, with the repair."""
    page = await made(owner, format="csv", agent="Nobody")
    assert "Nobody" in page
    assert "/download" not in page
    assert (await owner.post("/exports", format="docx")).status_code == 400


async def test_a_deleted_export_leaves_its_line(owner: Browser, record: Record) -> None:
    """Who had which data is known for ever; the files are gone."""
    await said(record)
    address = link(await made(owner, format="jsonl"))
    await owner.post(address.replace("download", "delete"))
    assert (await owner.get(address)).status_code == 404
    assert "deleted" in (await owner.get("/exports")).text
    kept = [path.name for path in (record.data_dir / "exports").iterdir()]
    assert kept == []


async def test_an_export_that_a_restart_ended_is_not_waited_for(owner: Browser, record: Record) -> None:
    """It has failed, and says so."""
    await record.exports_made.begin("somebody", "Olga", {"format": ["csv"]})
    assert "The server was started anew" in (await owner.get("/exports")).text


async def test_who_may_not_export_gets_nothing(stranger: Browser, record: Record) -> None:
    """Neither the list nor a file whose id they know."""
    await record.researchers.add("Vera", Role.VIEWER, PASSWORD)
    export_id = await record.exports_made.begin("somebody", "Olga", {"format": ["csv"]})
    await stranger.sign_in("Vera", PASSWORD)
    answers: list[httpx2.Response] = [
        await stranger.get("/exports"),
        await stranger.get(f"/exports/{export_id}/download"),
        await stranger.post("/exports", format="csv"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


@pytest.mark.parametrize("export_id", ["..", "%2e%2e%2fverbatim.db", "0" * 36, MESSAGE])
async def test_an_id_is_no_path(owner: Browser, export_id: str) -> None:
    """Nothing outside the list is served."""
    assert (await owner.get(f"/exports/{export_id}/download")).status_code == 404


def test_options_are_words_of_the_command() -> None:
    """A value that looks like an option stays a value."""
    words = arguments_of({"format": ["csv"], "agent": "--include-identities", "include_deleted": True})
    assert words == ["--format=csv", "--agent=--include-identities", "--include-deleted"]
