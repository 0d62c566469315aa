"""A page that was left is let go of politely, and comes back by a key press with all that was typed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocket, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import TREE, Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, frames_pass

pytestmark = pytest.mark.browser

# Seconds that nobody has to wait for long.
STUDY = """\
id: away
title: Everyday conversations
contact: away@example.org
welcome: Talk about anything.
language: en
agents:
  - {name: Robin, kind: scripted, reply: Please go on.}
limits: {idle_minutes: 0.025}
"""
AWAY = "You were away; write to go on"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app with little patience."""
    folder = tmp_path_factory.mktemp("away")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    with verbatim(TREE, folder / "data", folder) as running:
        yield running


def answered(visit: Visit, number: int) -> None:
    """Wait for so many answers, and press a key when the page is let go of once more, on a slow machine."""

    def count() -> int:
        if visit.page.locator("#connection.away").count():
            visit.page.keyboard.press("End")
        return visit.answers.count()

    comes_to(visit.page, count, number, "answers")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_away_and_back_by_a_key(arrive: Arrive, phone: bool) -> None:
    """The field stays open, with its words; the first key goes into it, and the conversation goes on."""
    visit = arrive(phone=phone, dark=phone)
    visit.sign_in(f"Lou {phone}")
    visit.say("Hello")
    answered(visit, 1)
    visit.composer.fill("Half a sen")
    line = visit.page.locator("#connection")
    expect(line).to_have_text(AWAY)
    expect(visit.composer).to_be_editable()
    expect(visit.composer).to_have_value("Half a sen")
    assert grave(visit.page) == []
    visit.composer.press("End")
    visit.page.keyboard.type("tence.")
    expect(visit.composer).to_have_value("Half a sentence.")
    visit.page.locator("#chat-submit").click()
    expect(visit.questions.last).to_have_text("Half a sentence.")
    answered(visit, 2)
    assert visit.errors == []


def test_away_and_back_by_sending(arrive: Arrive) -> None:
    """What stands in the field is sent by the first press of the button."""
    visit = arrive()
    visit.sign_in("Sam")
    visit.composer.fill("All of it")
    expect(visit.page.locator("#connection")).to_have_text(AWAY)
    visit.page.locator("#chat-submit").click()
    answered(visit, 1)
    expect(visit.questions).to_have_text(["All of it"])


def test_nothing_is_tried_while_nobody_is_there(arrive: Arrive) -> None:
    """The window comes to sight again, the network returns: it is a key that says that somebody is back."""
    visit = arrive()
    visit.sign_in("Max")
    visit.say("Hello")
    answered(visit, 1)
    line = visit.page.locator("#connection")
    expect(line).to_have_text(AWAY)
    opened: list[str] = []
    let_go: list[str] = []

    def note(socket: WebSocket) -> None:
        opened.append(socket.url)
        socket.on(
            "framereceived", lambda frame: let_go.append(socket.url) if '"away"' in str(frame) else None
        )

    visit.page.on("websocket", note)
    visit.page.evaluate("dispatchEvent(new Event('focus')); dispatchEvent(new Event('online'))")
    frames_pass(visit.page)
    expect(line).to_have_text(AWAY)
    assert opened == []
    visit.say("I am back")
    answered(visit, 2)
    expect(visit.answers.last).to_have_text("Please go on.")
    # One, and another where the machine took so long that the page was let go of once more.
    assert opened
    assert len(opened) - len(let_go) in (0, 1)
