"""The page asks no third party for anything, whatever an agent writes."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import states
from tests.browser.conftest import Arrive
from tests.browser.waiting import comes_to, holds

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("dark", [False, True])
def test_no_request_leaves_the_origin(arrive: Arrive, dark: bool) -> None:
    """From the form through a conversation to the reloaded thread, only we are asked."""
    visit = arrive(dark=dark)
    visit.write_name(f"Private {dark}")
    visit.talk("I am here.")
    visit.page.reload()
    expect(visit.questions).to_have_count(1)
    assert visit.foreign == []


def test_no_page_and_no_dialog_asks_another(arrive: Arrive) -> None:
    """Neither what stands before the chat and beside it, nor a menu or dialog, nor a shared page."""
    visit = arrive()
    seen = [name for name, _ in states.outside(visit)]
    for name, page in states.beside(visit, "Private too", phone=False):
        seen.append(name)
        if name == "Share…":
            page.get_by_role("button", name="Make a link").click()
            expect(page.locator("dialog.own-dialog input")).to_have_value(re.compile("/shared/"))
            address = page.locator("dialog.own-dialog input").input_value()
    visit.page.goto(address)
    expect(visit.page.get_by_text("I am glad to be here.")).to_be_visible()
    assert len(seen) == 12
    assert visit.foreign == []
    assert visit.errors == []


def test_no_page_of_a_conversation_asks_another(arrive: Arrive) -> None:
    """Shared or to be printed, with a picture elsewhere in it; and where there is none to show."""
    visit = arrive()
    seen = [name for name, _ in states.apart(visit, "Private apart")]
    assert len(seen) == 4
    # the chat's own: held back by its policy
    comes_to(visit.page, lambda: set(visit.foreign) - set(visit.refused), set())
    assert visit.errors == []


def test_a_picture_in_a_reply_is_not_fetched(arrive: Arrive) -> None:
    """A reply that names a picture elsewhere tells that place nothing, and the page says so."""
    visit = arrive()
    visit.sign_in("Watched")
    visit.choose_agent("Rude")
    visit.talk("Show me.")
    comes_to(visit.page, lambda: set(visit.foreign) - set(visit.refused), set())
    note = visit.page.locator('.message-content div:has(> img[src*="pictures.invalid"])').first
    content = "one => getComputedStyle(one, '::after').content"
    holds(visit.page, lambda: "not shown" in note.evaluate(content))


def test_nothing_in_a_reply_is_executed(arrive: Arrive) -> None:
    """Scripts, event handlers and script links of an agent are text."""
    visit = arrive()
    visit.sign_in("Attacked")
    visit.choose_agent("Rude")
    visit.talk("Attack.")
    expect(visit.page.locator(".message-content script, .message-content [onerror]")).to_have_count(0)
    expect(visit.page.locator('.message-content a[href^="javascript"]')).to_have_count(0)
    expect(visit.page).not_to_have_title("attacked")


def test_the_page_cannot_be_made_to_fetch(arrive: Arrive) -> None:
    """Should a script get in after all, the policy keeps it from telling anybody."""
    visit = arrive()
    visit.sign_in("Guarded")
    outcome = visit.page.evaluate(
        "fetch('https://elsewhere.invalid/').then(() => 'sent', (error) => error.name)"
    )
    assert outcome == "TypeError"
    comes_to(visit.page, lambda: set(visit.foreign) - set(visit.refused), set())
