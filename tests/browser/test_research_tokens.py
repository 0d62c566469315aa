"""A researcher's token in a browser: made, copied, used, revoked; on a phone, by night, by keys."""

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave, rules_of
from tests.browser.conftest import Arrive
from tests.browser.room import come_in

pytestmark = pytest.mark.browser


def looked_at(page: Page) -> None:
    """Axe finds nothing, by day and by night; nothing is wider than the screen."""
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert grave(page, *rules_of(look)) == [], look
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), look


def status_with(page: Page, token: str) -> int:
    """What the API answers to a token."""
    address = page.url.partition("/research")[0]
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(f"{address}/api/v1/research/studies", headers=headers).status_code


@pytest.mark.parametrize("phone", [False, True])
def test_a_token_is_made_copied_used_and_revoked(arrive: Arrive, password: str, phone: bool) -> None:
    """By keys alone: it is shown this once, opens the study, and is dead when it is revoked."""
    visit = arrive(phone=phone)
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    come_in(page, password, "/research/account", "owner")
    section = page.locator("section", has=page.locator("#tokens"))
    expect(section.get_by_text("You have no token yet.")).to_be_visible()
    looked_at(page)
    section.get_by_label("Name, by which you know it again").fill("R in the lab")
    section.get_by_label("make:exports").press("Space")
    section.get_by_label("Present password").fill(password)
    page.keyboard.press("Enter")
    made = page.locator("#made-token")
    expect(made).to_be_focused()
    token = made.locator("code").inner_text()
    made.get_by_role("button", name="Copy the token").press("Enter")
    expect(made.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == token
    looked_at(page)
    assert status_with(page, token) == 200
    page.goto("/research/account")
    row = section.get_by_role("row", name="R in the lab")
    expect(row).to_contain_text("read:threads")
    expect(row).to_contain_text("make:exports")
    expect(row).not_to_contain_text("never")
    expect(page.get_by_text(token)).to_have_count(0)
    looked_at(page)
    row.get_by_role("button", name="Revoke R in the lab").press("Enter")
    expect(section.get_by_text("You have no token yet.")).to_be_visible()
    assert status_with(page, token) == 401
    assert visit.foreign == []
    assert visit.errors == []
