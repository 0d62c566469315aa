"""Whatever somebody wrote begins where its own writing begins, wherever it stands."""

import re
from functools import partial
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive
from tests.browser.waiting import comes_to

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


def goes(one: Locator, direction: str, about: str = "") -> None:
    """Wait until an element is written in a direction: the page gives it one a frame after it is there."""
    comes_to(one.page, lambda: stands(one)[0], direction, about)


def first_ones(found: Locator, number: int) -> list[tuple[str, list[str]]]:
    """How the first of several elements stand."""
    return [stands(one) for one in found.all()][:number]


def ends(question: Locator) -> tuple[str, str, str]:
    """Which way a message is written, and on which side its first and its last line begin."""
    direction, sides = stands(question.locator("pre"))
    return direction, sides[0], sides[-1]


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
        goes(visit.composer, direction, text)
    visit.talk(MIXED)
    comes_to(page, lambda: ends(visit.questions.first)[:2], ("rtl", "right"))
    visit.talk(f"Short\n{'English ' * 12}\n{HEBREW}")
    comes_to(page, lambda: ends(visit.questions.last), ("ltr", "left", "right"))
    visit.questions.first.hover()
    page.locator(".edit-message:visible").first.click()
    goes(page.locator("#edit-chat-input"), "rtl")
    page.locator("[data-step-type=user_message] button", has_text="Cancel").click()
    row = visit.rows.first
    goes(row.locator("[data-sidebar=menu-button] .truncate"), "rtl")
    goes(row.locator(".row-preview"), "rtl")
    comes_to(page, lambda: stands(page.locator(".you-name")), RIGHT)
    page.locator("#search-chats-button").click()
    page.get_by_role("combobox").last.fill("שלום")
    hit = page.locator("#search-hits li", has_text="English in a line").last
    goes(hit.locator(".hit-words"), "rtl")
    goes(hit.locator("strong"), "rtl")
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
        comes_to(page, lambda: stands(page.locator("pre.words")), RIGHT)


def check(reply: Locator) -> None:
    """A reply of Polyglot's, wherever it stands."""
    for selector, wanted in REPLY.items():
        comes_to(reply.page, partial(first_ones, reply.locator(selector), len(wanted)), wanted, selector)
    goes(reply.locator("table"), "rtl")
    quotation = reply.locator("blockquote")
    goes(quotation, "rtl")
    assert quotation.evaluate("one => getComputedStyle(one).borderRightWidth") == "2px"
    # A list's marks stand before its words.
    assert reply.locator("ul").evaluate("one => getComputedStyle(one).paddingRight") != "0px"
