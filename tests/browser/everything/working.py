"""What a page shows beside the conversation when an agent works: forms, intents, limits, a rest."""

from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Locator, expect

from tests.browser import states
from tests.browser.heard import hear, step
from tests.browser.visit import Visit

PLENTY: Final = {"messages": None, "nearly": False, "over": None, "least": 0, "seconds": None}


def form(visit: Visit) -> Iterator[states.State]:
    """Every kind of item, refused, filled, sent; and a form that was passed over."""
    page = visit.page
    visit.sign_in("Ada")
    visit.choose_agent("Quick")
    visit.talk("Hello")
    yield "buttons", page
    visit.talk("I would rather write")
    yield "a form that was passed over", page
    page.locator("#new-chat-button").first.click()
    visit.wait_until_ready()
    visit.choose_agent("Interviewer")
    visit.talk("Hello")
    asked = page.locator("verbatim-form").last
    expect(asked).to_be_visible()
    yield "a form", page
    asked.get_by_role("button", name="Next").click()
    yield "a form with errors", page
    _first_page(asked)
    asked.get_by_role("button", name="Next").click()
    asked.get_by_label("Nothing of these").check()
    row = asked.locator(".form-ranking li").first
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    assert box
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(row).to_have_class("held")
    yield "an order that is dragged", page
    page.keyboard.press("Escape")
    page.mouse.up()
    asked.get_by_role("button", name="This order is right").click()
    asked.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some words"}
    )
    expect(asked.get_by_text("notes.txt")).to_be_visible()
    yield "the form's second page", page
    asked.get_by_role("button", name="Send").click()
    expect(asked.get_by_text("Sent")).to_be_visible()
    yield "a form that was sent", page


def _first_page(asked: Locator) -> None:
    asked.get_by_label("What may we call you?").fill("Ada")
    asked.get_by_label("2", exact=True).check()
    asked.get_by_label("Agree", exact=True).check()
    asked.get_by_role("slider").press("Enter")


def order(visit: Visit) -> Iterator[states.State]:
    """A form with a unit, a choice of one's own and a condition."""
    page = visit.page
    page.locator("#new-chat-button").first.click()
    visit.wait_until_ready()
    visit.choose_agent("Waiter")
    visit.talk("Hello")
    asked = page.locator("verbatim-form").last
    asked.get_by_role("radiogroup", name="Which drink?").get_by_role("radio").last.check()
    asked.get_by_label("How many cups?").fill("9")
    asked.get_by_role("button", name="Order").click()
    yield "an order with an error", page


def going_on(visit: Visit) -> Iterator[states.State]:
    """Steps that have begun and not ended: one that the page has words for, and one that bears a name."""
    page = visit.page
    hear(page, "task_start", {})
    for kind in ("session", "tool"):
        hear(page, "new_message", step(type=kind, name=kind, input="{}", end=None))
    expect(page.locator(".loading-shimmer")).to_have_count(2)
    for one in page.locator(".loading-shimmer").all():
        colour = one.evaluate("(one) => getComputedStyle(one).color")
        expect(one).to_have_css(
            "-webkit-text-fill-color", colour
        )  # Chainlit's own is the page's, for a while
    yield "steps that go on", page
    hear(page, "task_end", {})


def intents(visit: Visit) -> Iterator[states.State]:
    """One that began and ended, one that is under way, one that is offered again."""
    page = visit.page
    thread = page.url.rsplit("/", 1)[-1]
    message = page.locator('[data-step-type="user_message"] [id^="step-"]').first.get_attribute("id") or ""
    said = message.removeprefix("step-")
    one = {"id": "1", "title": "Order a drink", "state": "completed", "from": said, "to": said}
    for state, offered in (("active", False), ("abandoned", True)):
        two = {"id": "2", "title": "Ask for the menu", "state": state, "from": said, "to": said}
        listed = [one | {"offered": False}, two | {"offered": offered}]
        hear(page, "intents", {"thread": thread, "intents": listed})
        expect(page.locator("#intent-now")).to_be_visible()
        yield f"an intent that is {state}", page


def limits(visit: Visit) -> Iterator[states.State]:
    """Nearly at the end, and at the end."""
    page = visit.page
    hear(page, "limits", PLENTY | {"messages": 1})
    expect(page.locator("#limits")).to_be_visible()
    yield "one message left", page


def away(visit: Visit) -> Iterator[states.State]:
    """The participant was away."""
    page = visit.page
    hear(page, "away", {})
    expect(page.locator("#connection.away")).to_be_visible()
    yield "away", page
