"""Chainlit's page taken through all that it shows, for the test that looks for each selector of ours."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Route, expect

from bench.long_thread_seed import seed_thread
from bench.process import ServerProcess
from tests import files_to_attach as files
from tests.browser import states
from tests.browser.heard import hear, step
from tests.browser.lived import rows
from tests.browser.visit import Visit
from tests.postgres import run

SHEET_IS_THERE: Final = (
    "() => getComputedStyle(document.querySelector('.katex-mathml')).position === 'absolute'"
)
SCROLLED_UP: Final = "one => { one.scrollTop = 0; one.dispatchEvent(new Event('scroll')); }"


def chat(visit: Visit) -> Iterator[states.State]:
    """The chat and its replies."""
    page = visit.page
    visit.write_name("Ada")  # the form is one of the states
    states.settled(page)
    yield "an empty chat", page
    page.locator("#chat-profiles").click()
    page.get_by_role("option", name="Teacher").hover()
    yield "who answers", page
    page.get_by_role("option", name="Teacher").click()
    sheet: list[Route] = []
    page.route("**/katex.min.css", lambda route: sheet.append(route))
    visit.talk("Explain.")
    expect(page.locator(".katex").first).to_be_attached()
    yield "a reply, the sheet of formulas on its way", page
    while not sheet:
        page.wait_for_timeout(20)
    sheet[0].continue_()
    # It moves what stands below; a click meant for a button would go beside it.
    page.wait_for_function(SHEET_IS_THERE)
    page.locator('[data-do="good"]').last.click()
    page.locator(".rating-reasons button").first.click()
    yield "a rating", page
    page.keyboard.press("Escape")
    page.locator('[data-do="bookmark"]').last.click()
    page.locator('[data-do="again"]').last.click()
    expect(page.locator(".turn-arrows")).to_be_visible()
    visit.wait_until_answered()
    yield "two answers", page
    visit.questions.last.hover()
    page.locator(".edit-message:visible").last.click()
    yield "a message being changed", page
    page.keyboard.press("Escape")
    page.locator("[data-step-type=user_message] button").first.click()


def told(visit: Visit) -> Iterator[states.State]:
    """What the server says beside the conversation, and what only it can make."""
    page = visit.page
    visit.talk("And once more.")
    page.locator('[data-do="bookmark"]').last.click()
    code = page.locator(".message-content button").first
    code.click()
    yield "copied", page
    work = {"input": '{"a": 1}', "output": "Done", "showInput": "json", "defaultOpen": True}
    hear(page, "new_message", step(type="tool", name="Work", **work))
    hear(page, "new_message", step(type="thinking", name="thinking", **work | {"output": "So\n\n- and so"}))
    hear(page, "new_message", step(output="It broke", metadata={"cut_off": "length"}))
    failed = step(type="system_message", isError=True, output="It broke off.")
    hear(page, "new_message", failed)
    action = {
        "id": "a",
        "forId": failed["id"],
        "name": "retry",
        "label": "Retry",
        "icon": "rotate-ccw",
        "payload": {},
    }
    hear(page, "action", action)
    expect(page.get_by_text("It broke off.")).to_be_visible()
    yield "a failure", page
    hear(page, "toast", {"message": "Something", "type": "error"})
    page.locator("[data-sonner-toast]").first.hover()
    page.context.set_offline(True)
    yield "a passing line of Chainlit's, and no connection", page
    page.context.set_offline(False)
    expect(visit.composer).to_be_enabled()
    page.locator(".overflow-y-auto:has(.step)").last.evaluate(SCROLLED_UP)
    expect(page.locator(".lucide-arrow-down")).to_be_visible()
    yield "scrolled up", page
    page.goto("/thread/4b1c1f0e-0000-4000-8000-000000000000")
    expect(page.locator("[data-sonner-toast] [data-said]")).to_be_visible()
    yield "a thread that is not there", page


def writing(visit: Visit) -> Iterator[states.State]:
    """What stands in the composer, and what is on its way from there."""
    page = visit.page
    page.goto("/")
    visit.wait_until_ready()
    picture = {"name": "garden.png", "mimeType": "image/png", "buffer": files.png(64, 40)}
    text = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"A walk."}
    page.route("**/project/file**", lambda route: None)
    page.locator("#upload-button-input").set_input_files([picture])
    expect(page.locator("#attachments circle").first).to_be_visible()
    yield "a file on its way", page
    page.unroute("**/project/file**")
    page.goto("/")
    visit.wait_until_ready()
    visit.choose_agent("Endless")
    page.locator("#upload-button-input").set_input_files([picture, picture | {"name": "b.png"}, text])
    expect(page.locator("#attachments > *")).to_have_count(3)
    expect(page.locator("#attachments circle")).to_have_count(0)
    page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["x"], "x.txt"));
          document.body.dispatchEvent(new DragEvent("dragenter", { bubbles: true, dataTransfer }));
        }"""
    )
    visit.composer.fill("a" * 101)
    yield "too long, and a file above it", page
    page.evaluate("document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true }))")
    visit.composer.fill("Look at these.")
    visit.say("Look at these.")
    expect(page.locator("#stop-button")).to_be_visible()
    yield "a reply that grows", page
    page.locator("#stop-button").click()
    visit.wait_until_answered()
    page.locator("#upload-button-input").set_input_files([picture])
    expect(page.locator("#attachments circle")).to_have_count(0)
    page.locator("#chat-submit").click()
    page.locator("#stop-button").click()
    visit.wait_until_answered()
    yield "a message of a file alone", page
    page.locator("img.inline-image").last.click()
    expect(page.locator(".own-dialog.picture")).to_be_visible()
    yield "a picture", page
    page.keyboard.press("Escape")
    page.goto("/")
    visit.wait_until_ready()
    visit.choose_agent("Errands")
    visit.talk("Is the library open?")
    page.locator("[data-step-type=tool] [id^=step-] button, [data-step-type=tool] button").first.click()
    yield "a tool", page


def list_of_threads(visit: Visit) -> Iterator[states.State]:
    """The list, its menus and dialogs, with something in each."""
    page = visit.page
    row = visit.rows.first

    def menu(label: str) -> None:
        row.hover()
        row.locator(".row-more").click()
        page.get_by_role("menuitem", name=label).click()

    row.hover()
    row.locator(".row-more").click()
    yield "a thread's menu", page
    page.keyboard.press("Escape")
    menu("Rename")
    yield "a title being changed", page
    page.keyboard.press("Escape")
    menu("Tags…")
    yield "no tags", page
    for tag in ("one", "two"):
        page.locator(".tag-form input").fill(tag)
        page.keyboard.press("Enter")
        expect(page.locator(".tag")).to_have_count(1 if tag == "one" else 2)
    page.locator(".tag button").last.click()
    expect(page.locator(".tag")).to_have_count(1)
    yield "tags", page
    page.keyboard.press("Escape")
    expect(page.locator("#tag-filter")).to_be_visible()
    menu("Share…")
    asked: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(route)
        else:
            route.continue_()

    page.route("**/shares", hold)
    page.locator(".own-button.primary").click()
    expect(page.locator(".own-button[disabled]")).to_be_visible()
    yield "a link that is being made", page
    while not asked:
        page.wait_for_timeout(20)
    asked[0].continue_()
    expect(page.locator(".share-links li")).to_have_count(1)
    page.unroute("**/shares")
    yield "a link", page
    page.keyboard.press("Escape")
    menu("Save…")
    yield "files to keep", page
    page.keyboard.press("Escape")
    for label in ("Bookmarks", "Recently deleted", "Withdraw"):
        page.locator("#you-button").click()
        yield "one's own menu", page
        page.get_by_role("menuitem", name=label).click()
        expect(page.locator("dialog")).to_be_visible()
        yield label, page
        if label == "Withdraw":
            page.locator(".withdraw-choices .danger").click()
            yield "sure?", page
        page.keyboard.press("Escape")
    page.locator("#search-chats-button").click()
    yield "no search", page
    page.get_by_role("combobox").last.fill("explain")
    expect(page.locator("#search-hits li").first).to_be_visible()
    yield "a search", page
    page.keyboard.press("Enter")
    expect(page.locator(".found-message")).to_have_count(1)
    yield "a message that was found", page
    page.locator("#new-chat-button").click()
    expect(page.locator("#thread-history li[data-open]")).to_have_count(0)
    yield "a new conversation beside the others", page
    menu("Delete")
    yield "a toast", page
    page.locator("#you-button").click()
    page.get_by_role("menuitem", name="Recently deleted").click()
    expect(page.locator(".deleted-list li")).to_have_count(1)
    yield "deleted", page
    page.keyboard.press("Escape")


def long_thread(visit: Visit, server: ServerProcess, folder: Path) -> Iterator[states.State]:
    """What our own server draws above Chainlit's messages: a tool, a failure, files, a reply with it all."""
    page = visit.page
    participant_id = page.request.get("/user").json()["identifier"]
    address = server.environment["VERBATIM_DATABASE_URL"]
    drawn = (
        "![seen](https://pictures.invalid/a.png)\n\n|a|b|\n|-|-:|\n|1|2|\n\n```js\nlet a;\n```\n\n\\[\nx\n\\]"
    )
    seeded: list[str] = []

    async def seed() -> None:
        seeded.append(await seed_thread(address, folder, participant_id, 106, (drawn,)))

    run(seed())
    [thread_id] = seeded
    query = "SELECT step_id FROM steps WHERE thread_id = ? ORDER BY seq"
    _, _, asked, first, _, second, *_ = (row["step_id"] for row in rows(server, query, thread_id))
    rows(server, "UPDATE threads SET agent = 'Teacher' WHERE thread_id = ?", thread_id)
    rows(server, "UPDATE steps SET type = 'tool', input = '{}' WHERE step_id = ?", first)
    rows(server, "UPDATE steps SET is_error = 1 WHERE step_id = ?", second)
    rows(server, "UPDATE elements SET thread_id = ?, message_id = ?", thread_id, asked)
    page.goto(f"/thread/{thread_id}")
    earlier = page.get_by_role("button", name=re.compile("Show earlier"))
    expect(earlier).to_be_visible()
    yield "a long thread", page
    earlier.click()
    expect(page.locator("#earlier .step").first).to_be_visible()
    yield "earlier messages", page


def lost(visit: Visit) -> Iterator[states.State]:
    """The connection is gone; and a message that was not delivered before a reload."""
    page = visit.page
    page.goto("/")
    visit.wait_until_ready()
    page.set_viewport_size({"width": 1280, "height": 300})
    page.locator(".overflow-y-auto:has(#welcome-screen)").last.evaluate(SCROLLED_UP)
    expect(page.locator(".lucide-arrow-down")).to_be_attached()
    page.context.set_offline(True)
    expect(page.locator("#connection.lost")).to_be_visible()
    yield "offline on the first screen, in a low window", page
    page.context.set_offline(False)
    expect(visit.composer).to_be_enabled()
    page.set_viewport_size({"width": 1280, "height": 800})
    visit.talk("Where are you?")
    message = step(type="user_message", output="Lost")
    kept = {
        "id": message["id"],
        "thread": page.url.rpartition("/")[2],
        "payload": {"message": message},
        "undelivered": True,
    }
    whose = page.request.get("/user").json()["identifier"]
    page.evaluate(
        "([key, value]) => sessionStorage.setItem(key, value)",
        [f"verbatim:{whose}:pending", json.dumps([kept])],
    )
    page.reload()
    expect(page.locator('.delivery[data-state="undelivered"] button')).to_be_visible()
    yield "not delivered", page


def on_a_phone(visit: Visit) -> Iterator[states.State]:
    """The list is a drawer."""
    visit.sign_in("On the phone")
    visit.page.locator("#sidebar-trigger-button").click()
    expect(visit.page.locator("[data-sidebar=sidebar][data-mobile]")).to_be_visible()
    yield "the list on a phone", visit.page
    # What keyboard.js does when one is drawn over the page: no browser here draws one.
    visit.page.evaluate("document.documentElement.dataset.keyboard = ''")
    yield "a keyboard on the screen", visit.page


def limits(visit: Visit) -> Iterator[states.State]:
    """Little is left; nothing was done for long; nothing is left."""
    page = visit.page
    left = {"messages": 1, "seconds": None, "nearly": False, "over": None, "least": 0}
    hear(page, "limits", left)
    expect(page.locator("#limits")).to_have_text("1 message left")
    yield "a message left", page
    hear(page, "away", {})
    expect(page.locator("#connection.away")).to_be_visible()
    yield "away", page
    visit.composer.press("End")
    expect(page.locator("#connection")).to_be_empty()
    hear(page, "limits", left | {"messages": 0, "over": "thread"})
    expect(page.locator("#study-ended")).to_have_text("That was all.")
    yield "at the end of a limit", page
    hear(page, "limits", left | {"messages": None})
    expect(page.locator("#study-ended")).to_have_count(0)


def ended(visit: Visit) -> Iterator[states.State]:
    """The study is over."""
    page = visit.page
    hear(page, "study_state", {"state": "ended"})
    yield "ended, in a thread", page
    page.evaluate("sessionStorage.clear()")  # or it would lead to the message that was not delivered
    page.goto("/")
    expect(page.locator("#starters button").first).to_be_enabled()  # once the server has said that it is open
    hear(page, "study_state", {"state": "ended"})
    expect(page.locator("#study-ended")).to_be_visible()
    yield "ended, on the first screen", page
