"""A conversation is taken along, and shown to others: by the menu of its row."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave
from tests.browser.conftest import Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import fits

pytestmark = pytest.mark.browser


def open_from_menu(visit: Visit, entry: str) -> None:
    """Choose something from the newest thread's menu, by keyboard."""
    row = visit.rows.first
    row.hover()
    row.locator(".row-more").press("Enter")
    visit.page.get_by_role("menuitem", name=entry).press("Enter")


def readable(page: Page) -> str:
    """What stands on a transcript."""
    return page.locator("main").inner_text()


def test_a_conversation_is_saved(arrive: Arrive) -> None:
    """As a file under the thread's name, with every word; and on a page to print, dark on white."""
    visit = arrive()
    visit.sign_in("Saver")
    answer = visit.talk("I am *happy* today.")
    open_from_menu(visit, "Save")
    dialog = visit.page.get_by_role("dialog", name="Save this conversation")
    with visit.page.expect_download() as downloading:
        dialog.get_by_role("link", name="JSON").click()
    file = downloading.value
    assert re.fullmatch(r"I am happy today 20\d\d-\d\d-\d\d\.json", file.suggested_filename)
    saved = json.loads(file.path().read_text(encoding="utf-8"))
    assert [one["text"] for one in saved["messages"]] == ["I am *happy* today.", answer]
    with visit.page.context.expect_page() as opening:
        dialog.get_by_role("link", name="To print").click()
    paper = opening.value
    expect(paper.get_by_role("heading", level=1)).to_have_text("I am *happy* today.")
    assert answer in readable(paper)
    paper.emulate_media(media="print", color_scheme="dark")
    assert grave(paper) == []
    paper.emulate_media(media="screen", color_scheme="light")
    paper.evaluate("window.print = () => { window.printed = true; }")
    paper.get_by_role("button", name="Print").click()
    paper.wait_for_function("window.printed")
    visit.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert visit.errors == []


def test_a_conversation_is_shared_until_it_is_stopped(arrive: Arrive) -> None:
    """Who has the link reads it up to then, without signing in; after Stop sharing there is no such page."""
    visit = arrive()
    visit.sign_in("Sharer")
    visit.choose_agent("Rude")
    visit.talk("What do you think?")
    open_from_menu(visit, "Share")
    dialog = visit.page.get_by_role("dialog", name="Share this conversation")
    expect(dialog).to_contain_text("The link works for 7 days.")
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_label("The link", exact=True)).to_have_value(re.compile("/shared/"))
    link = dialog.get_by_label("The link", exact=True).input_value()
    visit.page.keyboard.press("Escape")
    # Until it is gone it holds the focus, and what is written into the field behind it is lost.
    expect(dialog).to_have_count(0)
    visit.talk("Said afterwards.")

    reader = arrive(phone=True, dark=True)
    reader.page.goto(link)
    text = readable(reader.page)
    assert "What do you think?" in text
    assert "Said afterwards." not in text
    assert "Sharer" not in text
    expect(reader.page).to_have_title("A shared conversation")
    assert reader.page.context.cookies() == []
    assert grave(reader.page) == []
    reader.page.emulate_media(color_scheme="light")
    assert grave(reader.page) == []
    assert (reader.foreign, reader.errors) == ([], [])
    fits(reader.page)

    open_from_menu(visit, "Share")
    dialog.get_by_role("button", name="Stop sharing").click()
    expect(dialog.get_by_role("button", name="Stop sharing")).to_have_count(0)
    again = reader.page.reload()
    assert again is not None
    assert again.status == 404
    assert visit.errors == []
