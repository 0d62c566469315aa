"""Formulas on Chainlit's page: drawn, kept whole while they come, copied as they were written."""

from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.heard import hear, step
from tests.browser.waiting import comes_to, copied, frames_pass
from tests.formulas import CASES

pytestmark = pytest.mark.browser

# What stands in a reply: each formula's TeX and whether it has lines of its own, and the words around.
READ: Final = """(id) => {
  const content = document.querySelector(`#step-${id} .message-content`)?.cloneNode(true);
  if (!content) return { formulas: [], words: "" };
  for (const head of content.querySelectorAll(".shadow-sm > .items-center")) head.remove(); // a card's own
  const formulas = [];
  for (const one of content.querySelectorAll(".katex, .katex-error")) {
    const tex = (one.querySelector("annotation") ?? one).textContent.trim();
    formulas.push([tex, one.parentElement.matches(".katex-display")]);
    one.replaceWith("□");
  }
  return { formulas, words: content.textContent };
}"""


def read(page: Page, step_id: str) -> Any:
    """A reply as it now stands."""
    frames_pass(page)
    return page.evaluate(READ, step_id)


def bare(text: str) -> str:
    """Without white space, and without the sign of a reply that grows."""
    return "".join(text.replace("\u200b", "").split())


def test_replies_are_drawn_as_the_table_says(arrive: Arrive) -> None:
    """The same formulas as on our own pages, and each other letter, a price's dollars among them."""
    visit = arrive()
    visit.sign_in("Ada")
    visit.talk("Hello")
    found, wanted = {}, {}
    for case in CASES:
        reply = step(output=case.said)
        hear(visit.page, "new_message", reply)
        told = read(visit.page, reply["id"])
        found[case.name] = (tuple((tex, display) for tex, display in told["formulas"]), bare(told["words"]))
        wanted[case.name] = (case.formulas, bare(case.words))
    assert found == wanted
    assert visit.errors == []


GROWING: Final = r"""So \(x^2\) and

\[
y = 1
\]

for $$5 and $$10, Lehrer:innen, $$z$$."""


def test_a_reply_that_grows_loses_no_letter(arrive: Arrive) -> None:
    """A formula is its own text until it has ended, also where a token ends within its first sign."""
    visit = arrive()
    visit.sign_in("Bob")
    visit.talk("Hello")
    page = visit.page
    reply = step(streaming=True, output=GROWING[0])
    hear(page, "stream_start", reply)
    lost = []
    for length in range(2, len(GROWING) + 1):
        token = {"id": reply["id"], "token": GROWING[length - 1], "isSequence": False, "isInput": False}
        hear(page, "stream_token", token)
        told = read(page, reply["id"])
        ends = (r"\(x^2\)", "\\[\ny = 1\n\\]", "$$z$$")
        words = told["words"]
        for _ in told["formulas"]:
            words = words.replace(
                "□", ends[words[: words.index("□")].count("\\)") + words[: words.index("□")].count("\\]")], 1
            )
        if bare(words) != bare(GROWING[:length]):
            lost.append((GROWING[:length], words))
    assert lost == []
    assert len(told["formulas"]) == 3


def test_what_is_copied_is_what_was_said(arrive: Arrive) -> None:
    """By the button, and by choosing on the page: formulas with the signs that they were written with."""
    visit = arrive()
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.sign_in("Carl")
    visit.talk("Hello")
    reply = step(output=GROWING)
    hear(page, "new_message", reply)
    content = page.locator(f"#step-{reply['id']} .message-content")
    expect(content.locator(".katex")).to_have_count(3)
    content.locator("..").locator("..").locator("..").locator("..").hover()
    page.locator(".step", has=content).locator('[data-do="copy"]').click()
    comes_to(page, lambda: copied(page), GROWING)
    page.evaluate("navigator.clipboard.writeText('')")
    content.evaluate("one => getSelection().selectAllChildren(one)")
    page.keyboard.press("Control+C")
    comes_to(page, lambda: bare(copied(page)), bare(GROWING))
