"""Exports over the API: begun, followed, downloaded, and never with who participants are."""

import asyncio
import hashlib
import io
import zipfile
from typing import Any, Final

import pytest

from data_layer.record import Record
from study.roles import TokenScope
from tests.api.research.conftest import noted
from tests.api.research.program import Program
from tests.data_layer.rows import rows
from tests.data_layer.said_by_ada import MARKER

NOBODYS: Final = "00000000-0000-4000-8000-000000000000"
ASKED: Final = {"format": ["csv"], "tables": ["messages", "threads"], "where": {"least": 1}}


async def done(program: Program, export_id: str) -> dict[str, Any]:
    """An export, when it is made."""
    async with asyncio.timeout(120):
        while True:
            told: dict[str, Any] = (await program.get(f"/exports/{export_id}", wait=50)).json()
            if told["state"] != "running":
                return told


async def test_an_export_is_made_followed_and_downloaded(
    program: Program, record: Record, thread_id: str
) -> None:
    """What was asked for, whole, with its digest; the log says who had it, and by which token."""
    began = await program.http.post("/research/exports", json=ASKED)
    assert began.status_code == 202, began.text
    export_id = began.json()["id"]
    assert began.headers["Location"] == f"exports/{export_id}"
    told = await done(program, export_id)
    assert (told["state"], told["made_by"], told["can_be_downloaded"]) == ("done", "Olga", True), told
    download = await program.get(f"/exports/{export_id}/download")
    assert hashlib.sha256(download.content).hexdigest() == told["sha256"]
    with zipfile.ZipFile(io.BytesIO(download.content)) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        assert {"messages.csv", "threads.csv", "manifest.json"} <= names
        assert "identities.csv" not in names
        messages = next(name for name in archive.namelist() if name.endswith("/messages.csv"))
        assert f"So you are {MARKER}" in archive.read(messages).decode()
    lines = [(line["action"], line["target"], line["details"]["token"]) for line in await noted(record)]
    assert lines == [("exported", export_id, "R"), ("export_downloaded", export_id, "R")]
    listed = (await program.get("/exports")).json()["exports"]
    assert [one["id"] for one in listed] == [export_id]


async def test_one_key_makes_one_export(program: Program, record: Record, thread_id: str) -> None:
    """Sent again, and twice at once, it is the same one; for something else the key is refused."""
    headers = {"Idempotency-Key": "tonight"}
    sent = (program.http.post("/research/exports", json=ASKED, headers=headers) for _ in range(3))
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {202}
    (export_id,) = {answer.json()["id"] for answer in answers}
    other = await program.http.post("/research/exports", json={"format": ["jsonl"]}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    await done(program, export_id)
    again = await program.http.post("/research/exports", json=ASKED, headers=headers)
    assert (again.json()["id"], again.json()["state"]) == (export_id, "done")
    assert len(await rows(record, "exports")) == 1
    await program.researcher("Rosa", (await _olga(record)).role)
    await program.come_in("Rosa", [TokenScope.EXPORTS])
    hers = await program.http.post("/research/exports", json=ASKED, headers=headers)
    assert hers.json()["id"] != export_id
    await done(program, hers.json()["id"])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"include_identities": True}, "not_readable"),
        ({"tables": ["identities"]}, "no_such_table"),
        ({"tables": ["--database=x"]}, "no_such_table"),
        ({"format": ["docx"]}, "not_readable"),
        ({"format": []}, "not_readable"),
        ({"where": {"since": "yesterday"}}, "no_such_filter"),
        ({"where": {"since": "2026-01-01", "name": "Ada"}}, "not_readable"),
        ({"where": {"deleted": "yes"}}, "no_such_filter"),
        ({"threads": ["--help"]}, "no_such_thread"),
    ],
)
async def test_what_cannot_be_made_is_told(
    program: Program, record: Record, asked: dict[str, Any], code: str
) -> None:
    """Identities are none of the choices; nothing is begun, and nothing noted."""
    answer = await program.http.post("/research/exports", json={"format": ["csv"]} | asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert await rows(record, "exports") == await rows(record, "audit_log") == []


async def test_an_export_with_identities_stays_in_the_room(program: Program, record: Record) -> None:
    """One that was made there is listed, and refused to every token."""
    olga = await _olga(record)
    options = {"format": ["csv"], "include_identities": True}
    export_id = await record.exports_made.begin(olga.researcher_id, "Olga", options)
    folder = record.data_dir / "exports"
    folder.mkdir(parents=True)
    (folder / f"{export_id}.zip").write_text("Ada")
    await record.exports_made.done(export_id, row_count=1, table_count=1, zip_bytes=3, zip_sha256="0" * 64)
    told = (await program.get(f"/exports/{export_id}")).json()
    assert (told["state"], told["can_be_downloaded"]) == ("done", False)
    answer = await program.get(f"/exports/{export_id}/download")
    assert (answer.status_code, answer.json()["code"]) == (403, "identities")
    assert await rows(record, "audit_log") == []


async def test_an_export_is_downloaded_when_it_is_there(program: Program, record: Record) -> None:
    """Not before it is done, not after its files are gone, and not one that nobody has made."""
    olga = await _olga(record)
    running = await record.exports_made.begin(olga.researcher_id, "Olga", {"format": ["csv"]})
    answer = await program.get(f"/exports/{running}/download")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_done")
    await record.exports_made.failed(running, "The disk was full.")
    assert (await program.get(f"/exports/{running}")).json()["problem"] == "The disk was full."
    answer = await program.get(f"/exports/{running}/download")
    assert (answer.status_code, answer.json()["code"]) == (404, "gone")
    for name in (NOBODYS, "..%2f..%2fetc", "x"):
        answer = await program.get(f"/exports/{name}/download")
        assert answer.status_code == 404


async def _olga(record: Record) -> Any:
    return await record.researchers.find("Olga")


async def test_vectors_leave_when_they_are_asked_for(
    program: Program, record: Record, thread_id: str
) -> None:
    """The table of what a model made of messages stands in an export that asks for it, and in no other."""
    asked = {"format": ["csv"], "tables": ["threads"]}
    for vectors in (False, True):
        more = asked | {"include_vectors": vectors}
        export_id = (await program.http.post("/research/exports", json=more)).json()["id"]
        assert (await done(program, export_id))["state"] == "done"
        download = await program.get(f"/exports/{export_id}/download")
        with zipfile.ZipFile(io.BytesIO(download.content)) as archive:
            names = {name.partition("/")[2] for name in archive.namelist()}
        assert ("embeddings.csv" in names) is vectors
