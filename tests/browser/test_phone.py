"""On a phone: nothing scrolls sideways, everything can be hit by a finger, a reload stays in the thread."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.process import ServerProcess
from tests.browser import states
from tests.browser.conftest import Arrive
from tests.browser.test_markdown import wider
from tests.browser.visit import Visit
from tests.browser.waiting import holds, what_stays

pytestmark = pytest.mark.browser

# Smaller, and why that is no harm.
EXCEPTIONS: Final = (
    "#skip:not(:focus)",  # only there for the keyboard
    ".message-content p a, .message-content [role=article] a, p a",  # in the middle of a sentence
    "input[type=file], [aria-hidden=true] *, [inert] *",
    "#thread-history a > [data-sidebar=menu-button] *",  # the row around it is the target
)
SMALL: Final = """(exceptions) => {
  const seen = (one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const shown = style.visibility !== "hidden" && box.width > 0 && box.height > 0 && style.opacity !== "0";
    return shown && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
  };
  const targets = "button, a[href], [role=button], [role=menuitem], [role=option], select, summary";
  return [...document.querySelectorAll(targets)]
    .filter((one) => !exceptions.some((selector) => one.matches(selector)) && seen(one))
    .map((one) => [one.getBoundingClientRect(), one])
    .filter(([box]) => Math.round(box.height) < 44 || Math.round(box.width) < 44)
    .map(([box, one]) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 120)}`);
}"""


def test_a_finger_hits_everything_before_the_chat(arrive: Arrive) -> None:
    """The first screen and where there is no page: 44 px and more, and no wider than the narrowest phone."""
    assert wrong_in(states.outside(arrive(phone=True))) == []


def test_a_finger_hits_everything_in_the_chat(arrive: Arrive) -> None:
    """Header, composer, what stands under a reply, the panel of a rating, a message being changed."""
    assert wrong_in(states.chat(arrive(phone=True), "Finger")) == []


def test_a_finger_hits_everything_beside_the_chat(arrive: Arrive) -> None:
    """The drawer, both menus and every dialog."""
    assert wrong_in(states.beside(arrive(phone=True), "Finger beside", phone=True)) == []


def test_a_finger_hits_everything_on_other_pages(arrive: Arrive) -> None:
    """A shared conversation, one to print, and where there is none."""
    assert wrong_in(states.apart(arrive(phone=True), "Finger apart")) == []


def test_what_describes_an_agent_stays_off_a_phone(arrive: Arrive) -> None:
    """Chainlit draws it beside the list, half outside the screen; it is told above the field instead."""
    visit = arrive(phone=True)
    visit.sign_in("Finger list")
    visit.page.locator("#chat-profiles").click()
    chosen = visit.page.get_by_role("option", name="Teacher")
    chosen.hover()
    expect(visit.page.locator("[data-radix-popper-content-wrapper]:visible")).to_have_count(1)
    chosen.click()
    expect(visit.page.locator("#welcome-screen")).to_contain_text("Writes formulas")


def test_the_empty_field_is_one_line_in_every_language(chromium: Browser, server: ServerProcess) -> None:
    """On the narrowest phone, in the longest of them."""
    context = chromium.new_context(
        base_url=server.url, viewport={"width": 320, "height": 640}, is_mobile=True, locale="de-DE"
    )
    visit = Visit(context.new_page())
    visit.page.goto("/login")
    visit.page.locator("[name=username]").fill("Schmal")
    visit.page.keyboard.press("Enter")
    visit.wait_until_ready()
    holds(visit.page, lambda: (visit.composer.bounding_box() or {"height": 99})["height"] <= 48)
    context.close()


def wrong_in(walk: Iterator[states.State]) -> list[str]:
    """What is too small or sticks out, in any of the states."""
    found = []
    for name, page in walk:
        page.emulate_media(reduced_motion="reduce")  # what still grows is smaller than it will be
        small = what_stays(page, lambda page=page: page.evaluate(SMALL, list(EXCEPTIONS)))
        found += [f"{name}: {one}" for one in small]
        if name != "who answers":  # Radix closes its list when the window changes
            found += [f"{name}, 320 px: {one}" for one in narrow(page)]
    return found


def narrow(page: Page) -> list[str]:
    """What sticks out of the narrowest phone."""
    usual = page.viewport_size or {"width": 390, "height": 844}
    page.set_viewport_size({"width": 320, "height": 640})
    found = what_stays(page, lambda: wider(page))
    page.set_viewport_size(usual)
    return found


def test_the_drawer_closes_after_a_choice(arrive: Arrive) -> None:
    """A thread chosen in the drawer is there at once, under its own address, and stays after a reload."""
    visit = arrive(phone=True)
    visit.sign_in("Drawer")
    visit.talk("The first thing.")
    expect(visit.page).to_have_url(re.compile("/thread/"))
    first = visit.page.url
    drawer = visit.page.locator("[role=dialog][data-sidebar=sidebar]")
    visit.page.locator("#sidebar-trigger-button").click()
    expect(drawer).to_be_visible()
    visit.page.locator("#new-chat-button:visible").last.click()
    expect(drawer).to_have_count(0)
    visit.talk("The second thing.")
    expect(visit.page).not_to_have_url(first)
    visit.page.locator("#sidebar-trigger-button").click()
    visit.rows.last.locator("a").first.click()
    expect(drawer).to_have_count(0)
    expect(visit.page).to_have_url(first)
    visit.page.reload()
    expect(visit.questions).to_have_text(["The first thing."])
