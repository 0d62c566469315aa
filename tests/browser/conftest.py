"""The running app and a Chromium before it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.process import ServerProcess, verbatim
from tests.browser.room import first_password
from tests.browser.slow import slow_down
from tests.browser.visit import Visit

TREE: Final = Path(__file__).resolve().parents[2]
STUDY: Final = Path(__file__).parent / "study"

# What Chromium would otherwise ask its makers, and what a container cannot give it.
CHROMIUM_SWITCHES: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each visit loads the page anew and is over before optimised code pays: without, a twelfth less of work.
    "--js-flags=--no-opt --no-maglev",
)


def chromium_path() -> str | None:
    """The system's Chromium, as scripts/test found it; else Playwright's own."""
    usual = "/usr/bin/chromium"
    return os.environ.get("CHROMIUM") or (usual if Path(usual).exists() else None)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a study and a database of its own."""
    with verbatim(TREE, tmp_path_factory.mktemp("browser"), STUDY) as running:
        yield running


@pytest.fixture(scope="session")
def password(server: ServerProcess) -> str:
    """Of the owner of the room that stands beside it."""
    return first_password(server)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each visit has its own cookies."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_SWITCHES))
        slow_down(browser)
        yield browser
        browser.close()


Arrive = Callable[..., Visit]


@pytest.fixture
def arrive(server: ServerProcess, chromium: Browser) -> Iterator[Arrive]:
    """Open browsers that know nothing yet, as wide and as light as is asked for."""
    visits: list[Visit] = []

    def open_one(*, phone: bool = False, dark: bool = False) -> Visit:
        context = chromium.new_context(
            base_url=server.url,
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
        )
        visit = Visit(context.new_page())
        visits.append(visit)
        return visit

    yield open_one
    for visit in visits:
        visit.page.context.close()


@pytest.fixture
def page(arrive: Arrive) -> Page:
    """A page of a visitor who is not signed in."""
    return arrive().page
