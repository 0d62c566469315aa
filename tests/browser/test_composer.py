"""Writing: what Enter does, how much may be written, how the field grows, and where the newest words are."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Arrive
from tests.browser.waiting import frames_pass, holds

pytestmark = pytest.mark.browser


def limit(page: Page) -> int:
    """The study's longest message."""
    data = "JSON.parse(document.getElementById('page-data').textContent)"
    return int(page.evaluate(f"{data}.study.message_length"))


def side(one: Locator) -> float:
    """The shorter side of an element."""
    box = one.bounding_box()
    return min(box["width"], box["height"]) if box else 0


def test_enter_sends_and_shift_enter_breaks_the_line(arrive: Arrive) -> None:
    """An Enter that ends the composition of a word does neither."""
    visit = arrive()
    visit.sign_in("Quick typist")
    expect(visit.page.locator("#chat-submit")).to_be_disabled()
    visit.composer.press_sequentially("One")
    visit.composer.press("Shift+Enter")
    visit.composer.press_sequentially("two")
    expect(visit.composer).to_have_value("One\ntwo")
    for signs in ("{ isComposing: true }", "{ keyCode: 229 }"):
        visit.composer.evaluate(
            f"""field => field.dispatchEvent(new KeyboardEvent("keydown",
                {{ key: "Enter", bubbles: true, cancelable: true, ...{signs} }}))"""
        )
    expect(visit.composer).to_have_value("One\ntwo")
    expect(visit.questions).to_have_count(0)
    visit.composer.press("Enter")
    expect(visit.questions).to_have_text(["One\ntwo"])
    expect(visit.composer).to_have_value("")


def test_on_a_phone_enter_breaks_the_line(arrive: Arrive) -> None:
    """The button sends; it and the clip are as large as a finger, the words large enough not to be zoomed."""
    visit = arrive(phone=True)
    visit.sign_in("Traveller")
    visit.composer.press_sequentially("One")
    visit.composer.press("Enter")
    visit.composer.press_sequentially("two")
    expect(visit.composer).to_have_value("One\ntwo")
    for button in ("#chat-submit", "#upload-button"):
        holds(visit.page, lambda button=button: side(visit.page.locator(button)) >= 44, button)
    size = "field => parseFloat(getComputedStyle(field).fontSize)"
    holds(visit.page, lambda: visit.composer.evaluate(size) >= 16, "the size of its letters")
    visit.page.set_viewport_size({"width": 320, "height": 560})
    wide = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    holds(visit.page, lambda: visit.page.evaluate(wide) <= 320, "no wider than the screen")
    visit.page.locator("#chat-submit").tap()
    expect(visit.questions).to_have_text(["One\ntwo"])


def test_a_message_that_is_too_long_does_not_go(arrive: Arrive) -> None:
    """The field counts near the limit, by characters; beyond it nothing is sent, and nothing is lost."""
    visit = arrive()
    visit.sign_in("Novelist")
    longest = limit(visit.page)
    count = visit.page.locator("#characters")
    visit.composer.fill("x" * (longest // 2))
    expect(count).to_have_count(0)
    visit.composer.fill("😀" * (longest - 5))
    expect(count).to_have_text("5 characters left")
    visit.composer.fill("x" * (longest + 1))
    expect(count).to_have_text("1 character too many")
    visit.composer.press("Enter")
    visit.page.locator("#chat-submit").click(force=True)
    expect(visit.composer).to_have_value("x" * (longest + 1))
    expect(visit.questions).to_have_count(0)
    visit.composer.press("Backspace")
    expect(count).to_have_text("0 characters left")
    visit.composer.press("Enter")
    expect(visit.questions).to_have_count(1)
    expect(visit.answers).to_have_count(1)


def test_the_field_grows_with_its_words_and_then_scrolls(arrive: Arrive) -> None:
    """Up to two fifths of the window; the button stays in sight."""
    visit = arrive()
    visit.sign_in("Grower")

    def height() -> float:
        return float(visit.composer.evaluate("field => field.getBoundingClientRect().height"))

    visit.composer.fill("A line")
    low = height()
    visit.composer.fill("\n".join(["A line"] * 4))
    holds(visit.page, lambda: low < height() < 0.35 * 800, "as high as four lines")
    visit.composer.fill("\n".join(["A line"] * 60))
    holds(visit.page, lambda: 0.35 * 800 < height() <= 0.4 * 800 + 1, "two fifths of the window")
    holds(visit.page, lambda: visit.composer.evaluate("field => field.scrollHeight > field.clientHeight"))
    expect(visit.page.locator("#chat-submit")).to_be_in_viewport()


def test_who_scrolls_up_is_left_there(arrive: Arrive) -> None:
    """While a reply grows; a button leads back down, and from there on the page follows again."""
    visit = arrive()
    visit.sign_in("Scroller")
    visit.choose_agent("Slow")
    visit.say("\n".join(f"Line {number}" for number in range(60)))
    expect(visit.answers.first).to_contain_text("One by one")
    place = "document.querySelector('[data-step-type]').closest('.overflow-y-auto')"
    visit.questions.first.hover()
    visit.page.mouse.wheel(0, -1500)
    back = visit.page.get_by_role("button", name="Go to the newest message")
    expect(back).to_be_visible()
    holds(visit.page, lambda: visit.page.evaluate(f"{place}.scrollTop === 0"))
    expect(visit.answers.first).to_contain_text("somebody can press")
    assert visit.page.evaluate(f"{place}.scrollTop") == 0
    expect(visit.page.locator("#stop-button")).to_be_visible()
    back.click()
    expect(visit.answers.first).to_be_in_viewport()
    expect(visit.answers.first).to_contain_text(re.compile("still grows"))
    expect(visit.answers.first).to_be_in_viewport(ratio=1)
    expect(back).to_have_count(0)


def test_what_grows_after_a_reply_pushes_nothing_out_of_sight(arrive: Arrive) -> None:
    """Formulas, the buttons under a reply, a thread that is opened again, a field of many lines."""
    visit = arrive()
    visit.sign_in("Watcher")
    visit.choose_agent("Teacher")
    visit.talk("Explain.")
    end = visit.page.locator(".turn-bar.last")
    back = visit.page.get_by_role("button", name="Go to the newest message")
    expect(end).to_be_in_viewport(ratio=1)
    expect(back).to_have_count(0)
    visit.page.reload()
    expect(end).to_be_in_viewport(ratio=1)
    visit.composer.fill("\n".join(["A line"] * 12))
    expect(end).to_be_in_viewport(ratio=1)
    visit.composer.fill("")
    visit.page.locator("[data-step-type]").first.hover()
    visit.page.mouse.wheel(0, -3000)
    expect(back).to_be_visible()
    visit.composer.fill("\n".join(["A line"] * 12))
    expect(visit.questions.first).to_be_in_viewport()
    expect(end).not_to_be_in_viewport()


def test_what_is_typed_before_the_page_is_whole_stays(arrive: Arrive) -> None:
    """Chainlit draws its field anew once it knows who signs in how; somebody quick has written by then."""
    visit = arrive()
    visit.sign_in("Early bird")
    held: list[Route] = []
    visit.page.route("**/auth/config*", lambda route: held.append(route))
    visit.page.goto("/", wait_until="commit")
    visit.composer.fill("Already written")
    expect(visit.page.locator("[data-sidebar=sidebar]")).to_have_count(0)
    while not held:
        visit.page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(visit.page.locator("[data-sidebar=sidebar]")).to_be_visible()
    expect(visit.composer).to_have_value("Already written")
    visit.composer.press("Enter")
    expect(visit.questions).to_have_text(["Already written"])


def test_a_message_is_changed_by_the_keyboard(arrive: Arrive) -> None:
    """As where it was written: Shift+Enter breaks the line, Enter sends unless it ends a composition.

    Escape gives up; the button says what it does; what cannot be sent stays in its field.
    """
    visit = arrive()
    visit.sign_in("Second thoughts")
    visit.talk("I am sad.")
    field = visit.page.locator("#edit-chat-input")

    def change() -> None:
        visit.questions.first.hover()
        visit.page.locator(".edit-message").click()
        expect(field).to_be_focused()
        field.press("End")

    change()
    expect(visit.page.locator(".confirm-edit")).to_have_accessible_name("Send")
    field.press_sequentially(" Not")
    field.press("Escape")
    expect(field).to_have_count(0)
    expect(visit.questions).to_have_text(["I am sad."])
    expect(visit.page.locator(".edit-message")).to_be_focused()
    change()
    field.press("Shift+Enter")
    field.press_sequentially("Very")
    for signs in ("{ isComposing: true }", "{ keyCode: 229 }"):
        field.evaluate(
            f"""field => field.dispatchEvent(new KeyboardEvent("keydown",
                {{ key: "Enter", bubbles: true, cancelable: true, ...{signs} }}))"""
        )
    expect(field).to_have_value("I am sad.\nVery")
    field.press("Enter")
    expect(visit.questions).to_have_text(["I am sad.\nVery"])
    expect(visit.composer).to_be_focused()
    visit.wait_until_answered()
    change()
    field.fill(" ")
    field.press("Control+Enter")
    field.fill("x" * (limit(visit.page) + 1))
    field.press("Control+Enter")
    expect(visit.page.locator(".toast")).to_have_text("1 character too many")
    field.fill("I am glad.")
    field.press("Control+Enter")
    expect(visit.questions).to_have_text(["I am glad."])
    expect(visit.answers).to_have_count(1)


def test_who_goes_on_elsewhere_is_not_called_back(arrive: Arrive) -> None:
    """A message that was changed gives the focus to the field, unless somebody has put it elsewhere since."""
    visit = arrive()
    visit.sign_in("Ahead")
    visit.talk("I am sad.")
    visit.questions.first.hover()
    visit.page.locator(".edit-message").click()
    visit.page.locator("#edit-chat-input").fill("I am glad.")
    go_on = "document.querySelector('.confirm-edit').click(); document.getElementById('you-button').focus()"
    visit.page.evaluate(go_on)
    expect(visit.questions).to_have_text(["I am glad."])
    frames_pass(visit.page)
    expect(visit.page.locator("#you-button")).to_be_focused()


def test_the_field_is_in_sight_at_every_zoom(arrive: Arrive) -> None:
    """At 200, 300 and 400 % of a usual window, and on a phone on its side; on the first screen and later."""
    visit = arrive()
    visit.sign_in("Magnified")
    expect(visit.page.locator("#study-title")).to_be_visible()

    def look() -> None:
        for width, height in ((640, 400), (390, 500), (844, 390), (427, 267), (320, 256), (1280, 800)):
            visit.page.set_viewport_size({"width": width, "height": height})
            expect(visit.composer).to_be_in_viewport(ratio=1)

    look()
    visit.talk("I am sad.")
    look()


def test_the_field_stands_above_a_keyboard_that_lies_over_the_page(arrive: Arrive) -> None:
    """As on browsers that take its room from nothing but the part of the page that is seen."""
    visit = arrive(phone=True)
    visit.sign_in("Thumbs")
    visit.talk("I am sad.")
    seen = "Object.defineProperty(visualViewport, 'height', { get: () => %s, configurable: true });"
    resized = "visualViewport.dispatchEvent(new Event('resize'))"
    foot = "document.getElementById('message-composer').getBoundingClientRect().bottom"
    visit.page.evaluate(seen % 480 + resized)
    holds(visit.page, lambda: visit.page.evaluate(f"{foot} <= 480"))
    visit.page.evaluate(seen % "innerHeight" + resized)
    holds(visit.page, lambda: visit.page.evaluate(f"{foot} > 480"))
