"""Makes docs/images/room-*.webp from the running app: `python -m tests.browser.room_screenshots`.

The pictures show the researchers' room on the study that docs/tutorials/your-first-study.md has its reader
write, on a desktop by day and by night, and what is read most on a phone.
"""

import argparse
import base64
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.process import ServerProcess
from tests.browser.conftest import CHROMIUM_SWITCHES, TREE, chromium_path
from tests.browser.lived import lived, rows
from tests.browser.room import first_password
from tests.browser.screenshots import LOOKS, QUALITY, SIZES, context_of
from tests.browser.visit import Visit

THREADS: Final = 1000
# A page of pictures loads at once: each picture takes at most so much, and its letters stay crisp.
LARGEST: Final = 60_000
# One in which tools were asked, and a reply was rated in words.
THREAD: Final = (
    "SELECT t.thread_id FROM threads t JOIN ratings r ON r.thread_id = t.thread_id "
    "WHERE r.comment LIKE '%.' AND r.value = 1 "
    "AND t.deleted_at IS NULL AND t.renamed = 0 "
    "AND t.title LIKE '%please%' AND t.message_count BETWEEN 4 AND 8 "
    "AND EXISTS (SELECT 1 FROM steps s WHERE s.thread_id = t.thread_id AND s.type = 'tool') "
    "AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.thread_id = t.thread_id AND s.deleted_at IS NOT NULL) "
    "ORDER BY t.seq LIMIT 1"
)

Shoot = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the app on a simulated study, visit the room, and end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TREE / "docs" / "images", help="where the pictures go")
    options = parser.parse_args(arguments)
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, lived(Path(folder), THREADS) as server:
        password = first_password(server)
        [thread] = rows(server, THREAD)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium_path(), args=list(CHROMIUM_SWITCHES)
            )
            _export(_room(browser, server, password, "", "light"))
            for suffix in SIZES:
                for look in LOOKS:
                    page = _room(browser, server, password, suffix, look)
                    _visit(page, _shooter(page, out, f"-{look}{suffix}"), suffix, thread["thread_id"])
            # Last: whoever is here now is months away from the simulated weeks, and would stretch the plots.
            writes = _be_there(browser, server)
            for look in LOOKS:
                page = _room(browser, server, password, "", look)
                page.goto("/research/live")
                writes.composer.press_sequentially("I would like to ")
                expect(page.get_by_role("cell", name="typing")).to_be_visible()
                _shooter(page, out, f"-{look}")("room-live")
            browser.close()


def _room(browser: Browser, server: ServerProcess, password: str, suffix: str, look: str) -> Page:
    context = context_of(browser, server, look, suffix)
    page = Visit(context.new_page()).page
    page.goto("/research")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    return page


def _shooter(page: Page, out: Path, suffix: str) -> Shoot:
    devtools = page.context.new_cdp_session(page)

    def shoot(state: str) -> None:
        page.wait_for_function("document.fonts.ready.then(() => true)")
        page.wait_for_timeout(500)  # plots are drawn
        quality, taken = QUALITY, b""
        while not taken or (len(taken) > LARGEST and quality > 40):
            asked = {"format": "webp", "quality": quality}
            taken = base64.b64decode(devtools.send("Page.captureScreenshot", asked)["data"])
            quality -= 8
        (out / f"{state}{suffix}.webp").write_bytes(taken)

    return shoot


def _visit(page: Page, shoot: Shoot, suffix: str, thread_id: str) -> None:
    page.goto("/research/threads")
    shoot("room-threads")
    page.goto(f"/research/threads/{thread_id}")
    shoot("room-thread")
    if suffix:
        return
    page.goto("/research/")
    expect(page.locator("[data-drawn] svg").first).to_be_visible()
    shoot("room-overview")
    page.goto("/research/threads?q=%22almond+milk%22")
    expect(page.locator("mark").first).to_be_visible()
    shoot("room-search")
    page.goto("/research/exports")
    shoot("room-exports")


def _be_there(browser: Browser, server: ServerProcess) -> Visit:
    """Three participants are there, the last of whom is returned."""
    for name, words in (("Ada", "Men are all alike."), ("Ben", "I dreamt of the sea."), ("Chiara", "")):
        visit = Visit(browser.new_context(base_url=server.url).new_page())
        visit.sign_in(name)
        if words:
            visit.talk(words)
    return visit


def _export(page: Page) -> None:
    """One export of the words that the tutorial looks for."""
    page.goto("/research/exports?q=%22almond+milk%22")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("Download")).first).to_be_visible()
    page.context.close()


if __name__ == "__main__":
    main()
