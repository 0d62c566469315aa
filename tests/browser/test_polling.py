"""A network that lets no WebSocket through: the page goes on by itself, with requests.

That it does so within ten seconds of its own time, test_way.py counts: here a busy machine would be measured.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from bench.process import ServerProcess, verbatim
from tests.browser.blocking import BlockingProxy
from tests.browser.conftest import STUDY, TREE
from tests.browser.test_connection import LOST
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

WORD: Final = "Simple connection"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps what it keeps."""
    return tmp_path_factory.mktemp("polling")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """The app on a database of its own: it is killed and started again."""
    with verbatim(TREE, folder, STUDY) as running:
        yield running


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[BlockingProxy]:
    """What stands between it and the browsers."""
    with BlockingProxy(server.port) as running:
        running.way = "refused"
        yield running


@pytest.fixture
def visit(proxy: BlockingProxy, chromium: Browser) -> Iterator[Visit]:
    """A browser behind it."""
    context = chromium.new_context(base_url=proxy.url, viewport={"width": 1280, "height": 800})
    yield Visit(context.new_page())
    context.close()


def expect_simple(visit: Visit) -> None:
    """The page stands by requests, and says so in a word."""
    expect(visit.page.locator("#connection")).to_have_text(WORD)
    expect(visit.composer).to_be_enabled()


def transports(folder: Path, visit: Visit) -> list[str]:
    """How the pages that showed a thread were connected, one after another."""
    with sqlite3.connect(f"file:{folder / 'verbatim.db'}?mode=ro", uri=True) as record:
        found = record.execute(
            "SELECT transport FROM connections WHERE thread_id = ? ORDER BY opened_at",
            [visit.page.url.rpartition("/")[2]],
        )
        return [transport for (transport,) in found]


@pytest.mark.parametrize("way", ["refused", "hanging", "cut"])
def test_a_page_whose_websockets_are_blocked_stands_nevertheless(
    visit: Visit, proxy: BlockingProxy, folder: Path, way: str
) -> None:
    """By itself, with one word about it; what is said is answered, and the record says how."""
    proxy.way = way
    visit.sign_in(f"Blocked {way}")
    expect_simple(visit)
    visit.talk("I am sad.")
    visit.talk("I am tired.")
    expect(visit.questions).to_have_text(["I am sad.", "I am tired."])
    visit.page.reload()
    expect_simple(visit)
    expect(visit.questions).to_have_text(["I am sad.", "I am tired."])
    assert set(transports(folder, visit)) == {"polling"}
    assert visit.errors == []


def test_a_killed_server_loses_nothing_of_a_page_without_a_websocket(
    visit: Visit, server: ServerProcess
) -> None:
    """It is noticed, what is typed stays, and the page goes on by itself."""
    visit.sign_in("Killed")
    expect_simple(visit)
    visit.talk("I am sad.")
    visit.composer.fill("half a thought")
    server.kill()
    expect(visit.page.locator("#connection")).to_have_text(LOST)
    expect(visit.composer).to_be_disabled()
    server.start()
    expect_simple(visit)
    expect(visit.composer).to_have_value("half a thought")
    # What is pressed before the page has said who it is waits for five seconds, and then stays in the field.
    visit.wait_until_ready()
    visit.composer.press("Enter")
    expect(visit.answers).to_have_count(2)
    expect(visit.questions).to_have_text(["I am sad.", "half a thought"])
    assert "sid=" not in server.log.read_text(encoding="utf-8")


def test_a_page_that_finds_a_websocket_again_takes_it_when_it_connects_next(
    visit: Visit, proxy: BlockingProxy, folder: Path
) -> None:
    """It looks beside the connection that it has, which goes on meanwhile."""
    visit.page.clock.install()
    visit.sign_in("Home again")
    expect_simple(visit)
    visit.talk("I am sad.")
    proxy.way = None
    with visit.page.expect_websocket() as looked:
        visit.page.clock.fast_forward("00:15")
    looked.value.wait_for_event("close")
    visit.talk("I am tired.")
    assert transports(folder, visit)[-1] == "polling"
    visit.page.locator("#new-chat-button").click()
    expect(visit.page.locator("#connection")).to_have_text("")
    visit.talk("I am at home.")
    assert transports(folder, visit)[-1] == "websocket"
