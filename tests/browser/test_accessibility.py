"""axe finds nothing serious or critical, light and dark, wide and narrow."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser

LOOKS = pytest.mark.parametrize(
    ("phone", "dark"), [(False, False), (False, True), (True, False), (True, True)]
)


def grave(page: Page) -> list[str]:
    """What axe calls serious or critical, with the place."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@LOOKS
def test_the_form(arrive: Arrive, phone: bool, dark: bool) -> None:
    """The form, empty and with a refusal on it."""
    page = arrive(phone=phone, dark=dark).page
    page.goto("/login")
    assert grave(page) == []
    page.get_by_label("Your name").fill("x" * 81)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert grave(page) == []


@LOOKS
def test_the_chat(arrive: Arrive, phone: bool, dark: bool) -> None:
    """The first screen, and a conversation with a table and code in it."""
    visit = arrive(phone=phone, dark=dark)
    visit.sign_in(f"Axe {phone} {dark}")
    expect(visit.page.locator("#study-title")).to_be_visible()
    expect(visit.page.locator("#welcome-screen")).to_have_css("opacity", "1")
    assert grave(visit.page) == []
    visit.choose_agent("Rude")
    visit.talk("A table, please.")
    assert grave(visit.page) == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_drawer_on_a_phone(arrive: Arrive, dark: bool) -> None:
    """The list of threads over the page, and it stays open until something is chosen."""
    visit = arrive(phone=True, dark=dark)
    visit.sign_in(f"Drawer {dark}")
    visit.talk("I open the drawer.")
    visit.page.locator("#sidebar-trigger-button").click()
    expect(visit.rows).to_have_count(1)
    assert grave(visit.page) == []


def test_the_keyboard_reaches_a_threads_menu(arrive: Arrive) -> None:
    """A thread's menu opens without a mouse."""
    visit = arrive()
    visit.sign_in("Keyboard")
    visit.talk("I use no mouse.")
    menu = visit.rows.first.get_by_role("button", name="Rename or delete")
    menu.focus()
    menu.press("Enter")
    expect(visit.page.get_by_role("menuitem", name="Rename")).to_be_visible()


def test_no_page_scrolls_sideways_at_320_pixels(arrive: Arrive) -> None:
    """The narrowest phone shows form, first screen and a table without cutting anything off."""
    visit = arrive(phone=True)
    visit.page.set_viewport_size({"width": 320, "height": 640})
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    visit.page.goto("/login")
    assert visit.page.evaluate(wider) == 0
    visit.sign_in("Narrow")
    assert visit.page.evaluate(wider) == 0
    visit.choose_agent("Rude")
    visit.talk("A table, please.")
    assert visit.page.evaluate(wider) == 0


def test_the_look_follows_the_device(arrive: Arrive) -> None:
    """Without a choice of one's own the page is as light or dark as the device, also when that changes."""
    visit = arrive(dark=True)
    visit.sign_in("Evening")
    expect(visit.page.locator("html")).to_have_class("dark")
    visit.page.emulate_media(color_scheme="light")
    expect(visit.page.locator("html")).to_have_class("light")
