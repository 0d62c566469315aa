"""The language, chosen in the menu."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser


def test_the_menu_changes_the_language_and_keeps_thread_and_draft(arrive: Arrive) -> None:
    """All that the page says follows, of ours and of Chainlit's, at the next visit too; the menu marks it."""
    visit = arrive()
    visit.sign_in("Polyglot")
    visit.talk("I am sad.")
    visit.composer.fill("Half a thought")
    address = visit.page.url
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitem", name="Language").click()
    offered = visit.page.get_by_role("menuitemradio")
    expect(offered).to_have_text(["English", "Deutsch", "Español", "简体中文"])
    visit.page.get_by_role("menuitemradio", name="Deutsch").press("Enter")
    expect(visit.page.locator("html")).to_have_attribute("lang", "de")
    expect(visit.composer).to_have_value("Half a thought")
    expect(visit.composer).to_have_attribute("placeholder", "Nachricht schreiben")
    expect(visit.questions).to_have_text(["I am sad."])
    expect(visit.page).to_have_url(address)
    visit.page.goto("login")
    expect(visit.page.locator("html")).to_have_attribute("lang", "de")
    visit.page.goto("/")
    visit.wait_until_ready()
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitem", name="Sprache").click()
    expect(visit.page.get_by_role("menuitemradio", checked=True)).to_have_text("Deutsch")
    assert visit.errors == []
