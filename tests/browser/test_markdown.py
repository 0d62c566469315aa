"""What a reply may look like: formulas, tables, code, any script of the world; and what it may not do."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, copied, holds

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(arrive: Arrive) -> Visit:
    """Somebody who has just been answered with all of it."""
    visit = arrive()
    visit.sign_in("Pupil")
    visit.choose_agent("Teacher")
    visit.talk("Explain.")
    return visit


def test_a_reply_is_drawn_and_stays_harmless(visit: Visit) -> None:
    """Prices stay prices, formulas are drawn with our own fonts, and no command of theirs does anything."""
    reply = visit.answers.last
    expect(reply).to_contain_text("It costs $5 and $6, or $1,000 in all; $HOME is a folder.")
    formulas = reply.locator(".katex .katex-html")
    expect(formulas.first).to_be_visible()  # once our sheet is there; until then MathML is drawn
    expect(reply.locator(".katex-display")).to_have_count(1)
    ours = "[...document.fonts].some((one) => one.status === 'loaded' && one.family.includes('KaTeX'))"
    holds(visit.page, lambda: visit.page.evaluate(ours), "our own fonts")
    assert visit.foreign == []
    expect(reply.locator("a[href], img, [data-attack]")).to_have_count(0)
    expect(reply).to_contain_text(r"\unknown")
    expect(visit.page).not_to_have_title("attacked")
    assert visit.errors == []
    drawn_in_words(visit)


def drawn_in_words(visit: Visit) -> None:
    """Lists, quotations, tables and code, each as what it is; the code coloured, copied as it was written."""
    reply = visit.answers.last
    expect(reply.locator("ol > li")).to_have_count(2)
    expect(reply.locator("blockquote")).to_contain_text("weight")
    expect(reply.locator("table th")).to_have_count(7)
    expect(reply.locator("pre .hljs-keyword, code .hljs-keyword").first).to_have_text("const")
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reply.get_by_role("button", name="Copy").first.click()
    comes_to(visit.page, lambda: copied(visit.page)[:31], 'const path = "/a/very/long/line')


def test_nothing_wide_makes_the_page_wider(arrive: Arrive) -> None:
    """On the narrowest phone a long word, line, formula or table scrolls or breaks inside its message."""
    visit = arrive(phone=True)
    visit.page.set_viewport_size({"width": 320, "height": 640})
    visit.sign_in("Narrow pupil")
    visit.choose_agent("Teacher")
    visit.talk("Explain " + "a" * 200)
    expect(visit.answers.last.locator(".katex-html").first).to_be_visible()
    comes_to(visit.page, lambda: wider(visit.page), [])


def wider(page: Page) -> list[str]:
    """Whether the page scrolls sideways, and what sticks out of the window without a scroller of its own."""
    found: list[str] = page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return [];
          const out = [...document.querySelectorAll("body *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.width && box.right > root.clientWidth + 1;
          });
          return out.slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    return [re.sub(r"\s+", " ", one) for one in found]
