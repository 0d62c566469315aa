"""A participant who writes faster than the page takes."""

import re
from contextlib import suppress
from typing import Final

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser

# Some seconds each at most: a minute.
PRESSES: Final = 30

# What one participant may send at once is used up just before what they send next, by their own connection
# and for a message that there is not.
SPEND = """async () => {
    const loaded = performance.getEntriesByType("resource").map((one) => one.name);
    const wire = await (globalThis.asked = import(loaded.find((name) => name.includes("base/wire"))));
    window.hasty = 0;
    const spend = () => {
        for (; window.hasty > 0; window.hasty -= 1) {
            wire.emit("try_again", { step_id: "4d0a3c4e-58a2-4e51-9f6e-0f6f0a3f5c11" });
        }
    };
    for (const event of ["client_message", "edit_message"]) wire.onLeave(event, spend);
}"""


def test_what_was_too_fast_stays_and_is_sent_again(arrive: Arrive) -> None:
    """A message with a button under it; a changed one in the field, with the thread as it was."""
    visit = arrive()
    visit.sign_in("Hasty")
    visit.talk("I am sad.")
    visit.page.evaluate(SPEND)
    visit.page.evaluate("hasty = 40")
    visit.say("I am in a hurry.")
    again = visit.page.get_by_role("button", name="Send again")
    expect(again).to_be_visible()
    expect(visit.page.get_by_text(re.compile(r"In \d s you can send it again")).first).to_be_visible()
    for _ in range(PRESSES):
        if visit.answers.count() == 2:
            break
        with suppress(TimeoutError):  # too early is refused as well, and offered anew; in time it is gone
            again.click(timeout=2_000)
    visit.wait_until_answered()
    expect(visit.questions).to_have_text(["I am sad.", "I am in a hurry."])
    visit.page.evaluate("hasty = 40")
    visit.questions.first.hover()
    visit.page.locator(".edit-message").first.click()
    visit.page.locator("#edit-chat-input").fill("I am glad.")
    visit.page.locator("#edit-chat-input").press("Enter")
    expect(visit.composer).to_have_value("I am glad.")
    expect(visit.questions).to_have_text(["I am sad.", "I am in a hurry."])
    expect(visit.answers).to_have_count(2)
    assert visit.errors == []
