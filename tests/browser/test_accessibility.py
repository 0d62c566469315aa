"""axe finds nothing serious or critical in any state of the page, light and dark, wide and narrow."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import states
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import Arrive
from tests.browser.waiting import comes_to, holds

pytestmark = pytest.mark.browser

# A list of Radix's is a box of options with arrows, and hides the rest of the page from who cannot see it
# while it holds the focus; axe wants the one to hold options alone, and does not know of the other.
RADIX = {"who answers": ("aria-hidden-focus", "aria-required-children")}

# Chainlit's page has taken on the look, and no colour is on its way to another any more.
DRAWN = """(look) => (!document.getElementById("root") || document.documentElement.classList.contains(look))
  && document.getAnimations().every((one) => one.playState !== "running")"""

SIZES = pytest.mark.parametrize("phone", [False, True])


def found_in(walk: Iterator[states.State]) -> list[str]:
    """Go through the states, and look at each by day and by night."""
    found = []
    for name, page in walk:
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look, reduced_motion="reduce")
            page.wait_for_function(DRAWN, arg=look)
            graves = grave(page, *rules_of(look), known=RADIX.get(name, ()))
            found += [f"{name}, {look}: {one}" for one in graves]
    return found


@SIZES
def test_before_and_beside_the_chat(arrive: Arrive, phone: bool) -> None:
    """The first screen, with a refusal on it, and where there is no page."""
    assert found_in(states.outside(arrive(phone=phone))) == []


@SIZES
def test_the_chat(arrive: Arrive, phone: bool) -> None:
    """Empty, with a reply that holds everything, while it is rated, while a message is changed."""
    assert found_in(states.chat(arrive(phone=phone), f"Axe {phone}")) == []


@SIZES
def test_the_list_and_its_dialogs(arrive: Arrive, phone: bool) -> None:
    """The threads, the menus, and each dialog that opens from them."""
    assert found_in(states.beside(arrive(phone=phone), f"Axe beside {phone}", phone=phone)) == []


@SIZES
def test_a_conversation_on_a_page_of_its_own(arrive: Arrive, phone: bool) -> None:
    """Shared, to be printed, and not to be had: with code, whose colours are ours by day and by night."""
    assert found_in(states.apart(arrive(phone=phone), f"Axe apart {phone}")) == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_code_in_a_reply_can_be_read(arrive: Arrive, look: str) -> None:
    """Each kind of word in it, a comment too."""
    visit = arrive(dark=look == "dark")
    visit.sign_in(f"Code {look}")
    visit.choose_agent("Rude")
    visit.talk("Show me.")
    code = visit.page.locator(".message-content code.hljs").first
    kinds = ("comment", "keyword", "string", "number", "title", "built_in", "attr", "meta", "tag", "symbol")
    code.evaluate(
        "(one, kinds) => one.append(...kinds.map((kind) =>"
        " Object.assign(document.createElement('span'), { className: `hljs-${kind}`, textContent: kind })))",
        list(kinds),
    )
    assert grave(visit.page) == []


def test_the_keyboard_comes_first_to_the_field(arrive: Arrive) -> None:
    """The first stop leads past the list of threads to where one writes, and is seen when it is reached."""
    visit = arrive()
    visit.sign_in("Tab")
    first = "document.querySelector('a[href], button, input, textarea').id"
    comes_to(visit.page, lambda: visit.page.evaluate(first), "skip")
    expect(visit.composer).to_be_focused()  # Chainlit's page puts the focus there when it is whole
    link = visit.page.get_by_role("link", name="To the message field")
    visit.page.keyboard.press("Tab")
    expect(link).to_be_focused()
    holds(visit.page, lambda: (link.bounding_box() or {"height": 0})["height"] >= 44)
    visit.page.keyboard.press("Enter")
    expect(visit.composer).to_be_focused()
    visit.page.keyboard.press("Tab")  # Who has begun to use the page goes on from where they are.
    expect(link).not_to_be_focused()


def test_the_keyboard_reaches_a_threads_menu(arrive: Arrive) -> None:
    """It opens without a mouse, is walked by arrows, and gives the focus back."""
    visit = arrive()
    visit.sign_in("Keyboard")
    visit.talk("I use no mouse.")
    menu = visit.rows.first.locator(".row-more")
    menu.focus()
    menu.press("Enter")
    expect(visit.page.get_by_role("menuitem").first).to_be_focused()
    visit.page.keyboard.press("End")
    expect(visit.page.get_by_role("menuitem").last).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(menu).to_be_focused()


def test_a_dialog_gives_the_focus_back(arrive: Arrive) -> None:
    """Opened from a menu by keyboard, it holds the focus, closes on Escape, and gives it to the button."""
    visit = arrive()
    visit.sign_in("Focus")
    button = visit.page.get_by_role("button", name="You, Focus")
    button.press("Enter")
    visit.page.get_by_role("menuitem", name="Recently deleted").press("Enter")
    dialog = visit.page.get_by_role("dialog", name="Recently deleted")
    expect(dialog).to_be_visible()
    holds(visit.page, lambda: dialog.evaluate("one => one.contains(document.activeElement)"))
    visit.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_the_look_follows_the_device(arrive: Arrive) -> None:
    """Without a choice of one's own the page is as light or dark as the device, also when that changes."""
    visit = arrive(dark=True)
    visit.sign_in("Evening")
    expect(visit.page.locator("html")).to_have_class("dark")
    visit.page.emulate_media(color_scheme="light")
    expect(visit.page.locator("html")).to_have_class("light")
