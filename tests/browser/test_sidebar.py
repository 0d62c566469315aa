"""The list of threads: alive, in order, one's own, and everything in it can be undone."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

THREAD = re.compile(r"/thread/[0-9a-f-]{36}$")
ThreadsOf: TypeAlias = Callable[[str], int]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server."""
    return tmp_path_factory.mktemp("sidebar")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """A server whose record this file looks into."""
    with verbatim(TREE, folder, STUDY) as running:
        yield running


@pytest.fixture
def threads_of(folder: Path) -> ThreadsOf:
    """Count the threads in the record that belong to a name."""

    def count(name: str) -> int:
        query = "SELECT count(*) FROM threads JOIN identities USING (participant_id) WHERE value = ?"
        with closing(sqlite3.connect(folder / "verbatim.db")) as database:
            return int(database.execute(query, (name,)).fetchone()[0])

    return count


def begin(visit: Visit, *texts: str) -> None:
    """Talk in one new thread after another."""
    for text in texts:
        new(visit)
        visit.talk(text)
        expect(visit.page).to_have_url(THREAD)


def new(visit: Visit) -> None:
    """Press New Chat."""
    visit.page.locator("#new-chat-button").first.click()
    expect(visit.page.locator("#study-title")).to_be_visible()


def in_order(visit: Visit, *titles: str) -> None:
    """The titles stand in the list in this order."""
    expect(visit.rows.locator(".truncate")).to_have_text(list(titles))


def choose(visit: Visit, title: str, action: str) -> None:
    """Open a row's menu and choose from it."""
    row = visit.rows.filter(has_text=title)
    row.hover()
    row.locator(".row-more").click()
    visit.page.get_by_role("menuitem", name=action).click()


def another_page(arrive: Arrive, visit: Visit) -> Visit:
    """The same participant in another window; a tab in the background draws once a second only."""
    other = arrive()
    other.page.context.add_cookies(visit.page.context.cookies())  # type: ignore[arg-type]
    other.page.goto("/")
    other.wait_until_ready()
    return other


def test_a_message_lifts_its_thread_and_a_reply_alone_does_not(arrive: Arrive) -> None:
    """Also the thread that the page had at its first place, and on another page of the participant's."""
    visit = arrive()
    visit.sign_in("Order")
    begin(visit, "One")
    other = another_page(arrive, visit)
    other.rows.first.locator("a").click()
    expect(other.questions).to_have_text("One")
    new(visit)
    visit.choose_agent("Unhurried")
    visit.say("Two")
    for seen in (visit, other):
        in_order(seen, "Two", "One")
    other.say("Above it, while the reply below goes on")
    for seen in (visit, other):
        in_order(seen, "One", "Two")
    visit.wait_until_answered()
    expect(other.rows.nth(1).locator(".row-preview")).to_contain_text("ends")
    in_order(visit, "One", "Two")
    visit.say("Up again")
    for seen in (visit, other):
        in_order(seen, "Two", "One")
    expect(visit.questions).to_have_text(["Two", "Up again"])
    expect(other.questions).to_have_count(2)
    assert visit.errors + other.errors == []


def test_a_row_says_what_when_and_how_much(arrive: Arrive) -> None:
    """The count is heard with the row, and seen where one points; script stays text."""
    visit = arrive()
    visit.sign_in("Rows")
    attack = "<img src=x onerror=document.title='attacked'>"
    begin(visit, attack)
    row = visit.rows.first
    expect(row.locator(".truncate")).to_have_text(attack)
    expect(row.locator(".row-when")).to_have_text("now")
    expect(row.locator(".row-preview")).not_to_be_empty()
    expect(row.get_by_role("link", name=attack).last).to_have_accessible_description(re.compile("2 messages"))
    row.hover()
    expect(row.locator(".row-count")).to_be_visible()
    expect(visit.page).to_have_title("Everyday conversations")


def test_new_chat_in_an_empty_thread_stays_there(arrive: Arrive, threads_of: ThreadsOf) -> None:
    """No other session, and no thread in the list or in the record before anything is said."""
    visit = arrive()
    with visit.page.expect_websocket():
        visit.sign_in("Empty")
    left: list[str] = []
    visit.page.on("websocket", lambda socket: left.append(socket.url))
    visit.composer.fill("Half a thought")
    for _ in range(3):
        new(visit)
    expect(visit.composer).to_have_value("Half a thought")
    expect(visit.composer).to_be_focused()
    assert left == []
    expect(visit.rows).to_have_count(0)
    assert threads_of("Empty") == 0


def test_a_title_is_changed_in_its_place(arrive: Arrive) -> None:
    """Enter keeps it, also after a reload and on another page; Escape does not; an empty one is none."""
    visit = arrive()
    visit.sign_in("Renamer")
    begin(visit, "First words", "Second words")
    other = another_page(arrive, visit)
    choose(visit, "First words", "Rename")
    expect(visit.page.get_by_label("New title")).to_be_focused()
    visit.page.keyboard.type("My <b>walk</b>")
    visit.page.keyboard.press("Enter")
    in_order(visit, "Second words", "My <b>walk</b>")
    in_order(other, "Second words", "My <b>walk</b>")
    for typed, key in (("Never mind", "Escape"), ("   ", "Enter")):
        choose(visit, "My <b>walk</b>", "Rename")
        visit.page.get_by_label("New title").fill(typed)
        visit.page.keyboard.press(key)
        expect(visit.page.get_by_label("New title")).to_have_count(0)
    visit.page.reload()
    in_order(visit, "Second words", "My <b>walk</b>")


def test_a_deleted_thread_can_be_had_back(arrive: Arrive) -> None:
    """At once, and back into it; or later from the place for what was deleted, on another page too."""
    visit = arrive()
    visit.sign_in("Regretful")
    begin(visit, "Keep me", "Delete me")
    other = another_page(arrive, visit)
    in_order(other, "Delete me", "Keep me")
    choose(visit, "Delete me", "Delete")
    in_order(visit, "Keep me")
    in_order(other, "Keep me")
    expect(visit.page.locator("#study-title")).to_be_visible()
    visit.page.get_by_role("button", name="Undo").click()
    expect(visit.questions).to_have_text("Delete me")
    in_order(visit, "Delete me", "Keep me")
    choose(visit, "Keep me", "Delete")
    in_order(visit, "Delete me")
    visit.page.reload()
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitem", name="Recently deleted").click()
    visit.page.get_by_role("button", name="Restore: Keep me").click()
    expect(visit.page.get_by_text("Nothing is deleted")).to_be_visible()
    visit.page.keyboard.press("Escape")
    in_order(visit, "Delete me", "Keep me")
    in_order(other, "Delete me", "Keep me")


def test_tags_sort_the_list(arrive: Arrive) -> None:
    """Set in a dialog, shown in the row, chosen above the list; the last one that goes shows all again."""
    visit = arrive()
    visit.sign_in("Tagger")
    begin(visit, "At home", "At work")
    choose(visit, "At home", "Tags")
    visit.page.get_by_label("New tag").fill("  family\tlife ")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("dialog .tag")).to_have_text("family life")
    visit.page.keyboard.press("Escape")
    expect(visit.rows.nth(1).locator(".row-tags span")).to_have_text("family life")
    choices = visit.page.get_by_role("group", name="Show conversations by tag")
    choices.get_by_role("button", name="family life").click()
    in_order(visit, "At home")
    visit.talk("Still at work")
    in_order(visit, "At home")
    choose(visit, "At home", "Tags")
    visit.page.get_by_role("button", name="Remove the tag family life").click()
    visit.page.keyboard.press("Escape")
    in_order(visit, "At work", "At home")
    expect(choices).to_have_count(0)


def test_search_leads_to_the_message(arrive: Arrive) -> None:
    """By keyboard alone: the words are marked, and so is the message for a moment; nothing found says so."""
    visit = arrive()
    visit.sign_in("Seeker")
    begin(visit, "I found a <mark>moth</mark> in the relay", "Something else")
    stranger = arrive()
    stranger.sign_in("Another seeker")
    stranger.page.keyboard.press("Control+k")
    stranger.page.keyboard.type("moth")
    expect(stranger.page.get_by_text("Nothing found for “moth”.")).to_be_visible()
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.type("MOTH rel")
    hits = visit.page.get_by_role("option")
    expect(hits.first).to_be_visible()
    mine = hits.filter(has=visit.page.locator(".hit-who", has_text=re.compile("^You$")))
    expect(mine.locator(".hit-text mark")).to_have_text(["moth", "rel"])
    for _ in range(hits.count()):
        visit.page.keyboard.press("ArrowDown")
    expect(hits.last).to_have_attribute("aria-selected", "true")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    expect(visit.questions).to_have_text("I found a <mark>moth</mark> in the relay")
    expect(visit.page.locator(".found-message")).to_be_visible()


def test_the_list_stays_as_it_was_left(arrive: Arrive) -> None:
    """Closed stays closed, into the next thread and after a reload; so does the look that was chosen."""
    visit = arrive()
    visit.sign_in("Tidy")
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitemradio", name="Dark").click()
    expect(visit.page.locator("html")).to_have_class("dark")
    visit.page.locator("#sidebar-trigger-button").click()
    closed = visit.page.locator('[data-state="collapsed"] [data-sidebar="content"]')
    expect(closed).to_have_count(1)
    visit.talk("Hello")
    expect(visit.page).to_have_url(THREAD)
    expect(closed).to_have_count(1)
    visit.page.reload()
    visit.wait_until_ready()
    expect(closed).to_have_count(1)
    expect(visit.page.locator("html")).to_have_class("dark")


def test_the_drawer_of_a_phone_closes_after_a_choice(arrive: Arrive) -> None:
    """A thread, New Chat, the search; a title is changed inside it, and its foot is in reach."""
    visit = arrive(phone=True)
    visit.sign_in("Telephone")
    drawer = visit.page.locator("[data-sidebar=sidebar][data-mobile]")
    visit.talk("First call")
    visit.page.locator("#sidebar-trigger-button").tap()
    drawer.locator("#new-chat-button").tap()
    expect(drawer).to_have_count(0)
    visit.talk("Second call")
    visit.page.locator("#sidebar-trigger-button").tap()
    in_order(visit, "Second call", "First call")
    visit.rows.nth(1).locator(".row-more").tap()
    visit.page.get_by_role("menuitem", name="Rename").tap()
    visit.page.get_by_label("New title").fill("A long call")
    visit.page.keyboard.press("Enter")
    in_order(visit, "Second call", "A long call")
    expect(drawer.locator("#you-button")).to_be_in_viewport(ratio=1)
    visit.rows.nth(1).locator("a").first.tap()
    expect(drawer).to_have_count(0)
    expect(visit.questions).to_have_text("First call")
