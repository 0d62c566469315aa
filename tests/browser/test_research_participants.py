"""Participants in a browser: by pseudonym, and by name on one click."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.axe import grave, rules_of
from tests.browser.conftest import Arrive
from tests.browser.test_research_room import enter
from tests.browser.waiting import fits

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [False, True])
def test_a_name_is_shown_on_a_click_alone(arrive: Arrive, password: str, phone: bool) -> None:
    """From the overview to the list, to a participant, to who they are; a reload has forgotten it."""
    name = f"Curious {uuid.uuid4().hex[:8]}"
    participant = arrive()
    participant.sign_in(name)
    participant.talk("Hello")
    visit = arrive(phone=phone)
    page = enter(visit, password)
    page.goto("/research/")
    page.get_by_role("link", name="Entered").click()
    expect(page.get_by_role("heading", name="Participants", level=1)).to_be_visible()
    assert grave(page) == []
    page.locator("td.id a").first.click()
    expect(page.get_by_role("heading", name="Who this is")).to_be_visible()
    expect(page.get_by_text(name)).to_have_count(0)
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text(name)).to_be_visible()
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert grave(page, *rules_of(look)) == [], look
    fits(page)
    page.get_by_role("link", name="Hide it").click()
    expect(page.get_by_text(name)).to_have_count(0)
    page.goto("/research/audit")
    expect(page.get_by_text("looked up who a participant is").first).to_be_visible()
    assert visit.foreign == []
