"""Whatever somebody wrote begins where its own writing begins, wherever it stands."""

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive

pytestmark = pytest.mark.browser

HEBREW: Final = "שלום עולם"
ARABIC: Final = "مرحبا بالعالم 123 (x = 1)"
MIXED: Final = f"{HEBREW}\nEnglish in a line\n{ARABIC}"

# On which side of an element each line of its text begins, and which way the element is written.
STANDS: Final = """(one) => {
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const width = (side) => parseFloat(style[`padding${side}`]) + parseFloat(style[`border${side}Width`]);
  const left = box.left + width("Left"), right = box.right - width("Right");
  const range = document.createRange(), lines = new Map();
  range.selectNodeContents(one);
  for (const part of [...range.getClientRects()].filter((part) => part.width)) {
    const place = Math.round((part.top + part.bottom) / 20);
    const line = lines.get(place) ?? [Infinity, -Infinity];
    lines.set(place, [Math.min(line[0], part.left), Math.max(line[1], part.right)]);
  }
  const sides = [...lines.values()].map(([from, to]) => {
    const [before, behind] = [Math.max(0, from - left), Math.max(0, right - to)];
    return Math.abs(before - behind) < 3 ? "both" : before < behind ? "left" : "right";
  });
  return [style.direction, sides];
}"""


def stands(one: Locator) -> tuple[str, list[str]]:
    """Which way an element is written, and on which side its lines begin."""
    direction, sides = one.evaluate(STANDS)
    return direction, sides


RIGHT: Final = ("rtl", ["right"])
LEFT: Final = ("ltr", ["left"])


def test_own_words_stand_where_their_writing_begins(arrive: Arrive) -> None:
    """In the field, in the message line by line, while it is changed, in the list and in the search."""
    visit = arrive()
    page = visit.page
    visit.sign_in("דנה")
    visit.choose_agent("Polyglot")
    for text, direction in (
        (ARABIC, "rtl"),
        ("$5 in English", "ltr"),
        ("`code` אחר כך", "ltr"),
        ("123 שקל", "rtl"),
    ):
        visit.composer.fill(text)
        assert stands(visit.composer)[0] == direction, text
    visit.talk(MIXED)
    direction, sides = stands(visit.questions.first.locator("pre"))
    assert (direction, sides[0]) == ("rtl", "right")
    visit.talk(f"Short\n{'English ' * 12}\n{HEBREW}")
    direction, sides = stands(visit.questions.last.locator("pre"))
    assert (direction, sides[0], sides[-1]) == ("ltr", "left", "right")
    visit.questions.first.hover()
    page.locator(".edit-message:visible").first.click()
    assert stands(page.locator("#edit-chat-input"))[0] == "rtl"
    page.locator("[data-step-type=user_message] button", has_text="Cancel").click()
    row = visit.rows.first
    assert stands(row.locator("[data-sidebar=menu-button] .truncate"))[0] == "rtl"
    assert stands(row.locator(".row-preview"))[0] == "rtl"
    assert stands(page.locator(".you-name")) == RIGHT
    page.locator("#search-chats-button").click()
    page.get_by_role("combobox").last.fill("שלום")
    hit = page.locator("#search-hits li", has_text="English in a line").last
    assert stands(hit.locator(".hit-words"))[0] == "rtl"
    assert stands(hit.locator("strong"))[0] == "rtl"
    page.keyboard.press("Escape")
    assert visit.errors == []


REPLY: Final = {
    "h1": [RIGHT],
    "p, .prose > [role=article]": [RIGHT, LEFT, ("rtl", ["right"])],
    "li": [RIGHT, RIGHT],
    "pre code, pre.hljs": [LEFT],
}


def test_replies_stand_where_their_writing_begins_everywhere(arrive: Arrive) -> None:
    """In the chat, on the page to print, and on a shared one: paragraphs, lists, tables; code at the left."""
    visit = arrive()
    page = visit.page
    visit.sign_in("Reader")
    visit.choose_agent("Polyglot")
    visit.talk(HEBREW)
    expect(page).to_have_url(re.compile("/thread/"))
    check(visit.answers.first)
    thread = page.url.rpartition("/")[2]
    make = "async (id) => (await (await fetch(`/me/threads/${id}/shares`, { method: 'POST' })).json()).path"
    shared = page.evaluate(make, thread)
    for path in (f"/me/threads/{thread}/print", shared):
        page.goto(path)
        check(page.locator(".agent .words"))
        assert stands(page.locator("pre.words")) == RIGHT


def check(reply: Locator) -> None:
    """A reply of Polyglot's, wherever it stands."""
    for selector, wanted in REPLY.items():
        found = [stands(one) for one in reply.locator(selector).all()][: len(wanted)]
        assert found == wanted, selector
    assert stands(reply.locator("table"))[0] == "rtl"
    quotation = reply.locator("blockquote")
    assert stands(quotation)[0] == "rtl"
    assert quotation.evaluate("one => getComputedStyle(one).borderRightWidth") == "2px"
    # A list's marks stand before its words.
    assert reply.locator("ul").evaluate("one => getComputedStyle(one).paddingRight") != "0px"
