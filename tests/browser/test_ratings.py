"""Ratings and bookmarks in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.visit import THREAD

pytestmark = pytest.mark.browser

# As a part of the page does it: by the address that the page's own modules have.
OPEN = """() => {
    const script = document.querySelector("script[src*='script.js']").src;
    globalThis.asked = import(new URL("page/bookmarks.js", script));
    return globalThis.asked.then((bookmarks) => bookmarks.openBookmarks());
}"""


def test_a_thumb_is_kept_at_once_and_refined(arrive: Arrive) -> None:
    """Reasons and a comment add to it; it is there after a reload, changeable, and can be taken back."""
    visit = arrive()
    visit.sign_in("Rater")
    visit.talk("I like trees.")
    page = visit.page
    good, bad = page.get_by_role("button", name="Good reply"), page.get_by_role("button", name="Bad reply")
    kept = re.compile("/me/ratings/")
    with page.expect_response(kept) as first:
        good.click()
    assert first.value.json() == {"rating": {"value": 1, "reasons": [], "comment": None}}
    with page.expect_response(kept):
        page.get_by_role("button", name="Kind").click()
    page.get_by_role("textbox", name="Anything else?").fill("It listened.")
    with page.expect_response(kept) as last:
        page.get_by_role("button", name="Done").click()
    assert last.value.json() == {"rating": {"value": 1, "reasons": ["Kind"], "comment": "It listened."}}
    expect(good).to_be_focused()
    page.reload()
    expect(good).to_have_attribute("aria-pressed", "true")
    good.click()
    expect(page.get_by_role("button", name="Kind")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("textbox", name="Anything else?")).to_have_value("It listened.")
    page.keyboard.press("Escape")
    with page.expect_response(kept):
        bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.get_by_role("button", name="Take back").click()
    page.reload()
    expect(bad).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".positive-feedback-off")).to_be_hidden()
    assert visit.errors == []


def test_a_bookmark_leads_back_to_its_message(arrive: Arrive) -> None:
    """From another thread, by the list; there it can be removed again."""
    visit = arrive()
    visit.sign_in("Keeper of gardens")
    page = visit.page
    visit.talk("I remember a garden.")
    expect(page).to_have_url(THREAD)
    garden = page.url
    page.locator('[data-step-type="assistant_message"]').get_by_role("button", name="Bookmark").click()
    expect(page.get_by_role("button", name="Remove the bookmark")).to_have_attribute("aria-pressed", "true")
    page.goto("/")
    visit.talk("Something else.")
    page.evaluate(OPEN)
    listed = page.get_by_role("dialog", name="Bookmarks")
    listed.get_by_role("button", name=re.compile("garden")).click()
    expect(page).to_have_url(garden)
    expect(visit.questions).to_have_text(["I remember a garden."])
    page.evaluate(OPEN)
    listed.get_by_role("button", name="Remove the bookmark").click()
    expect(listed.get_by_text("No bookmarks yet.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator('[data-do="bookmark"][aria-pressed="true"]')).to_have_count(0)
    assert visit.errors == []
