"""Every selector of our sheets and scripts finds something on Chainlit's page, in one of its states."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from bench.process import ServerProcess, verbatim
from tests.browser import states
from tests.browser.conftest import TREE, Arrive
from tests.browser.everything import walks as everything
from tests.browser.everything import working
from tests.browser.selectors import Seen
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

STUDY: Final = TREE / "tests" / "browser" / "everything"
WORKING: Final = TREE / "tests" / "browser" / "forms"

# What this study shows for a moment at most, and why it stands in a sheet.
EXCUSED: Final = {
    "#welcome-screen > .logo": "until the page knows its agents",
    'img.logo[src*="theme="]': "likewise",
    '#thread-history li:not([data-open]) [data-sidebar="menu-button"][data-active="true"]': "for a moment",
    '.delivery[data-state="sending"]': "until the server has kept it, some milliseconds",
    "#thread-history > .justify-center": "while the list is asked for",
    "#thread-history li[data-gone]": "until the list is drawn anew",
    'verbatim-form [aria-disabled="true"]': "until the server has kept it, some milliseconds",
    "#welcome-screen > #intent-now": "of a thread in which every message was removed",
    "#message-composer > div > div:empty": "until it knows that files may be attached, or where they may not",
    "#message-composer:not(:has(#upload-button), :has(#upload-button-loading)) #chat-input": "likewise",
    # Where a study is searched by meaning: tests/browser/test_by_meaning.py meets them.
    # In a study with a protocol: tests/browser/test_protocol.py meets them.
    **dict.fromkeys(
        [
            *(f"#stage{one}" for one in ("", " .lacks", " form", " button", " button:disabled")),
            *(
                f"[data-protocol] #{one}"
                for one in ("new-chat-button", "thread-history", "search-chats-button")
            ),
            '[data-protocol]:not([data-protocol~="edit"]) .edit-message',
            '[data-protocol]:not([data-protocol~="again"]) [data-do="again"]',
            "#stage .lacks:not(:empty)",
        ],
        "by stages",
    ),
    **dict.fromkeys([f".search-by{one}" for one in ("", " legend", " label", " input")], "by meaning"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a study that shows all there is."""
    with verbatim(TREE, tmp_path_factory.mktemp("selectors"), STUDY) as running:
        yield running


@pytest.fixture(scope="module")
def working_visit(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Visit]:
    """A page of a study whose agents ask with forms."""
    with verbatim(TREE, tmp_path_factory.mktemp("working"), WORKING) as running:
        context = chromium.new_context(base_url=running.url, viewport={"width": 1280, "height": 800})
        yield Visit(context.new_page())
        context.close()


def test_every_selector_finds_something(
    arrive: Arrive, server: ServerProcess, working_visit: Visit, tmp_path: Path
) -> None:
    """A sheet or script that looks for what Chainlit no longer draws does nothing, and nobody notices."""
    seen = Seen()
    assert set(EXCUSED) <= set(seen.left)
    visit, phone = arrive(), arrive(phone=True)
    for one in (visit, phone, working_visit):
        seen.watch(one.page.context)
    for walk in (
        everything.chat(visit),
        everything.told(visit),
        everything.writing(visit),
        everything.list_of_threads(visit),
        everything.long_thread(visit, server, tmp_path),
        everything.on_a_phone(phone),
        everything.lost(visit),
        everything.limits(visit),
        everything.ended(visit),
        working.form(working_visit),
        working.order(working_visit),
        working.going_on(working_visit),
        working.intents(working_visit),
        working.limits(working_visit),
        working.away(working_visit),
    ):
        for name, page in walk:
            assert name
            if page is working_visit.page:  # the other shows replies on their way
                states.comes_to_rest(page)
            seen.look(page)
    assert seen.wrong == set()
    left = {one: place for one, place in seen.left.items() if one not in EXCUSED}
    assert not left, "\n".join(f"{one}  ({place})" for one, place in left.items())
