"""The connection is lost in every way that it can be; the participant is told, and loses nothing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.held import HeldRequest, stopped
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

LOST = "Disconnected. Reconnecting…"
# What the participant is promised, in milliseconds of the page's own clock.
CLOSED_WITHIN = 1_000
SILENT_WITHIN = 8_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a database of its own: it is killed, stopped and started again."""
    with verbatim(TREE, tmp_path_factory.mktemp("connection"), STUDY) as running:
        yield running


def come(arrive: Arrive, name: str) -> Visit:
    """Come in with a page whose clock the test can stop."""
    visit = arrive()
    visit.page.clock.install()
    visit.sign_in(name)
    return visit


@contextmanager
def lost(visit: Visit, within: int) -> Iterator[None]:
    """The connection is lost, and the participant is told within so much of the page's time.

    That time stands still but for this, however busy the machine is: the line stands above the field, which
    is closed, and so is the button.
    """
    page = visit.page
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 0.5)  # in seconds
    yield
    if within == CLOSED_WITHIN:
        expect(page.locator("html")).to_have_attribute("data-connection", "lost")
    page.clock.run_for(within)
    expect(page.locator("#connection")).to_have_text(LOST)
    expect(visit.composer).to_be_disabled()
    expect(page.locator("[inert] #chat-submit, [inert] #stop-button")).to_have_count(1)


def expect_back(visit: Visit) -> None:
    """The page's time goes on; the line is gone, and the field can be written in."""
    visit.page.clock.resume()
    expect(visit.composer).to_be_enabled()
    # A busy machine's server may be so slow to take the page in that its WebSocket counts as blocked. That a
    # server which was away leaves nobody on requests is shown where no machine is in it: test_way.py.
    expect(visit.page.locator("#connection")).to_have_text(re.compile("^(Simple connection)?$"))


def test_a_killed_server_is_noticed_at_once_and_what_was_typed_stays(
    arrive: Arrive, server: ServerProcess
) -> None:
    """And the page goes on by itself when the server is back, in its thread, with nothing said twice."""
    visit = come(arrive, "Kate")
    visit.talk("I am sad.")
    visit.composer.fill("half a thought")
    with lost(visit, CLOSED_WITHIN):
        server.kill()
    expect(visit.page.locator("#session-error")).to_be_hidden()
    server.start()
    expect_back(visit)
    expect(visit.composer).to_have_value("half a thought")
    expect(visit.composer).to_be_focused()
    # What is pressed before the page has said who it is waits for five seconds, and then stays in the field.
    visit.wait_until_ready()
    visit.composer.press("Enter")
    expect(visit.answers).to_have_count(2)
    expect(visit.questions).to_have_text(["I am sad.", "half a thought"])


def test_a_silent_server_is_noticed_and_forgiven(arrive: Arrive, server: ServerProcess) -> None:
    """A link that says nothing is no link; when it speaks again, the same connection goes on."""
    visit = come(arrive, "Stan")
    visit.talk("I am sad.")
    with stopped(server), lost(visit, SILENT_WITHIN):
        pass
    # Its time stands still yet: a link that was silent for longer is given up.
    expect(visit.composer).to_be_enabled()
    expect_back(visit)
    visit.talk("I am here again.")
    expect(visit.questions).to_have_text(["I am sad.", "I am here again."])
    expect(visit.page.locator(".delivery")).to_have_count(0)


def test_what_happened_while_a_page_was_away_is_on_it_when_it_is_back(arrive: Arrive) -> None:
    """The words that it missed, the end of the reply, another title in the list; nothing doubled."""
    visit = come(arrive, "Olaf")
    visit.choose_agent("Slow")
    visit.say("Go on")
    expect(visit.answers.first).to_contain_text("words arrive")
    context = visit.page.context
    with lost(visit, CLOSED_WITHIN):
        context.set_offline(True)
    visit.page.clock.resume()
    # The second device of the same participant, which is online.
    assert context.browser is not None
    phone = context.browser.new_context(base_url=visit.page.url, storage_state=context.storage_state())
    try:
        other = Visit(phone.new_page())
        other.page.goto(visit.page.url)
        expect(other.answers.first).to_contain_text("still grows.")
        renamed = phone.request.put(
            "/project/thread", data={"threadId": visit.page.url.rpartition("/")[2], "name": "Afterwards"}
        )
        assert renamed.ok
    finally:
        phone.close()
    context.set_offline(False)
    expect_back(visit)
    expect(visit.answers).to_have_text([re.compile(r"^One by one .* still grows\.$")])
    expect(visit.rows.first).to_contain_text("Afterwards")
    visit.wait_until_answered()


def test_an_expired_cookie_leads_to_the_way_in_and_back(arrive: Arrive) -> None:
    """Not to an endless attempt; after it the words typed are there again, in their thread."""
    visit = come(arrive, "Edda")
    visit.talk("I am sad.")
    visit.composer.fill("not yet sent")
    address, context = visit.page.url, visit.page.context
    kept: Any = context.cookies()
    context.clear_cookies(name="access_token")
    with lost(visit, CLOSED_WITHIN):
        context.set_offline(True)
    visit.page.clock.resume()
    context.set_offline(False)
    visit.page.wait_for_url("**/login")
    context.add_cookies(kept)  # signing in again, whatever the way in asks for
    visit.page.goto("/")
    visit.page.wait_for_url(address)
    expect(visit.composer).to_have_value("not yet sent")
    expect(visit.questions).to_have_text(["I am sad."])


def test_an_answer_that_is_lost_signs_nobody_out(arrive: Arrive) -> None:
    """The page asks now and then who is here; a network that drops it has not said: nobody."""
    visit = arrive()
    visit.sign_in("Steady")
    visit.talk("I am sad.")
    address, lost = visit.page.url, 0

    def lose_two(route: Route) -> None:
        nonlocal lost
        lost += 1
        if lost > 2:
            route.continue_()
        elif lost == 1:
            route.abort()
        else:
            route.fulfill(status=503)

    visit.page.route("**/user", lose_two)
    # It asks when its window is looked at again, though not each time.
    looked_at = "() => setInterval(() => window.dispatchEvent(new Event('focus')), 200)"
    with visit.page.expect_response(lambda answer: answer.url.endswith("/user") and answer.ok):
        visit.page.evaluate(looked_at)
    expect_back(visit)
    expect(visit.questions).to_have_text(["I am sad."])
    expect(visit.page).to_have_url(address)


def test_the_next_participant_in_a_browser_finds_nothing_of_the_last(arrive: Arrive) -> None:
    """What was typed belongs to who typed it."""
    visit = arrive()
    visit.sign_in("First")
    visit.composer.fill("my secret")
    visit.page.context.clear_cookies()
    visit.write_name("Second")
    visit.talk("Hello")
    expect(visit.questions).to_have_text(["Hello"])
    assert "secret" not in visit.page.evaluate("JSON.stringify({...sessionStorage})")


def test_nothing_waits_to_be_sent_while_there_is_no_connection(arrive: Arrive) -> None:
    """Whatever is pressed: when the page is back, the words stand where they were written."""
    visit = come(arrive, "Eager")
    visit.talk("I am sad.")
    visit.composer.fill("Not now")
    with lost(visit, CLOSED_WITHIN):
        visit.page.context.set_offline(True)
    visit.page.clock.resume()
    visit.page.evaluate(
        """() => {
            const enter = { key: "Enter", bubbles: true, cancelable: true };
            document.getElementById("chat-input").dispatchEvent(new KeyboardEvent("keydown", enter));
            document.getElementById("chat-submit").click();
        }"""
    )
    visit.page.context.set_offline(False)
    expect_back(visit)
    expect(visit.composer).to_have_value("Not now")
    visit.page.reload()
    expect(visit.questions).to_have_text(["I am sad."])
    expect(visit.page.locator(".delivery")).to_have_count(0)


def test_a_laptop_that_has_slept_is_not_believed_to_be_connected(
    arrive: Arrive, server: ServerProcess
) -> None:
    """It wakes on a link that has gone quiet meanwhile: it says so at once, and connects anew."""
    visit = come(arrive, "Sleeper")
    visit.talk("I am sad.")
    visit.composer.fill("half a thought")
    with stopped(server):
        visit.page.clock.fast_forward("01:00:00")
        with lost(visit, CLOSED_WITHIN):
            visit.page.clock.run_for(CLOSED_WITHIN)
    expect_back(visit)
    expect(visit.composer).to_have_value("half a thought")
    visit.talk("I am awake.")
    expect(visit.questions).to_have_text(["I am sad.", "I am awake."])


def test_a_change_of_thread_is_no_loss_and_loses_nothing(arrive: Arrive) -> None:
    """Each closes the connection for a moment: no line flickers, and Enter in that moment is heard."""
    visit = arrive()
    visit.sign_in("Swift")
    visit.talk("I am sad.")
    note_lines(visit.page)
    visit.page.locator("#new-chat-button").click()
    expect(visit.page.locator("#welcome-screen")).to_be_attached()
    visit.composer.fill("In a new one")
    visit.composer.press("Enter")
    expect(visit.answers).to_have_count(1)
    expect(visit.questions).to_have_text(["In a new one"])
    expect(visit.rows).to_have_count(2)
    visit.rows.last.locator("a, button").first.click()
    expect(visit.questions).to_have_text(["I am sad."])
    visit.talk("And back")
    expect(visit.questions).to_have_text(["I am sad.", "And back"])
    assert visit.page.evaluate("window.seen") == []


def note_lines(page: Page) -> None:
    """Remember each text that the line above the field has from now on."""
    page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const text = document.getElementById("connection")?.textContent;
                if (text) window.seen.push(text);
            }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )


def test_a_page_asks_nothing_of_its_visitor_while_the_server_lets_it_wait(arrive: Arrive) -> None:
    """An address of a thread that is opened while the server is away is opened when it is there."""
    visit = arrive()
    visit.sign_in("Wanda")
    visit.talk("I am sad.")
    refused: list[str] = []

    def refuse(route: WebSocketRoute) -> None:
        if len(refused) < 3:
            refused.append(route.url)
            route.close()
        else:
            route.connect_to_server()

    def refuse_request(route: Route) -> None:
        if len(refused) < 3:
            refused.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    visit.page.route_web_socket(re.compile("/ws/socket.io"), refuse)
    visit.page.route(re.compile("/ws/socket.io"), refuse_request)
    visit.page.reload()
    expect(visit.questions).to_have_text(["I am sad."])
    assert len(refused) == 3
    visit.page.wait_for_url("**/thread/*")


def test_who_was_chosen_last_answers(arrive: Arrive) -> None:
    """Also when what was asked before the choice is answered after it: the header tells the truth."""
    visit = arrive()
    visit.sign_in("Chooser")
    held = HeldRequest(visit.page, "**/set-session-cookie")
    visit.page.goto("/")
    held.wait()
    visit.wait_until_drawn()
    with visit.page.expect_websocket():
        visit.choose_agent("Unhurried")
    # The page would make the older connection now.
    with visit.page.expect_response("**/set-session-cookie"):
        held.let_go()
    expect(visit.page.locator("#chat-profiles")).to_contain_text("Unhurried")
    assert "ends" in visit.talk("Who are you?")
