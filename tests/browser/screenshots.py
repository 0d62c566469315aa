"""Makes docs/images/*.webp from the running app: `python -m tests.browser.screenshots`.

The pictures show a study with ELIZA, which needs no key and says the same each time: one for each section
of docs/tutorials/for-participants.md, on a desktop by day and on a phone by night.
"""

import argparse
import base64
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import CHROMIUM_SWITCHES, STUDY, TREE, chromium_path
from tests.browser.visit import Visit

SAID: Final = (
    "Men are all alike.",
    "They're always bugging us about something or other.",
    "Well, my boyfriend made me come here.",
    "He says I'm depressed much of the time.",
)
EARLIER: Final = ("What should I cook on Sunday?", "I dreamt of the sea again.")
SIZES: Final = {"": (1280, 800), "-phone": (390, 844)}
LOOKS: Final = ("light", "dark")
# Each picture: below 80 kB, letters still crisp.
QUALITY: Final = 92

Shoot = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the app, visit it, and end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TREE / "docs" / "images", help="where the pictures go")
    parser.add_argument("--only", default="", help="sizes and looks to take, such as light-phone")
    options = parser.parse_args(arguments)
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_SWITCHES))
        for suffix in SIZES:
            for look in LOOKS:
                if options.only not in f"{look}{suffix}":
                    continue
                with tempfile.TemporaryDirectory() as folder, verbatim(TREE, Path(folder), STUDY) as server:
                    _take(browser, server, out, look, suffix)
        browser.close()


def context_of(browser: Browser, server: ServerProcess, look: str, suffix: str) -> BrowserContext:
    """A browser as a picture shows it: by day or by night, a desktop or a phone."""
    width, height = SIZES[suffix]
    return browser.new_context(
        base_url=server.url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if look == "dark" else "light",
        is_mobile=bool(suffix),
        has_touch=bool(suffix),
        reduced_motion="reduce",
    )


def _take(browser: Browser, server: ServerProcess, out: Path, look: str, suffix: str) -> None:
    context = context_of(browser, server, look, suffix)
    visit = Visit(context.new_page())
    devtools = context.new_cdp_session(visit.page)

    def shoot(state: str) -> None:
        visit.page.wait_for_function("document.fonts.ready.then(() => true)")
        visit.page.wait_for_timeout(400)  # menus fade in, the page scrolls smoothly to its end
        taken = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        (out / f"{state}-{look}{suffix}.webp").write_bytes(base64.b64decode(taken["data"]))

    _come_in(visit, shoot)
    _talk(visit, shoot)
    _look_after(visit, shoot, phone=bool(suffix))
    _lose_the_server(visit, shoot, server)
    context.close()


def _come_in(visit: Visit, shoot: Shoot) -> None:
    visit.page.goto("/login")
    expect(visit.page.locator("[name=username]")).to_be_visible()
    shoot("entry")
    visit.page.locator("[name=username]").fill("Ada")
    visit.page.keyboard.press("Enter")
    visit.wait_until_ready()
    expect(visit.page.locator("#welcome-screen")).to_have_css("opacity", "1")
    shoot("welcome")


def _talk(visit: Visit, shoot: Shoot) -> None:
    page = visit.page
    for text in EARLIER:
        visit.talk(text)
        expect(page).to_have_url(re.compile("/thread/"))
        page.goto("/")
        visit.wait_until_ready()
        expect(page.locator("#welcome-screen")).to_have_css("opacity", "1")
    for text in SAID:
        visit.talk(text)
    page.mouse.move(page.viewport_size["width"] / 2 if page.viewport_size else 0, 5)
    shoot("chat")
    page.locator('[data-do="good"]').last.click()
    page.locator(".rating-reasons button").first.click()
    shoot("rating")
    page.keyboard.press("Escape")
    visit.questions.last.hover()
    page.locator(".edit-message:visible, [data-do=edit]:visible").last.click()
    page.locator("#edit-chat-input").fill("She says I'm depressed much of the time.")
    page.locator(".confirm-edit").click()
    expect(visit.questions.last).to_have_text("She says I'm depressed much of the time.")
    visit.wait_until_answered()
    expect(page.locator(".turn-arrows").last).to_be_visible()
    shoot("branches")


def _look_after(visit: Visit, shoot: Shoot, *, phone: bool) -> None:
    page = visit.page
    dialog = page.locator("dialog.own-dialog")

    def drawer() -> None:
        if phone and not page.locator("[role=dialog][data-sidebar=sidebar]").count():
            page.locator("#sidebar-trigger-button").click()

    drawer()
    expect(visit.rows).to_have_count(3)
    shoot("list")
    for label, state in (("Save…", "save"), ("Share…", "share")):
        drawer()
        visit.rows.first.hover()
        visit.rows.first.locator(".row-more").click()
        page.get_by_role("menuitem", name=label).click()
        expect(dialog).to_be_visible()
        if state == "share":
            dialog.get_by_role("button", name="Make a link").click()
            expect(dialog.locator("input")).to_be_visible()
        shoot(state)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    drawer()
    page.locator("#search-chats-button:visible").last.click()
    page.get_by_role("combobox").last.fill("sea")
    expect(page.locator("#search-hits li").first).to_be_visible()
    shoot("search")
    dialog.locator(".dialog-close").click()
    expect(dialog).to_have_count(0)
    drawer()
    page.locator("#you-button").click()
    shoot("you")
    page.keyboard.press("Escape")
    if phone:
        page.locator("[role=dialog] #sidebar-trigger-button").click()
        expect(page.locator("[role=dialog][data-sidebar=sidebar]")).to_have_count(0)


def _lose_the_server(visit: Visit, shoot: Shoot, server: ServerProcess) -> None:
    visit.composer.fill("And what if the line goes dead?")
    server.kill()
    expect(visit.page.get_by_text("Disconnected.").first).to_be_visible()
    shoot("disconnected")


if __name__ == "__main__":
    main()
