"""More than one page of one participant: each shows its own thread, and all of it."""

import re
from itertools import zip_longest

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.visit import THREAD, Visit
from tests.browser.waiting import comes_to

pytestmark = pytest.mark.browser


def another_tab(visit: Visit, address: str) -> Visit:
    """Open an address in another tab of the same browser."""
    tab = Visit(visit.page.context.new_page())
    tab.page.goto(address)
    tab.wait_until_ready()
    return tab


def shows_the_same(first: Visit, second: Visit) -> None:
    """Each answer on both pages, to its last word."""

    def parted() -> list[tuple[str, str]]:
        pairs = zip_longest(*(tab.answers.all_inner_texts() for tab in (first, second)), fillvalue="")
        return [pair for pair in pairs if pair[0] != pair[1]]

    comes_to(first.page, parted, [], "answers that differ")


def test_two_tabs_with_two_threads_never_mix(arrive: Arrive) -> None:
    """One speaks while the other is being answered; each hears its own answer, now and after a reload."""
    first = arrive()
    first.sign_in("Twotab")
    second = another_tab(first, "/")
    first.choose_agent("Slow")
    first.say("I wait here.")
    second.say("I am sad there.")
    expect(second.answers).to_have_count(1)
    first.wait_until_answered()
    for reload in (False, True):
        for tab, said, heard in (
            (first, "I wait here.", re.compile("One by one .* grows")),
            (second, "I am sad there.", re.compile("sad")),
        ):
            if reload:
                tab.page.reload()
            expect(tab.questions).to_have_text([said])
            expect(tab.answers).to_have_text([heard])
    for tab in (first, second):
        expect(tab.page).to_have_url(THREAD)
    assert first.page.url != second.page.url


def test_a_second_device_sees_the_thread_as_it_goes_on(arrive: Arrive) -> None:
    """What is said and heard on one, stopped on the other, edited on the first: both show the same."""
    first = arrive()
    first.sign_in("Twodev")
    first.talk("I am sad.")
    second = another_tab(first, first.page.url)
    expect(second.questions).to_have_text(["I am sad."])
    second.talk("I am tired.")
    expect(first.questions).to_have_text(["I am sad.", "I am tired."])
    expect(first.answers).to_have_count(2)
    shows_the_same(first, second)
    message = first.page.locator('[data-step-type="user_message"]').first
    message.hover()
    message.locator(".edit-message").click()
    first.page.locator("#edit-chat-input").fill("I am glad.")
    first.page.locator(".confirm-edit").click()
    for tab in (first, second):
        expect(tab.questions).to_have_text(["I am glad."])
        expect(tab.answers).to_have_count(1)
        expect(tab.answers.first).to_contain_text("glad")
        tab.wait_until_answered()


def test_what_is_pressed_before_the_page_has_said_who_it_is_goes_after_that(arrive: Arrive) -> None:
    """As a form that is sent in the moment in which a connection comes back."""
    visit = arrive()
    sent: list[str] = []
    visit.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    visit.sign_in("Quick")
    sent.clear()
    visit.page.evaluate(
        """() => {
          const socket = wire.socket();
          socket.met = false;
          wire.emit("typing", {});
          socket.send('42["connection_successful"]');
        }"""
    )
    ours = ('42["connection_successful"]', '42["typing",{}]')
    comes_to(visit.page, lambda: [frame for frame in sent if frame in ours], list(ours))
    assert visit.errors == []
