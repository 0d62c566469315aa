"""A reading that is repeated until it is what it should be, as Playwright's own expectations are.

What a page does comes a frame, an answer or a message later than what made it do so. Who reads once reads too
early on a busy machine.
"""

import time
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

# A cold bundle on a busy machine takes seconds to become a page.
PATIENCE_MS: Final = 30_000

# Between two readings; meanwhile Playwright tells what happened on the page.
_PAUSE_MS: Final = 20


def comes_to(page: Page, read: Callable[[], object], wanted: object, about: str = "") -> None:
    """Read until it is what is wanted.

    Args:
        page: What is waited for happens there.
        read: Looks once.
        wanted: What it should find in the end.
        about: Named where it is not found.

    Raises:
        AssertionError: It did not come, and this is what was read last.
    """
    end = time.monotonic() + PATIENCE_MS / 1000
    while (found := read()) != wanted:
        if time.monotonic() > end:
            raise AssertionError(f"{about or 'what was read'}: {found!r}, where {wanted!r} was to come")
        page.wait_for_timeout(_PAUSE_MS)


def holds(page: Page, condition: Callable[[], object], about: str = "") -> None:
    """Look until something is so; `comes_to` tells more where it is not."""
    comes_to(page, lambda: bool(condition()), wanted=True, about=about)


def what_stays(page: Page, find: Callable[[], list[str]]) -> list[str]:
    """What is found to be wrong, and does not go away."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while (found := find()) and time.monotonic() < end:
        page.wait_for_timeout(_PAUSE_MS)
    return found


def fits(page: Page, about: str = "") -> None:
    """Wait until the page is no wider than the screen."""
    screen = (page.viewport_size or {"width": 0})["width"]
    # A phone's window grows with what does not fit into it: it is the screen that counts.
    wide = "document.documentElement.scrollWidth"
    comes_to(page, lambda: page.evaluate(wide) > screen, wanted=False, about=f"wider than the screen {about}")


def frames_pass(page: Page) -> None:
    """Wait for two frames of the page, after which it has done what it does in the next one.

    The page holds the promise: Chromium may collect one that hangs on a frame alone.
    """
    page.evaluate(
        """() => globalThis.drawn = new Promise(requestAnimationFrame)
            .then(() => globalThis.frame = new Promise(requestAnimationFrame))"""
    )


def copied(page: Page) -> str:
    """What lies in the clipboard now."""
    return str(page.evaluate("navigator.clipboard.readText()"))
