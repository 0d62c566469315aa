"""Uploads, attacked: what they may be, how large, whose, and what is left of those that are refused."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import httpx2
import jwt
import pytest
from starlette.applications import Starlette

from data_layer.conversations.attachments import Pending
from data_layer.record import Record
from page.me.participant_request import ParticipantRoutes
from page.me.uploads import upload_routes
from stages.uploads import MEGABYTE
from study.definition import Study
from study.participation import AttachmentRules
from tests import files_to_attach as files
from tests.data_layer.rows import ADA, BOB, rows
from tests.page.gate import SECRET

SESSION = "33333333-3333-4333-8333-333333333333"
LIMIT = 1  # megabytes
BOUNDARY = "one-boundary"


class House:
    """The route of uploads in a study."""

    def __init__(self, record: Record) -> None:
        self.attachments: AttachmentRules | None = AttachmentRules(max_files=2, max_size_mb=LIMIT)
        self.record = record
        owners = {SESSION: ADA}
        study = cast(Study, self)  # the one thing of a study that is asked for
        routes = upload_routes(lambda: study, record, ParticipantRoutes(), owners.get, patience_s=0)
        transport = httpx2.ASGITransport(app=Starlette(routes=routes))
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://study.example")

    def sign_in(self, participant_id: str | None) -> None:
        """Bring a cookie, or none."""
        self.client.cookies.clear()
        if participant_id is not None:
            token = jwt.encode({"identifier": participant_id, "exp": 2**33}, SECRET)
            self.client.cookies.set("access_token", token)

    async def send(self, content: bytes, name: str = "notes.txt", session: str = SESSION) -> httpx2.Response:
        """Upload a file as Chainlit's page does, with the type that an attacker would give it."""
        return await self.client.post(
            f"/project/file?session_id={session}", files={"file": (name, content, "image/png")}
        )

    async def send_raw(self, body: Any, **headers: str) -> httpx2.Response:
        """Upload what no page sends."""
        usual = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        return await self.client.post(
            f"/project/file?session_id={SESSION}", content=body, headers=usual | headers
        )

    def waiting(self) -> list[Pending]:
        """What was taken and is known."""
        found = [json.loads(path.read_text()) for path in self.on_disk() if path.suffix == ".json"]
        return [Pending(**one) for one in found]

    def on_disk(self) -> list[Path]:
        """Everything that uploads have left."""
        return sorted(path for path in (self.record.data_dir / "pending").rglob("*") if path.is_file())


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: none of this is read from it."""
    return sqlite_url


@pytest.fixture
async def house(record: Record, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A study that takes two files of a megabyte, and ADA's page."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    house = House(record)
    house.sign_in(ADA)
    yield house
    await house.client.aclose()


def form(content: bytes, disposition: str = 'name="file"; filename="x.txt"') -> bytes:
    """A body as it stands on the wire."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
    return head + content + f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.mark.parametrize(
    ("content", "name", "kind", "mime"),
    [
        (files.png(), "a.png", "image", "image/png"),
        (files.JPEG, "a.jpg", "image", "image/jpeg"),
        (files.GIF, "a.gif", "image", "image/gif"),
        (files.WEBP, "a.webp", "image", "image/webp"),
        (files.WEBP_LOSSY, "a.webp", "image", "image/webp"),
        (files.WEBP_EXTENDED, "photo.jpg", "image", "image/webp"),
        (files.POLYGLOT, "a.png", "image", "image/png"),
        (files.pdf(), "a.pdf", "pdf", "application/pdf"),
        ("Grüße, 你好\n".encode(), "a.txt", "text", "text/plain"),
        (b"\xef\xbb\xbfday,plan\n", "plan.csv", "text", "text/plain"),
        (b"a < b and b > c", "no ending", "text", "text/plain"),
    ],
)
async def test_six_types_are_taken(house: House, content: bytes, name: str, kind: str, mime: str) -> None:
    """By what they hold, whatever type their sender says; whole, and with their digest."""
    answer = await house.send(content, name)
    (pending,) = house.waiting()
    assert (answer.status_code, answer.json()) == (200, {"id": pending.attachment_id})
    assert (pending.kind, pending.mime, pending.name) == (kind, mime, name)
    assert (pending.participant_id, pending.session_id) == (ADA, SESSION)
    assert [path.read_bytes() for path in house.on_disk() if not path.suffix] == [content]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.HTML, "page.chainlit.index_page"),
        (files.HTML, "picture.png"),
        (files.HTML, "notes.txt"),
        (b"\xef\xbb\xbf \n\t" + files.HTML, "notes.txt"),
        (b"words first, then <script>", "notes.html"),
        (files.SVG, "picture.svg"),
        (files.SVG, "picture.png"),
        (b'<?xml version="1.0"?>' + files.SVG, "notes.txt"),
        (files.png(), "picture.svg"),
        (files.png(), "paper.pdf"),
        (files.pdf(), "picture.png"),
        (b"only words", "picture.png"),
        (b"only words", "run.exe"),
        (files.EXE, "run.exe"),
        (files.EXE, "notes.txt"),
        (files.ELF, "notes.txt"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt"),
        (files.ZIP, "papers.zip"),
        (files.ZIP, "letter.docx"),
        (files.ZIP, "notes.txt"),
        ("Grüße".encode("latin-1"), "notes.txt"),
        ("words".encode("utf-16"), "notes.txt"),
        (b"a" * 70_000 + b"\x00", "notes.txt"),
        (b"a" * 65_535 + "ü".encode()[:1], "notes.txt"),
        (b"\xef\xbb\xbf", "notes.txt"),
        (files.png()[:20], "cut.png"),
        (files.png_that_says(0, 5), "none.png"),
        (b"\xff\xd8\xff\xd9", "cut.jpg"),
        (files.JPEG[:22], "cut.jpg"),
        (files.WEBP[:14], "cut.webp"),
        (files.JPEG_OF_SEGMENTS, "long.jpg"),
        (files.JPEG_OF_FILL, "long.jpg"),
        (b"", "empty.txt"),
    ],
)
async def test_anything_else_is_refused(house: House, content: bytes, name: str) -> None:
    """With a sentence that says what is allowed; nothing of it stays on the disk; the refusal is kept."""
    answer = await house.send(content, name)
    assert answer.status_code in (400, 415)
    assert not content or "PNG, JPEG, GIF, WebP" in answer.json()["detail"]
    assert house.on_disk() == []
    await house.record.writer.flush()
    assert [row["payload"]["what"] for row in await rows(house.record, "events")] == ["upload"]


async def test_a_kind_that_the_study_does_not_name_is_refused(house: House) -> None:
    """A study of pictures takes no text."""
    house.attachments = AttachmentRules(kinds=("image",))
    assert (await house.send(b"words")).status_code == 415
    assert (await house.send(files.png(), "a.png")).status_code == 200


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31, 1), (8_001, 8_000)])
async def test_a_picture_that_would_fill_memory_is_refused(house: House, size: tuple[int, int]) -> None:
    """A few bytes on the disk may be gigabytes where they are drawn."""
    answer = await house.send(files.png_that_says(*size), "bomb.png")
    assert (answer.status_code, house.on_disk()) == (413, [])


@pytest.mark.parametrize(
    "content",
    [files.gif_that_says(40_000, 2_000), files.gif_that_says(40_000, 40_000), files.WEBP_NAMED_AS_FILM],
)
async def test_a_large_picture_does_not_look_small(house: House, content: bytes) -> None:
    """Sizes that a signed number does not hold, and a WebP whose length reads like another type's name."""
    answer = await house.send(content, "picture")
    assert (answer.status_code, house.on_disk()) == (413, [])


async def test_a_large_upload_is_refused_before_it_is_read(house: House) -> None:
    """500 MB that are announced cost nothing."""
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"x")
        yield b"x"

    answer = await house.send_raw(body(), **{"content-length": "500000000"})
    assert (answer.status_code, answer.headers["connection"], read) == (413, "close", [])
    assert "1 MB" in answer.json()["detail"]


async def test_a_large_upload_without_a_length_is_cut_off(house: House) -> None:
    """What comes is counted; no more than the limit is ever written."""
    came = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal came
        yield form(b"")[: -len(f"\r\n--{BOUNDARY}--\r\n")]
        for _ in range(5_000):
            came += 1
            yield b"x" * 100_000

    answer = await house.send_raw(body())
    assert (answer.status_code, house.on_disk()) == (413, [])
    assert came * 100_000 <= LIMIT * MEGABYTE + 200_000


async def test_a_file_of_exactly_the_limit_is_taken(house: House) -> None:
    """And one byte more is not."""
    assert (await house.send(b"x" * LIMIT * MEGABYTE)).status_code == 200
    assert (await house.send(b"x" * (LIMIT * MEGABYTE + 1))).status_code == 413


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\notes.txt", "notes.txt"),
        ("notes\u202egnp.txt", "notesgnp.txt"),
        ("заметки 笔记.txt", "заметки 笔记.txt"),
        ("..", "file"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
    ],
)
async def test_a_name_names_no_place(house: House, name: str, kept: str) -> None:
    """Folders, control characters and turned writing go; the file lies under an id of ours."""
    body = form(b"words", f'name="file"; filename="{name}"')
    if "\\" in name:
        body = body.replace(b"\\", b"\\\\")
    assert (await house.send_raw(body)).status_code == 200
    (pending,) = house.waiting()
    assert pending.name == kept
    folder = house.record.data_dir / "pending" / ADA
    assert [path.parent for path in house.on_disk()] == [folder, folder]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        form(b"words", 'name="other"; filename="x.txt"'),
        form(b"words", 'name="file"'),
        form(b"words")[:-20],
        form(b"one")[: -len(b"--\r\n")] + b"\r\n" + form(b"two")[len(BOUNDARY) + 4 :],
        b"--" + BOUNDARY.encode() + b"\r\n" + b"X: y\r\n" * 1000 + b"\r\nwords",
    ],
)
async def test_a_form_of_another_shape_is_refused(house: House, body: bytes) -> None:
    """One part that is called "file", with a name, to its end."""
    answer = await house.send_raw(body)
    assert (answer.status_code, house.on_disk()) == (400, [])


async def test_a_broken_off_upload_leaves_nothing(house: House) -> None:
    """A network that fails in the middle, or a participant who thinks better of it."""

    class Gone(Exception):
        pass

    async def body() -> AsyncIterator[bytes]:
        yield form(b"words")[:-30]
        raise Gone

    with pytest.raises(Gone):
        await house.send_raw(body())
    assert house.on_disk() == []


def _nobody(house: House) -> None:
    house.sign_in(None)


def _another(house: House) -> None:
    house.sign_in(BOB)


def _no_attachments(house: House) -> None:
    house.attachments = None


@pytest.mark.parametrize(("change", "status"), [(_nobody, 401), (_another, 403), (_no_attachments, 403)])
async def test_who_may_not_upload_may_not(house: House, change: Callable[[House], None], status: int) -> None:
    """Nobody without a name, nobody in another's session, nobody where the study allows no files."""
    change(house)
    answer = await house.send(b"words")
    assert (answer.status_code, house.on_disk()) == (status, [])
    assert answer.json()["detail"]


async def test_a_session_that_is_none_is_refused(house: House) -> None:
    """A file waits for a page that is open."""
    assert (await house.send(b"words", session="../../x")).status_code == 403


async def test_another_site_cannot_upload(house: House) -> None:
    """A form elsewhere would be sent with the participant's cookie."""
    answer = await house.send_raw(form(b"words"), origin="https://evil.example")
    assert (answer.status_code, house.on_disk()) == (403, [])


async def test_ten_thousand_small_files_do_not_pile_up(house: House) -> None:
    """Only the newest wait, as many as four messages may have; thirty stand for the ten thousand."""
    for number in range(30):
        assert (await house.send(str(number).encode(), f"{number}.txt")).status_code == 200
    assert sorted(int(one.name[:-4]) for one in house.waiting()) == list(range(22, 30))
    assert len(house.on_disk()) == 16
