"""Uploads, attacked: too large, too many, disguised, named like a path, and others' files."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.journeys.attacker import World
from tests.journeys.border_world import PNG, Belongings, upload
from tests.journeys.raw_socket import Socket, new_id, said

pytestmark = pytest.mark.journey

HALF_A_GB = 500_000_000
BEGINNING = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.png"\r\n\r\n' + PNG
DISGUISED = {
    "page.png": b"<!doctype html><script>alert(1)</script>",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "program.png": b"MZ\x90\x00" + bytes(64),
    "archive.pdf": b"PK\x03\x04" + bytes(64),
    "notes.txt": b"\x00\x01\x02\xff" * 16,
    "nothing.png": b"",
}


@pytest.fixture
async def page(world: World, stranger: httpx2.Client) -> AsyncIterator[Socket]:
    """A page of a stranger's."""
    async with Socket(world, stranger) as opened:
        await opened.begin()
        yield opened


def resident_kb(pid: int) -> int:
    """The memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])


def endless() -> Iterator[bytes]:
    """Half a gigabyte, as a form with a file."""
    yield BEGINNING
    for _ in range(HALF_A_GB // 1_000_000):
        yield bytes(1_000_000)


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("who", ["nobody", "stranger"])
async def test_half_a_gigabyte_is_not_taken(
    world: World, stranger: httpx2.Client, page: Socket, who: str, announced: bool
) -> None:
    """Refused at its announcement, or at the first bytes too many: nothing of it stays in memory."""
    client = stranger if who == "stranger" else world.nobody()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    if announced:
        headers["Content-Length"] = str(HALF_A_GB + len(BEGINNING))
    before = resident_kb(world.server.pid)
    async with world.nothing_changes():
        with (
            world.logged("refused", "/project/file"),
            suppress(httpx2.WriteError, httpx2.ReadError, httpx2.RemoteProtocolError),
        ):
            answer = client.post(
                f"/project/file?session_id={page.session_id}", content=endless(), headers=headers
            )
            assert answer.status_code == (413 if who == "stranger" else 401)
    assert resident_kb(world.server.pid) - before < 8_000


@pytest.mark.parametrize("name", DISGUISED)
async def test_what_a_file_is_stands_in_it(
    world: World, stranger: httpx2.Client, page: Socket, name: str
) -> None:
    """Neither its name nor what its sender says of it makes it another."""
    async with world.nothing_changes(kept=1):
        answer = upload(stranger, page.session_id, DISGUISED[name], name)
        assert answer.status_code in (400, 415)
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    "name",
    [
        "../../../secret_key.py",
        "..\\..\\x.png",
        "/etc/passwd",
        "<script>alert(1)</script>.png",
        "a\u202egnp.png",
    ],
)
async def test_a_name_with_a_path_is_only_a_name(
    world: World, stranger: httpx2.Client, page: Socket, name: str
) -> None:
    """It is kept below the data folder under a name of ours, and comes back as a name that is harmless."""
    answer = upload(stranger, page.session_id, PNG, name)
    assert answer.status_code == 200
    message = said("With a file.") | {"fileReferences": [{"id": answer.json()["id"]}]}
    await page.emit("client_message", message)
    await page.answered()
    await world.settle()
    query = "SELECT element_id, name, file FROM elements WHERE message_id = ?"
    element_id, kept, file = world.rows(query, message["message"]["id"])[0]
    assert not {"/", "\\", "\u202e"} & set(kept)
    assert (
        ((world.database.parent / "files") / file).resolve().is_relative_to(world.database.parent / "files")
    )
    given = stranger.get(f"/files/{element_id}")
    assert given.content == PNG
    assert "\n" not in given.headers["content-disposition"]
    assert given.headers["content-type"] == "image/png"
    assert "sandbox" in given.headers["content-security-policy"]


async def test_anothers_upload_is_not_sent_along(world: World, owners: Belongings, page: Socket) -> None:
    """Neither one that waits for its owner's message, nor one that is kept, nor a path."""
    waiting = world.somebody()
    async with Socket(world, waiting) as theirs:
        await theirs.begin()
        other = upload(waiting, theirs.session_id, PNG).json()["id"]
        async with world.nothing_changes(kept=1):
            for reference in (other, owners.element_id, new_id(), "../secret", None, {"id": other}):
                await page.emit("client_message", said("") | {"fileReferences": [{"id": reference}]})


async def test_others_files_are_not_given(world: World, owners: Belongings, stranger: httpx2.Client) -> None:
    """One answer for not yours, not there, and not signed in."""
    answers = []
    for client in (stranger, world.nobody()):
        for element_id in (owners.element_id, new_id()):
            with world.logged("refused", "/files/"):
                answers.append(client.get(f"/files/{element_id}"))
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert json.dumps(answers[0].text)
