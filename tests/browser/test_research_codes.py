"""One-time codes, from a person's side of the screen."""

import time

import pytest
from playwright.sync_api import Page, expect

from data_layer.people import totp
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import Arrive
from tests.browser.test_research_room import enter
from tests.browser.waiting import fits

pytestmark = pytest.mark.browser


def looked_at(page: Page) -> None:
    """Axe finds nothing, by day and by night; nothing is wider than the screen."""
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert grave(page, *rules_of(look)) == [], look
    fits(page)


def test_codes_are_set_up_asked_for_and_turned_off(arrive: Arrive, password: str) -> None:
    """On a phone's screen: the picture is drawn, and the code of a moment later opens the room."""
    visit = arrive(phone=True)
    page = enter(visit, password)
    page.goto("/research/account")
    codes = page.get_by_role("region", name="One-time codes")
    codes.get_by_label("Present password").fill(password)
    codes.get_by_role("button", name="Set them up").click()
    picture = codes.get_by_role("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    looked_at(page)
    secret = (codes.locator(".secret").text_content() or "").replace(" ", "")
    step = int(time.time()) // totp.STEP_S
    # The code of the step before leaves this one and the next free, however slow the machine is.
    codes.get_by_label("Code").fill(totp.code_of(secret, step - 1))
    codes.get_by_role("button", name="Turn them on").click()
    expect(codes).to_contain_text("On since")
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    looked_at(page)
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.keyboard.type(totp.code_of(secret, int(time.time()) // totp.STEP_S))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    page.goto("/research/account")
    codes.get_by_label("Present password").fill(password)
    codes.get_by_role("button", name="Turn them off").click()
    expect(codes.get_by_role("button", name="Set them up")).to_be_visible()
    assert visit.foreign == []
    assert visit.errors == []
