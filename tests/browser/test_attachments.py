"""Files in a real browser: previewed, sent, kept, refused; and the server under far too large ones."""

import http.client
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import FilePayload, Request, expect

from bench.process import ServerProcess, verbatim
from tests import files_to_attach as files
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.held import HeldRequest
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, holds

pytestmark = pytest.mark.browser

MEGABYTE: Final = 1_000_000
PICTURE: Final = files.png(64, 40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server."""
    return tmp_path_factory.mktemp("attachments")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """The app on a database that the tests look into."""
    with verbatim(TREE, folder, STUDY) as running:
        yield running


def payload(name: str, mime: str, content: bytes) -> FilePayload:
    """A file to choose."""
    return {"name": name, "mimeType": mime, "buffer": content}


def attach(visit: Visit, *chosen: FilePayload) -> None:
    """Choose files by the clip, and wait until they are uploaded."""
    visit.page.locator("#upload-button-input").set_input_files(list(chosen))
    expect(visit.page.locator("#attachments > *")).to_have_count(len(chosen))
    expect(visit.page.locator("#attachments circle")).to_have_count(0)


def elements(folder: Path, name: str) -> list[tuple[object, ...]]:
    """What the record holds of files of a name."""
    connection = sqlite3.connect(f"file:{folder / 'verbatim.db'}?mode=ro", uri=True)
    try:
        query = (
            "SELECT elements.element_id, elements.type, elements.mime, elements.size_bytes, steps.output "
            "FROM elements JOIN steps ON steps.step_id = elements.message_id WHERE elements.name = ?"
        )
        return connection.execute(query, [name]).fetchall()
    finally:
        connection.close()


def test_files_are_seen_before_and_after_they_are_sent(arrive: Arrive, folder: Path) -> None:
    """In the composer, in the message, after a reload; served to their participant and to nobody else."""
    visit = arrive()
    visit.sign_in("Attacher")
    attach(visit, payload("garden.png", "image/png", PICTURE), payload("plan.txt", "text/plain", b"A walk."))
    expect(visit.page.get_by_role("button", name="Remove garden.png")).to_be_visible()
    visit.talk("Look at these.")
    expect(visit.page.locator("#attachments")).to_have_count(0)
    shown = visit.page.locator('[data-step-type="user_message"]')
    expect(shown.get_by_role("button", name="Open garden.png")).to_be_visible()
    holds(visit.page, lambda: len(elements(folder, "garden.png")) == 1)
    ((element_id, kind, mime, size, words),) = elements(folder, "garden.png")
    assert (kind, mime, size, words) == ("image", "image/png", len(PICTURE), "Look at these.")
    visit.page.reload()
    picture = shown.get_by_role("button", name="Open garden.png")
    expect(picture).to_be_visible()
    width = "image => image.complete && image.naturalWidth"
    comes_to(visit.page, lambda: picture.evaluate(width), 64)
    picture.press("Enter")
    dialog = visit.page.get_by_role("dialog", name="garden.png")
    expect(dialog.get_by_role("img", name="garden.png")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    link = shown.get_by_role("link", name="plan.txt")
    assert visit.page.request.get(str(link.get_attribute("href"))).body() == b"A walk."
    answer = visit.page.request.get(f"/files/{element_id}")
    assert "sandbox" in answer.headers["content-security-policy"]
    stranger = arrive()
    stranger.sign_in("Stranger")
    assert stranger.page.request.get(f"/files/{element_id}").status == 404
    assert visit.errors == []


def test_a_picture_alone_is_a_message(arrive: Arrive, folder: Path) -> None:
    """The thread is called by it, and the page stays in the thread."""
    visit = arrive(phone=True)
    visit.sign_in("Photographer")
    attach(visit, payload("roses.png", "image/png", PICTURE))
    visit.page.locator("#chat-submit").click()
    expect(visit.answers).to_have_count(1)
    visit.wait_until_answered()
    expect(visit.page).to_have_url(re.compile("/thread/"))
    comes_to(visit.page, lambda: [row[-1] for row in elements(folder, "roses.png")], [""])
    visit.page.reload()
    expect(visit.page.get_by_role("button", name="Open roses.png")).to_be_visible()


def test_what_cannot_go_is_refused_with_a_sentence(arrive: Arrive) -> None:
    """Here by its type, its size and its number; by the server where it is not what it says."""
    visit = arrive()
    visit.sign_in("Careless")
    choose = visit.page.locator("#upload-button-input")
    choose.set_input_files([payload("face.svg", "image/svg+xml", files.SVG)])
    expect(visit.page.get_by_role("alert")).to_contain_text("face.svg cannot be attached")
    choose.set_input_files([payload("big.png", "image/png", PICTURE + b"x" * 2 * MEGABYTE)])
    expect(visit.page.get_by_role("alert").last).to_contain_text("big.png is larger than 2 MB")
    choose.set_input_files([payload("page.png", "image/png", files.HTML)])
    refused = visit.page.get_by_text("Not attached: page.png")
    expect(refused).to_contain_text("Allowed are: pictures (PNG, JPEG, GIF, WebP), PDF")
    expect(visit.page.locator("#attachments")).to_have_count(0)
    choose.set_input_files([payload(f"{number}.png", "image/png", PICTURE) for number in range(5)])
    expect(visit.page.get_by_role("alert").last).to_contain_text("up to 3 files")
    expect(visit.page.locator("#attachments > *")).to_have_count(3)


def test_files_can_be_pasted_and_dropped(arrive: Arrive) -> None:
    """What may not go among those that are dropped stays out; words that come with a picture are meant."""
    visit = arrive()
    visit.sign_in("Dropper")
    visit.page.evaluate(
        """picture => {
            window.carrying = (...named) => {
                const carrier = new DataTransfer();
                const bytes = new Uint8Array(picture);
                for (const [name, type] of named) carrier.items.add(new File([bytes], name, { type }));
                return carrier;
            };
        }""",
        list(PICTURE),
    )
    paste = """(field, [name, words]) => {
        const clipboardData = carrying([name, "image/png"]);
        if (words) clipboardData.setData("text/plain", words);
        field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }"""
    visit.composer.evaluate(paste, ["table.png", "a table"])
    visit.composer.evaluate(paste, ["pasted.png", ""])
    expect(visit.page.locator("#attachments img")).to_have_count(1)
    drop = """(place, named) => place.dispatchEvent(new DragEvent("drop", {
        dataTransfer: carrying(...named), bubbles: true, cancelable: true }))"""
    both = [["face.svg", "image/svg+xml"], ["dropped.png", "image/png"]]
    visit.page.locator("#welcome-screen").evaluate(drop, both)
    expect(visit.page.get_by_role("alert")).to_contain_text("face.svg")
    expect(visit.page.locator("#attachments img")).to_have_count(2)
    visit.page.locator("[data-sidebar=sidebar]").first.evaluate(drop, [["beside.png", "image/png"]])
    expect(visit.page.locator("#attachments img")).to_have_count(3)
    for number, name in enumerate(("pasted.png", "dropped.png", "beside.png")):
        expect(visit.page.locator("#attachments img").nth(number)).to_have_attribute("alt", name)


def test_a_message_waits_for_its_files(arrive: Arrive, folder: Path) -> None:
    """Chainlit's page would send the words, and leave out what is still on its way."""
    visit = arrive()
    visit.sign_in("Hasty")
    held = HeldRequest(visit.page, "**/project/file*")
    late = payload("late.png", "image/png", PICTURE)
    with visit.page.expect_request("**/project/file*"):
        visit.page.locator("#upload-button-input").set_input_files([late])
    expect(visit.page.locator("#attachments circle")).not_to_have_count(0)
    visit.composer.fill("With a picture.")
    expect(visit.page.locator("#chat-submit")).to_have_attribute("aria-disabled", "true")
    visit.composer.press("Enter")
    expect(visit.composer).to_have_value("With a picture.")
    held.let_go()
    expect(visit.page.locator("#chat-submit[aria-disabled]")).to_have_count(0)
    visit.composer.press("Enter")
    expect(visit.answers).to_have_count(1)
    comes_to(visit.page, lambda: [row[-1] for row in elements(folder, "late.png")], ["With a picture."])


def test_half_a_gigabyte_costs_the_server_nothing(
    arrive: Arrive, server: ServerProcess, folder: Path
) -> None:
    """Announced, it is refused unread; in chunks without a length, it is cut off near the limit."""
    visit = arrive()
    sessions: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/set-session-cookie") and request.post_data_json:
            sessions.append(request.post_data_json["session_id"])

    visit.page.on("request", note)
    visit.sign_in("Flooder")
    attach(visit, payload("small.png", "image/png", PICTURE))
    cookies = "; ".join(f"{one.get('name')}={one.get('value')}" for one in visit.page.context.cookies())
    process = psutil.Process(server.pid)
    before = process.memory_info().rss
    for length in (("Content-Length", str(500 * MEGABYTE)), ("Transfer-Encoding", "chunked")):
        sent = flood(server, f"/project/file?session_id={sessions[-1]}", cookies, length)
        assert sent < 100 * MEGABYTE  # what lies in buffers on the way; the server has read some 2 MB of it
    assert process.memory_info().rss - before < 8 * MEGABYTE
    comes_to(visit.page, lambda: large_files(folder / "pending"), [])
    assert visit.page.request.get("/user").status == 200


def large_files(folder: Path) -> list[Path]:
    """What is larger than a megabyte."""
    found = []
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # it may go while it is looked at
            found += [path] if path.stat().st_size > MEGABYTE else []
    return found


def flood(server: ServerProcess, path: str, cookies: str, length: tuple[str, str]) -> int:
    """Send what begins as a picture and goes on for 500 MB, until the server hangs up.

    Returns:
        How many bytes went out.
    """
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    chunked = length[0] == "Transfer-Encoding"
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + PICTURE
    sent = 0
    try:
        connection.putrequest("POST", path)
        for name, value in (
            ("Cookie", cookies),
            ("Content-Type", "multipart/form-data; boundary=b"),
            length,
        ):
            connection.putheader(name, value)
        connection.endheaders()
        while sent < 500 * MEGABYTE:
            piece = (b"" if sent else head).ljust(MEGABYTE, b"\x00")
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            sent += len(piece)
    except OSError:
        pass  # The server has hung up.
    finally:
        connection.close()
    return sent
