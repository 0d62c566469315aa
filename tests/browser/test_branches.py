"""Walking between branches in a real browser: by arrows, with the keyboard, in two tabs, on a phone."""

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.browser.conftest import Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import fits, holds

pytestmark = pytest.mark.browser


def edit(visit: Visit, old: str, new: str, heard: str) -> None:
    """Say a message otherwise, and wait for its answer."""
    message = visit.page.locator('[data-step-type="user_message"]', has_text=old)
    message.hover()
    message.locator(".edit-message").click()
    visit.page.locator("#edit-chat-input").fill(new)
    visit.page.locator(".confirm-edit").click()
    expect(visit.questions.last).to_have_text(new)
    # The page shows the new wording before the server has heard of it: the answer says that it has.
    expect(visit.answers.last).to_contain_text(heard)
    visit.wait_until_answered()


def under(visit: Visit, text: str) -> Locator:
    """What can be done with a message."""
    return visit.page.locator(".step[data-step-type]", has_text=text).locator(".turn-bar")


def test_arrows_walk_between_wordings(arrive: Arrive) -> None:
    """Each has its own answer; a reload shows the one that was left; it is told, and the focus stays."""
    visit = arrive()
    visit.sign_in("Walker")
    sad = visit.talk("I am sad.")
    tired = visit.talk("I am tired.")
    edit(visit, "I am sad.", "I am glad.", "glad")
    expect(under(visit, "I am glad.").locator(".turn-place")).to_have_text("2/2")
    glad = visit.answers.first.inner_text()
    before = under(visit, "I am glad.").get_by_role("button", name="Version before")
    expect(before).to_be_enabled()  # while the reply grows a press is nothing
    before.press("Enter")
    expect(visit.questions).to_have_text(["I am sad.", "I am tired."])
    expect(visit.answers).to_have_text([sad, tired])
    expect(visit.page.get_by_role("status").filter(has_text="Version 1 of 2")).to_have_count(1)
    expect(under(visit, "I am sad.").get_by_role("button", name="Version before")).to_be_focused()
    visit.page.reload()
    expect(visit.questions).to_have_text(["I am sad.", "I am tired."])
    under(visit, "I am sad.").get_by_role("button", name="Version after").click()
    expect(visit.questions).to_have_text(["I am glad."])
    expect(visit.answers).to_have_text([glad])
    assert visit.errors == []


def test_try_again_on_an_earlier_reply(arrive: Arrive) -> None:
    """What followed leaves with it and comes back with it, in every tab that has the thread open."""
    visit = arrive()
    visit.sign_in("Doubter")
    visit.talk("My mother is kind.")
    visit.talk("I remember a song.")
    other = Visit(visit.page.context.new_page())
    other.page.goto(visit.page.url)
    expect(other.questions).to_have_count(2)
    first = visit.page.locator('[data-step-type="assistant_message"]').first
    first.hover()
    first.get_by_role("button", name="Try again").click()
    place = visit.page.locator(".turn-place")
    expect(place).to_have_text("2/2")
    for page in (visit, other):
        expect(page.questions).to_have_text(["My mother is kind."])
        expect(page.answers).to_have_count(1)
    visit.page.get_by_role("button", name="Version before").click()
    for page in (visit, other):
        expect(page.questions).to_have_text(["My mother is kind.", "I remember a song."])
        expect(page.page.locator(".turn-place")).to_have_text("1/2")
    expect(visit.page.get_by_role("button", name="Version before")).to_be_focused()


def is_in_reach(box: FloatRect | None) -> bool:
    """Whether a finger hits it, on the narrowest phone."""
    return box is not None and min(box["width"], box["height"]) >= 44 and 0 <= box["x"] <= 320 - box["width"]


def test_a_phone_shows_what_a_mouse_would_find(arrive: Arrive) -> None:
    """Nothing waits for a hover; each target is 44 pixels; at 320 nothing stands outside the screen."""
    visit = arrive(phone=True)
    visit.sign_in("Thumb")
    visit.talk("I am sad.")
    visit.talk("I am tired.")
    visit.page.locator('[data-do="again"]').last.tap()
    expect(visit.page.locator(".turn-place")).to_have_text("2/2")
    visit.wait_until_answered()
    visit.page.set_viewport_size({"width": 320, "height": 640})
    buttons = visit.page.locator(".turn-button")
    expect(buttons.first).to_have_css("opacity", "1")
    for button in buttons.all():
        holds(visit.page, lambda button=button: is_in_reach(button.bounding_box()), "a finger's size")
    fits(visit.page)
