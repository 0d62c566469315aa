"""A page and a program in one conversation, live both ways, in a real browser."""

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser

HOW_TO: Final = Path("docs/how-to/follow-a-conversation-live.md")
FRONT_END: Final = Path("docs/how-to/build-a-front-end.md")


def test_a_page_and_a_program_see_each_other_live(arrive: Arrive) -> None:
    """The page draws what a program says, and the answer; an EventSource hears what the page says."""
    visit = arrive()
    visit.sign_in("Livia")
    visit.talk("Hello")
    page = visit.page
    page.wait_for_url(re.compile("/thread/"))
    thread = page.url.rpartition("/")[2]
    origin = page.evaluate("location.origin")
    address = f"{origin}/api/v1/threads/{thread}/messages"
    said = page.context.request.post(address, data={"content": "From a program"}, headers={"Origin": origin})
    assert said.status == 201, said.text()
    expect(visit.questions.last).to_have_text("From a program")
    expect(visit.answers).to_have_count(2)
    (code,) = re.findall(r"```js\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    follow = f"""(thread) => {{
        {code}
        Object.assign(window, {{ replies, follows: events }});
        window.ended = new Promise((tell) => events.addEventListener("done", tell));
        return new Promise((tell) => {{ events.onopen = () => tell(true); }});
    }}"""
    assert page.evaluate(follow, thread)
    answer = visit.talk("From the page")
    whole = page.evaluate("window.ended.then((event) => JSON.parse(event.data).content)")
    assert page.evaluate("[...window.replies.values()]") == [whole]
    assert whole.split() == answer.split()
    page.evaluate("window.follows.close()")
    assert visit.errors == []


def test_a_front_end_of_the_documentation_does_what_a_participant_does(
    arrive: Arrive,
) -> None:
    """The whole file of the how-to, as a lab would serve it: come in, talk, edit, rate, search, withdraw."""
    (whole,) = re.findall(r"```html\n(.*?)```", FRONT_END.read_text(encoding="utf-8"), re.DOTALL)
    visit = arrive()
    page = visit.page
    page.route("**/lab.html", lambda route: route.fulfill(body=whole, content_type="text/html"))
    page.goto("lab.html")
    page.on("dialog", lambda asked: asked.accept("I am glad." if asked.type == "prompt" else None))
    page.get_by_label("Your name").fill("Lab")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("#told")).to_contain_text("Write this code down")
    lines = page.locator("#messages > li")
    page.get_by_label("Message").fill("I am sad.")
    page.keyboard.press("Enter")
    expect(lines).to_have_count(2)
    expect(lines.last).to_contain_text("sad")
    expect(page.locator("#threads button")).to_have_text(["I am sad."])
    lines.first.get_by_role("button", name="Edit").click()
    expect(lines.first).to_contain_text("I am glad.")
    expect(lines.last).to_contain_text("glad")
    expect(lines).to_have_count(2)
    lines.last.get_by_role("button", name="Good").click()
    expect(page.locator("#told")).to_have_text("Thank you.")
    page.locator("#new").click()
    expect(lines).to_have_count(0)
    page.locator("#threads button").click()
    expect(lines).to_have_count(2)
    page.get_by_label("Search").fill("glad")
    page.keyboard.press("Enter")
    expect(page.locator("#found li").first).to_contain_text("glad")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("#told")).to_have_text("You have left the study.")
    assert visit.errors == []
