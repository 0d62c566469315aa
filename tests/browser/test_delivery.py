"""A message is called sent when it is kept: cut anywhere on its way, it is kept once, or offered again."""

import json
import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

Spoken = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server, which it may kill."""
    return tmp_path_factory.mktemp("delivery")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """The app on a database that the tests look into."""
    with verbatim(TREE, folder, STUDY) as running:
        yield running


@pytest.fixture
def spoken(folder: Path) -> Spoken:
    """Ask the record for the messages of a participant, in order."""

    def ask(name: str) -> list[str]:
        connection = sqlite3.connect(f"file:{folder / 'verbatim.db'}?mode=ro", uri=True)
        query = (
            "SELECT output FROM steps JOIN threads USING (thread_id) JOIN identities USING (participant_id) "
            "WHERE value = ? AND steps.type = 'user_message' ORDER BY steps.seq"
        )
        try:
            return [str(row[0]) for row in connection.execute(query, (name,))]
        finally:
            connection.close()

    return ask


class Knife:
    """Cuts a page's connection when a certain event passes, which is lost with it.

    Attributes:
        events: Those that are cut, once each.
    """

    def __init__(self, page: Page) -> None:
        self.events: set[str] = set()
        page.route_web_socket(re.compile("/ws/socket.io"), self._stand_between)

    def _stand_between(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def passes(frame: str | bytes) -> bool:
            event = event_of(frame)
            if event not in self.events:
                return True
            self.events.discard(event)
            server.close()
            page.close()
            return False

        page.on_message(lambda frame: server.send(frame) if passes(frame) else None)
        server.on_message(lambda frame: page.send(frame) if passes(frame) else None)


def event_of(frame: str | bytes) -> str:
    """The name of a Socket.IO event; empty for other frames."""
    if isinstance(frame, bytes) or not frame.startswith("42["):
        return ""
    return str(json.loads(frame[2:])[0])


def send_again(visit: Visit) -> None:
    """Press the button under a message that has not been delivered, by keyboard."""
    button = visit.page.get_by_role("button", name="Send again")
    expect(button).to_be_visible()
    button.press("Enter")
    expect(visit.page.locator(".delivery")).to_have_count(0)


@pytest.mark.parametrize("first", [True, False], ids=["the first message", "a later message"])
def test_a_message_that_never_arrives_is_offered_again(arrive: Arrive, spoken: Spoken, first: bool) -> None:
    """It says so, over a reload too; sent again, it is kept and answered once."""
    visit = arrive()
    knife = Knife(visit.page)
    name = f"Lost {first}"
    visit.sign_in(name)
    before = [] if first else ["I am sad."]
    for text in before:
        visit.talk(text)
    knife.events.add("client_message")
    visit.say("Into the void")
    expect(visit.page.locator(".delivery")).to_contain_text("Not delivered:")
    expect(visit.composer).to_be_enabled()
    assert spoken(name) == before
    visit.page.reload()
    expect(visit.questions).to_have_text([*before, "Into the void"])
    send_again(visit)
    expect(visit.answers).to_have_count(len(before) + 1)
    visit.wait_until_answered()
    visit.page.reload()
    expect(visit.questions).to_have_text([*before, "Into the void"])
    expect(visit.page.locator(".delivery")).to_have_count(0)
    assert spoken(name) == [*before, "Into the void"]


@pytest.mark.parametrize("cut", ["kept", "stream_start"])
def test_a_message_that_was_kept_is_called_sent_when_the_page_is_back(
    arrive: Arrive, spoken: Spoken, cut: str
) -> None:
    """Cut before the word that it is kept, or after it: nothing to press, one message, one reply."""
    visit = arrive()
    knife = Knife(visit.page)
    visit.sign_in(f"Cut {cut}")
    visit.talk("I am sad.")
    knife.events.add(cut)
    visit.say("I am still here.")
    expect(visit.answers).to_have_count(2)
    visit.wait_until_answered()
    expect(visit.page.locator(".delivery")).to_have_count(0)
    expect(visit.questions).to_have_text(["I am sad.", "I am still here."])
    assert not knife.events
    assert spoken(f"Cut {cut}") == ["I am sad.", "I am still here."]


def test_a_message_that_is_sent_twice_is_kept_once(arrive: Arrive, spoken: Spoken) -> None:
    """The page sends again what has arrived in the meantime: the server knows it by its id."""
    visit = arrive()
    visit.sign_in("Twice")
    sent: list[WebSocketRoute] = []

    def repeat(page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        sent.append(server)

        def pass_on(frame: str | bytes) -> None:
            for _ in range(3 if event_of(frame) == "client_message" else 1):
                server.send(frame)

        page.on_message(pass_on)

    visit.page.route_web_socket(re.compile("/ws/socket.io"), repeat)
    visit.page.reload()
    visit.wait_until_ready()
    visit.talk("Say it once.")
    visit.page.reload()
    expect(visit.questions).to_have_text(["Say it once."])
    expect(visit.answers).to_have_count(1)
    assert spoken("Twice") == ["Say it once."]


def test_a_change_that_nobody_heard_is_in_the_field(arrive: Arrive, spoken: Spoken) -> None:
    """The thread stands as it is kept, with what came after the message; the new words can be sent."""
    visit = arrive()
    knife = Knife(visit.page)
    visit.sign_in("Changed")
    visit.talk("I am sad.")
    knife.events.add("edit_message")
    visit.page.locator('[data-step-type="user_message"]').hover()
    visit.page.locator(".edit-message").click()
    visit.page.locator("#edit-chat-input").fill("I am glad.")
    visit.page.locator(".confirm-edit").click()
    expect(visit.composer).to_have_value("I am glad.")
    expect(visit.page.get_by_text("Your change was not delivered.")).to_be_visible()
    expect(visit.questions).to_have_text(["I am sad."])
    expect(visit.answers).to_have_count(1)
    assert spoken("Changed") == ["I am sad."]


def test_a_message_into_a_dying_server_is_not_called_sent(
    arrive: Arrive, server: ServerProcess, spoken: Spoken
) -> None:
    """The connection stands, nobody reads, then the server is gone: on its way first, then not delivered."""
    visit = arrive()
    visit.sign_in("Doris")
    visit.talk("I am sad.")
    os.kill(server.pid, signal.SIGSTOP)
    visit.say("Hello?")
    expect(visit.page.locator(".delivery")).to_have_text("Sending…")
    server.kill()
    expect(visit.page.locator(".delivery")).to_contain_text("Not delivered:")
    server.start()
    expect(visit.composer).to_be_enabled()
    expect(visit.questions).to_have_text(["I am sad.", "Hello?"])
    send_again(visit)
    expect(visit.answers).to_have_count(2)
    assert spoken("Doris") == ["I am sad.", "Hello?"]
