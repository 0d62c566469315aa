"""A page and a program in one conversation, live both ways, in a real browser."""

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser

HOW_TO: Final = Path("docs/how-to/follow-a-conversation-live.md")


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
