"""Makes docs/images/*.png from the running app: `python -m tests.browser.screenshots`.

The pictures show studies/example with ELIZA, which needs no key and says the same each time.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect, sync_playwright

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import CHROMIUM_SWITCHES, TREE, chromium_path
from tests.browser.visit import Visit

SAID: Final = (
    "Men are all alike.",
    "They're always bugging us about something or other.",
    "Well, my boyfriend made me come here.",
    "He says I'm depressed much of the time.",
)
SIZES: Final = {"": (1280, 800), "-phone": (390, 844)}
LOOKS: Final = ("light", "dark")


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the app, visit it four times, and end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TREE / "docs" / "images", help="where the pictures go")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        verbatim(TREE, Path(folder), TREE / "studies" / "example") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_SWITCHES))
        for suffix in SIZES:
            for look in LOOKS:
                _take(browser, server, out, look, suffix)
        browser.close()


def _take(browser: Browser, server: ServerProcess, out: Path, look: str, suffix: str) -> None:
    width, height = SIZES[suffix]
    context = browser.new_context(
        base_url=server.url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if look == "dark" else "light",
        is_mobile=bool(suffix),
        has_touch=bool(suffix),
        reduced_motion="reduce",
    )
    visit = Visit(context.new_page())
    visit.page.goto("/login")
    expect(visit.page.get_by_label("Your name")).to_be_visible()
    visit.page.wait_for_function("document.fonts.ready.then(() => true)")
    visit.page.screenshot(path=out / f"login-{look}{suffix}.png")
    visit.sign_in(f"Participant {look}{suffix}")
    expect(visit.page.locator("#welcome-screen")).to_have_css("opacity", "1")
    visit.page.screenshot(path=out / f"welcome-{look}{suffix}.png")
    for text in SAID:
        visit.talk(text)
    visit.page.mouse.move(width / 2, 5)
    visit.page.wait_for_timeout(500)  # the page scrolls smoothly to its end
    visit.page.screenshot(path=out / f"chat-{look}{suffix}.png")
    context.close()


if __name__ == "__main__":
    main()
