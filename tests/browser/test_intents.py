"""Intents on the page, with an agent that needs no model: live, on reload, after a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import TREE, Arrive
from tests.browser.test_silence import Wiretap
from tests.browser.waiting import holds

pytestmark = pytest.mark.browser

TITLE = "Book a table"
WANTED = "I would like to book a table"
STUDY = """\
id: tables
title: Tables
contact: tables@example.org
welcome: Book a table.
agents:
  - {name: Desk, kind: task, dialogue: dialogue.yaml, steps: none}
"""
# The name of the slot stands in the record alone.
DIALOGUE = """\
language: en
intents:
  book:
    title: Book a table
    words: [book, reserve, table]
    examples: [I would like to book a table]
    slots:
      zebra: {kind: quantity, required: true, ask: "How many are you?", called: [guests, people]}
    confirm: "A table. Is that right?"
    answer: Booked.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app keeps what it keeps."""
    return tmp_path_factory.mktemp("intents")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """The app with a desk where tables are booked."""
    study = folder / "study"
    study.mkdir()
    (study / "study.yaml").write_text(STUDY, encoding="utf-8")
    (study / "dialogue.yaml").write_text(DIALOGUE, encoding="utf-8")
    with verbatim(TREE, folder / "data", study) as running:
        yield running


def lines(page: Page) -> Locator:
    """The quiet lines between messages, from top to bottom."""
    return page.locator(".intent-line")


def leave_for_long(folder: Path) -> None:
    """Let hours pass in the record of a server that does not run."""
    (database,) = folder.rglob("verbatim.db")
    with closing(sqlite3.connect(database)) as connection, connection:
        for table in ("intents", "threads"):
            connection.execute(
                f"UPDATE {table} SET last_activity_at = '2026-01-01T00:00:00.000Z'"
            )  # one of two


def test_a_booking_is_begun_and_completed_before_ones_eyes(arrive: Arrive) -> None:
    """A line where it began, one where it was completed, and above the field what is under way; after a
    reload the same, every message in its place, and nothing of its parameters in any frame.
    """
    visit = arrive()
    page, tap = visit.page, Wiretap(visit.page.context)
    page.on("websocket", tap._tap)
    visit.sign_in("Ada")
    visit.talk(WANTED)
    expect(page.locator("#intent-now")).to_have_text(f"Under way: {TITLE}")
    expect(lines(page)).to_have_text([f"Begins: {TITLE}"])
    expect(page.locator("#turn-said")).to_have_text(f"Begins: {TITLE}")
    visit.talk("four")
    visit.talk("yes")
    expect(page.locator("#intent-now")).to_have_count(0)
    told = [f"Begins: {TITLE}", f"Completed: {TITLE}"]
    expect(lines(page)).to_have_text(told)
    said = visit.questions.all_inner_texts()
    page.reload()
    visit.wait_until_ready()
    expect(lines(page)).to_have_text(told)
    expect(visit.questions).to_have_text(said)
    holds(page, lambda: tap.has(TITLE))
    assert not any(tap.has(word) for word in ("agent_state", "parameters", "zebra"))
    assert grave(page) == []
    assert visit.errors == []


def test_what_was_left_is_offered_after_a_restart(
    arrive: Arrive, server: ServerProcess, folder: Path
) -> None:
    """On a phone in the dark too, by buttons that a thumb meets; what is answered there holds on the desk."""
    desk, phone, other = arrive(), arrive(phone=True, dark=True), arrive()
    desk.sign_in("Bea")
    other.sign_in("Cyd")
    for visit in (desk, other):
        visit.talk(WANTED)
    phone.page.context.add_cookies(desk.page.context.cookies())  # type: ignore[arg-type]
    server.stop()
    leave_for_long(folder)
    server.start()
    for visit, address in ((desk, desk.page.url), (phone, desk.page.url), (other, other.page.url)):
        visit.page.goto(address)
        expect(visit.page.locator("#intent-now")).to_contain_text(f"You had not finished: {TITLE}.")
        expect(lines(visit.page)).to_have_text([f"Begins: {TITLE}", f"Not finished: {TITLE}"])
    buttons = phone.page.locator("#intent-now button")
    for button in buttons.all():
        holds(phone.page, lambda button=button: (button.bounding_box() or {"height": 0})["height"] >= 44)
    assert grave(phone.page) == []
    buttons.first.click()
    for visit in (desk, phone):
        expect(visit.page.locator("#intent-now")).to_have_text(f"Under way: {TITLE}")
        expect(lines(visit.page)).to_have_text([f"Begins: {TITLE}"])
    for words in ("four", "yes"):
        desk.talk(words)
    expect(lines(desk.page)).to_have_text([f"Begins: {TITLE}", f"Completed: {TITLE}"])
    other.page.get_by_role("button", name="Start something new").click()
    expect(other.page.locator("#intent-now")).to_have_count(0)
    other.talk(WANTED)
    expect(lines(other.page)).to_have_text([f"Begins: {TITLE}", f"Not finished: {TITLE}", f"Begins: {TITLE}"])


def test_an_edit_takes_the_line_along(arrive: Arrive) -> None:
    """A message that no longer asks for anything has no line above it; the arrow brings it back."""
    visit = arrive()
    page = visit.page
    visit.sign_in("Dot")
    visit.talk(WANTED)
    expect(page.locator(".intent-line")).to_have_count(1)
    visit.questions.first.hover()
    page.locator(".edit-message").first.click()
    page.locator("#edit-chat-input").fill("What is the weather like?")
    page.locator(".confirm-edit").click()
    expect(visit.questions).to_have_text("What is the weather like?")
    visit.wait_until_answered()
    expect(page.locator(".intent-line")).to_have_count(0)
    expect(page.locator("#intent-now")).to_have_count(0)
    page.locator('[data-do="before"]').first.click()
    expect(page.locator(".intent-line")).to_have_count(1)
    expect(page.locator("#intent-now")).to_have_text(f"Under way: {TITLE}")
