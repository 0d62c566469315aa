"""The list of threads, long and in motion: pages, the lift of a row, tabs side by side, a phone."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from bench.process import ServerProcess, verbatim
from data_layer.database.types import iso
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, frames_pass, holds

pytestmark = pytest.mark.browser

THREAD = re.compile(r"/thread/[0-9a-f-]{36}$")
# Notes which rows are let go from where they were, and for how long they move.
NOTE_MOVES = """window.moves = [];
const animate = Element.prototype.animate;
Element.prototype.animate = function (frames, options) {
  if (this.matches("#thread-history li"))
    window.moves.push([this.innerText, frames[0].transform ?? "", options.duration]);
  return animate.call(this, frames, options);
};"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server."""
    return tmp_path_factory.mktemp("list")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """A server whose record this file writes into."""
    with verbatim(TREE, folder, STUDY) as running:
        yield running


def begin(visit: Visit, *texts: str) -> None:
    """Talk in one new thread after another."""
    for text in texts:
        visit.page.locator("#new-chat-button").first.click()
        expect(visit.page.locator("#study-title")).to_be_visible()
        visit.talk(text)
        expect(visit.page).to_have_url(THREAD)


def copy_thread(folder: Path, title: str, copies: int) -> None:
    """Put older threads beside the one with a title, each a minute older than the one before."""
    with closing(sqlite3.connect(folder / "verbatim.db", timeout=30)) as database, database:
        database.row_factory = sqlite3.Row
        row = dict(database.execute("SELECT * FROM threads WHERE title = ?", (title,)).fetchone())
        newest = datetime.fromisoformat(row["last_activity_at"])
        for number in range(1, copies + 1):
            at = iso(newest - timedelta(minutes=number))
            older = {**row, "thread_id": str(uuid4()), "title": f"Older {number}", "last_activity_at": at}
            marks = ", ".join("?" for _ in older)
            database.execute(f"INSERT INTO threads VALUES ({marks})", tuple(older.values()))


def test_a_long_list_comes_page_by_page(arrive: Arrive, folder: Path) -> None:
    """35 rows at first, the next ones where the list ends, each once, to the very last."""
    visit = arrive()
    visit.sign_in("Prolific")
    begin(visit, "The newest")
    copy_thread(folder, "The newest", 79)
    visit.page.reload()
    expect(visit.rows).to_have_count(35)
    for shown in (70, 80):
        visit.page.locator("[data-sidebar=content]").hover()
        visit.page.mouse.wheel(0, 5_000)
        expect(visit.rows).to_have_count(shown)
    titles = ["The newest", *[f"Older {number}" for number in range(1, 80)]]
    comes_to(visit.page, lambda: visit.rows.locator(".truncate").all_inner_texts(), titles)


@pytest.mark.parametrize("moving", [True, False])
def test_a_row_glides_to_its_place_unless_motion_is_unwanted(arrive: Arrive, *, moving: bool) -> None:
    """It is let go where it was, below, for a fraction of a second; under reduced motion it is just there."""
    visit = arrive()
    visit.page.emulate_media(reduced_motion=None if moving else "reduce")
    visit.page.add_init_script(NOTE_MOVES)
    visit.sign_in(f"Mover {moving}")
    begin(visit, "Lower", "Upper")
    visit.rows.nth(1).locator("a").first.click()
    expect(visit.questions).to_have_text("Lower")
    visit.page.evaluate("moves.length = 0")
    visit.talk("Up it goes")
    expect(visit.rows.locator(".truncate")).to_have_text(["Lower", "Upper"])
    frames_pass(visit.page)
    moves = visit.page.evaluate("moves")
    if not moving:
        assert moves == []
        return
    up = [(by, lasts) for text, by, lasts in moves if text.startswith("Lower")]
    assert up, moves
    assert re.fullmatch(r"translateY\([1-9][0-9.]*px\)", up[0][0])
    assert up[0][1] <= 300


def test_two_tabs_keep_two_threads_apart(arrive: Arrive) -> None:
    """Both begun anew in the same browser and written in at the same time: each has its own words alone."""
    one = arrive()
    one.sign_in("Two at once")
    two = Visit(one.page.context.new_page())
    two.page.goto("/")
    for tab, text in ((one, "Left 1"), (two, "Right 1")):
        tab.say(text)
    for tab in (one, two):
        tab.wait_until_answered()
        expect(tab.page).to_have_url(THREAD)
    for tab, text in ((two, "Right 2"), (one, "Left 2")):
        tab.say(text)
    assert one.page.url != two.page.url
    for tab, side in ((one, "Left"), (two, "Right")):
        expect(tab.answers).to_have_count(2)
        tab.wait_until_answered()
        expect(tab.rows).to_have_count(2)
        tab.page.reload()
        expect(tab.questions).to_have_text([f"{side} 1", f"{side} 2"])
        expect(tab.answers).to_have_count(2)


def test_on_a_phone_what_was_deleted_comes_back_by_a_tap(arrive: Arrive) -> None:
    """Undo is in reach above the open drawer, whatever that drawer keeps from being touched."""
    visit = arrive(phone=True)
    visit.sign_in("Thumb")
    visit.talk("Not this one")
    visit.page.locator("#sidebar-trigger-button").tap()
    visit.rows.first.locator(".row-more").tap()
    visit.page.get_by_role("menuitem", name="Delete").tap()
    expect(visit.rows).to_have_count(0)
    visit.page.locator(".toast button").tap()
    expect(visit.questions).to_have_text("Not this one")


def right_of(one: Locator) -> float:
    """Where an element ends."""
    box = one.bounding_box()
    return box["x"] + box["width"] if box else 0


def test_on_a_phone_nothing_of_the_list_is_cut_or_covered(arrive: Arrive) -> None:
    """A long title gives way: the time stands at its end, in the list and in what was found."""
    visit = arrive(phone=True)
    visit.sign_in("Narrow")
    visit.talk("A first message that is longer than any telephone is wide, and then some")
    visit.page.locator("#sidebar-trigger-button").tap()
    row = visit.rows.first
    row.locator(".row-more").focus()
    title, time = row.locator(".truncate"), row.locator(".row-when")
    holds(
        visit.page, lambda: right_of(title) <= (time.bounding_box() or {"x": 0})["x"], "the title gives way"
    )
    visit.page.locator("#search-chats-button:visible").last.tap()
    visit.page.get_by_role("combobox").fill("telephone")
    expect(visit.page.locator("#search-hits time").first).to_be_in_viewport(ratio=1)
    expect(visit.page.locator("#search-hits mark").first).to_be_in_viewport(ratio=1)
    visit.page.locator("dialog .own-field").press("Escape")
    expect(visit.page.locator("dialog")).to_have_count(0)  # at once, also where words were typed
