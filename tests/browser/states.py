"""The states in which a participant meets the page, one after another, for what must hold in each."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.visit import Visit

State = tuple[str, Page]
# Frames in a row in which nothing on the page was added, moved or taken away.
REST: Final = 20
_WATCH: Final = """() => {
  if ("calm" in window) return;
  window.calm = 0;
  const all = { childList: true, subtree: true };
  new MutationObserver(() => { window.calm = 0; }).observe(document.documentElement, all);
  const tick = () => { window.calm += 1; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""
DIALOGS: Final = ("Save…", "Share…", "Tags…")
MENU: Final = ("Bookmarks", "Recently deleted")


def comes_to_rest(page: Page) -> None:
    """Wait until nothing moves any more: where two scripts of ours want one place, that never comes."""
    page.evaluate(_WATCH)
    page.wait_for_function(f"() => window.calm >= {REST}")


def outside(visit: Visit) -> Iterator[State]:
    """The pages that stand before and beside the chat."""
    page = visit.page
    page.goto("/login")
    yield "the first screen", page
    page.locator("[name=username]").fill("x" * 81)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "a refused name", page
    page.goto("/no-such-page")
    yield "no such page", page


def chat(visit: Visit, name: str) -> Iterator[State]:
    """The chat: empty, with a reply that holds everything, with a tool, rated, edited, attached to."""
    page = visit.page
    visit.sign_in(name)
    settled(page)
    yield "an empty chat", page
    page.emulate_media(reduced_motion="reduce")
    page.locator("#chat-profiles").click()
    yield "who answers", page
    page.get_by_role("option", name="Teacher").click()
    visit.talk("Explain.")
    yield "a reply", page
    good = page.locator('[data-do="good"]').last
    good.click()
    expect(page.locator(".rating")).to_be_visible()
    yield "a rating", page
    page.keyboard.press("Escape")
    visit.questions.last.hover()
    page.locator(".edit-message:visible, [data-do=edit]:visible").last.click()
    expect(page.locator("#edit-chat-input")).to_be_visible()
    yield "a message being changed", page


def beside(visit: Visit, name: str, *, phone: bool) -> Iterator[State]:
    """The list of threads, its menus, and the dialogs that they open."""
    page = visit.page
    visit.sign_in(name)
    visit.talk("I am glad to be here.")
    expect(page).to_have_url(re.compile("/thread/"))

    def drawer() -> None:
        if phone and not page.locator("[role=dialog][data-sidebar=sidebar]").count():
            page.locator("#sidebar-trigger-button").click()

    def through(opening: Callable[[], None], label: str) -> Locator:
        drawer()
        opening()
        page.get_by_role("menuitem", name=label).click()
        dialog = page.locator("dialog.own-dialog")
        expect(dialog).to_be_visible()
        return dialog

    drawer()
    expect(visit.rows).to_have_count(1)
    yield "the list", page

    def row_menu() -> None:
        visit.rows.first.hover()
        visit.rows.first.locator(".row-more").click()

    def own_menu() -> None:
        page.locator("#you-button").click()

    row_menu()
    yield "a thread's menu", page
    page.keyboard.press("Escape")
    own_menu()
    yield "one's own menu", page
    page.keyboard.press("Escape")
    for opening, labels in ((row_menu, DIALOGS), (own_menu, MENU)):
        for label in labels:
            dialog = through(opening, label)
            yield label, page
            dialog.locator(".dialog-close").click()
            expect(dialog).to_have_count(0)
    drawer()
    page.locator("#search-chats-button").click()
    page.get_by_role("combobox").last.fill("glad")
    expect(page.locator("#search-hits li").first).to_be_visible()
    yield "a search", page


def apart(visit: Visit, name: str) -> Iterator[State]:
    """A conversation on pages of its own, code in it; and what stands where there is none to show."""
    page = visit.page
    visit.sign_in(name)
    visit.choose_agent("Rude")
    visit.talk("Show me some code.")
    expect(page).to_have_url(re.compile("/thread/"))
    thread_id = page.url.rpartition("/")[2]
    path = page.evaluate(
        "async (id) => (await (await fetch(`/me/threads/${id}/shares`, { method: 'POST' })).json()).path",
        thread_id,
    )
    page.goto("/thread/4b1c1f0e-0000-4000-8000-000000000000")
    told = page.locator("[data-sonner-toast]")
    expect(told).to_be_visible()
    told.hover()  # it stays while it is read
    yield "a thread that is not there", page
    page.goto(path)
    expect(page.locator(".hljs")).to_be_visible()
    yield "a shared conversation", page
    page.goto(f"/me/threads/{thread_id}/print")
    expect(page.locator(".hljs")).to_be_visible()
    yield "a conversation to print", page
    page.goto(f"{path}x")
    yield "a link that leads nowhere", page


def settled(page: Page) -> None:
    """Wait until the first screen has faded in: half-faded letters have half their contrast."""
    expect(page.locator("#study-title")).to_be_visible()
    expect(page.locator("#welcome-screen")).to_have_css("opacity", "1")
