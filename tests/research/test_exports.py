"""Exports in the browser: the same tables as the command's, watched, downloaded, proved."""

import asyncio
import hashlib
import html
import io
import re
import zipfile
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from sqlalchemy import update

from data_layer.database import schema
from data_layer.record import Record
from data_layer.writing.writes import PutStep, RenameThread
from exports import registry
from study.roles import ResearcherRole
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from web.exporting.process import arguments_of

THREAD = "11111111-1111-4111-8111-111111111111"
MESSAGE = "22222222-2222-4222-8222-222222222222"
TABLES: Final = [table.name for table in registry.TABLES if not table.personal]
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
    answer = await owner.post("/exports", **({"tables": TABLES} | fields))
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
        assert f"{folder}.zip" in download.headers["content-disposition"]
        assert {"manifest.json", "codebook.md", "messages.csv", "messages.parquet"} <= names
        assert "identities.csv" not in names
        assert WORDS.replace('"', '""') in archive.read(f"{folder}/messages.csv").decode()
    proved = (await owner.post(link(page).replace("download", "verify"))).text
    assert "The export is whole: it agrees with its manifest and the database." in proved
    assert str(record.data_dir) not in proved
    actions = [line["action"] for line in await record.audit.newest()]
    assert actions == ["export_verified", "export_downloaded", "exported", "signed_in"]


async def test_what_has_happened_since_is_no_alarm_and_what_cannot_have_is_linked(
    owner: Browser, record: Record
) -> None:
    """A title that was changed is told calmly; words changed behind the app's back alarm, with a link."""
    await said(record)
    page = await made(owner, format="parquet")
    verify = link(page).replace("download", "verify")
    await record.writer.submit(RenameThread(THREAD, "Otherwise", record.now(), None))
    proved = (await owner.post(verify)).text
    assert "since then 1 title was changed." in proved
    assert 'class="fine" id="proof"' in proved
    async with record.database.engine.begin() as connection:
        await connection.execute(update(schema.steps).values(output="forged", version=1))
    proved = (await owner.post(verify)).text
    assert f'href="/research/threads/{THREAD}?at={MESSAGE}#{MESSAGE}"' in proved
    assert 'class="problem" id="proof"' in proved
    assert "cannot be trusted" in proved
    assert (await owner.get(verify.replace("verify", "verifying"))).json() == {
        "table": "",
        "done": 0,
        "of": 0,
    }


async def test_what_cannot_be_exported_says_why(owner: Browser) -> None:
    """In the command's own words, with the repair."""
    page = await made(owner, format="csv", since="yesterday")
    assert "“yesterday” is no date. Write it like: 2026-03-02" in page
    assert "/download" not in page
    assert (await owner.post("/exports", format="docx", tables=TABLES)).status_code == 400
    assert "Choose a table" in (await owner.post("/exports", format="csv")).text


async def test_a_deleted_export_leaves_its_line(owner: Browser, record: Record) -> None:
    """Who had which data is known for ever; the files are gone."""
    await said(record)
    address = link(await made(owner, format="jsonl"))
    await owner.post(address.replace("download", "delete"))
    assert (await owner.get(address)).status_code == 404
    assert "deleted" in (await owner.get("/exports")).text
    kept = [path.name for path in (record.data_dir / "exports").iterdir()]
    assert kept == []


async def test_an_export_that_a_restart_ended_is_not_waited_for(
    owner: Browser, record: Record, clock: HandClock
) -> None:
    """It has failed once nobody has been heard of for a minute, and says so."""
    await record.exports_made.begin("somebody", "Olga", {"format": ["csv"]})
    clock.forward(59)
    assert "What made it was ended in the middle" not in (await owner.get("/exports")).text
    clock.forward(2)
    assert "What made it was ended in the middle" in (await owner.get("/exports")).text


async def test_an_export_of_another_process_is_shown(
    owner: Browser, record: Record, clock: HandClock
) -> None:
    """How far it is, as that process has said; it is not taken for lost while it says so."""
    export_id = await record.exports_made.begin(None, "nightly export", {"format": ["csv"]})
    for done in (10, 20):
        clock.forward(50)
        assert await record.exports_made.beat(export_id, {"table": "runs", "done": done, "of": 40})
        assert f"Writing runs: {done} of 40 rows" in (await owner.get("/exports")).text


async def test_an_export_can_be_stopped(owner: Browser, record: Record) -> None:
    """Its line says by whom, its process and files are gone, and another process is told by its next beat."""
    await said(record)
    await owner.post("/exports", format="csv", tables=TABLES)
    (row,) = await record.exports_made.all()
    assert (await owner.post(f"/exports/{row['export_id']}/delete")).status_code == 409
    await owner.post(f"/exports/{row['export_id']}/stop")
    async with asyncio.timeout(20):
        while list((record.data_dir / "exports").glob("*")):  # noqa: ASYNC110  # as the files go
            await asyncio.sleep(0.05)
    page = (await owner.get("/exports")).text
    assert "Olga stopped it." in page
    assert "data-running" not in page
    assert not await record.exports_made.beat(row["export_id"], {})


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
async def test_the_lines_for_pandas_load_this_export(
    owner: Browser, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    """Run as they are shown, beside the unpacked zip. Those for R name the same files."""
    await said(record)
    page = await made(owner, format=[format], tables=["messages", "threads"])
    with zipfile.ZipFile(io.BytesIO((await owner.get(link(page))).content)) as archive:
        archive.extractall(tmp_path)
        folder = archive.namelist()[0].partition("/")[0]
    shown = [
        html.unescape(lines)
        for lines in re.findall(r"<pre tabindex=\"0\"><code>(.*?)</code>", page, re.DOTALL)
    ]
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(shown[0], "the snippet", "exec"), names)
    assert names["messages"]["content"].tolist() == [WORDS]
    assert set(names["tables"]) == {"messages", "threads"}
    # R itself runs them in tests/exports/test_readers_r.py.
    assert shown[1].startswith(f'source("{folder}/load.R")')
    assert (tmp_path / folder / "load.R").is_file()


async def test_filters_choose_what_is_exported(owner: Browser, record: Record) -> None:
    """The fields of the page of threads, from the address into the form and from the form into the export."""
    await said(record)
    form = (await owner.get("/exports?q=comma&least=1")).text
    assert 'name="q" value="comma"' in form
    assert "data-look" in form
    page = await made(owner, format="csv", q="comma", least="1", tables=["threads"])
    manifest = (await owner.get(link(page).replace("download", "manifest"))).json()
    assert manifest["filters"]["where"] == {"q": "comma", "least": "1"}
    assert manifest["chosen"]["threads"] == 1
    assert "said: <bdi>comma</bdi>" in page
    page = await made(owner, format="csv", q="no-such-word", tables=["threads"])
    manifest = (await owner.get(link(page).replace("download", "manifest"))).json()
    assert manifest["chosen"]["threads"] == 0


async def test_a_saved_view_fills_the_form(owner: Browser, record: Record) -> None:
    """One's own, or one that is shared; another's is not told."""
    olga = await record.researchers.find("Olga")
    assert olga is not None
    own = await record.views.save("Of commas", {"q": "comma", "sort": "old"}, olga.researcher_id, "Olga")
    other = await record.views.save("Secret", {"q": "secret"}, MESSAGE, "Otto")
    page = (await owner.get(f"/exports?view={own}")).text
    assert "Of commas" in page
    assert 'name="q" value="comma"' in page
    assert "ecret" not in (await owner.get(f"/exports?view={other}")).text


async def test_threads_that_were_chosen_by_hand_are_exported(owner: Browser, record: Record) -> None:
    """They come from the table of threads, stay in the form, and are all that the export holds."""
    await said(record)
    form = (await owner.post("/exports/chosen", threads=[THREAD, THREAD])).text
    assert "1 thread chosen in the table" in form
    assert f'name="threads" value="{THREAD}"' in form
    page = await made(owner, format="csv", threads=THREAD, tables=["threads"])
    assert "threads chosen in the table: <bdi>1</bdi>" in page
    manifest = (await owner.get(link(page).replace("download", "manifest"))).json()
    assert manifest["chosen"]["threads"] == 1
    assert (await owner.post("/exports/chosen", threads="../../etc")).status_code == 400


async def test_a_preview_counts_and_shows_rows(
    owner: Browser, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the command's own code; what it was asked for is in the audit log before it is shown."""
    monkeypatch.setattr("research.exports.page._PREVIEW_S", 120.0)  # a Python starts for each
    await said(record)
    seen = (await owner.post("/exports/preview", format="csv", tables=TABLES, show="messages")).text
    assert "<code>messages</code> 1" in seen
    assert html.escape(WORDS, quote=False).replace('"', "&#34;") in seen
    (noted, *_) = await record.audit.newest()
    assert noted["action"] == "export_previewed"
    none = (await owner.post("/exports/preview", format="csv", tables=TABLES, q="nothing*")).text
    assert "take a filter away" in none
    wrong = await owner.post("/exports/preview", format="csv", tables=TABLES, q="NOT comma")
    assert "Write a word beside them" in wrong.text
    assert list((record.data_dir / "exports").glob("*")) == []


async def test_identities_leave_by_a_right_of_their_own(owner: Browser, record: Record) -> None:
    """They are chosen like any table, and are in the zip then only; the form warns."""
    await said(record)
    assert "no longer pseudonymous" in (await owner.get("/exports")).text
    page = await made(owner, format="csv", tables=["threads", "identities"])
    assert "with who participants are" in page
    with zipfile.ZipFile(io.BytesIO((await owner.get(link(page))).content)) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
    assert {"threads.csv", "identities.csv"} <= names
    assert "messages.csv" not in names


async def test_who_may_not_export_gets_nothing(stranger: Browser, record: Record) -> None:
    """Neither the list nor a file whose id they know."""
    await record.researchers.add("Vera", ResearcherRole.VIEWER, PASSWORD)
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
    asked = {"format": ["csv"], "agent": "--include-identities", "where": {"q": "--tables=identities"}}
    words = arguments_of(asked | {"include_deleted": True})
    assert words == [
        "--format=csv",
        "--agent=--include-identities",
        "--where=q=--tables=identities",
        "--include-deleted",
    ]
