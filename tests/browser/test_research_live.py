"""Who is here, in a browser, beside a participant in another; a thread that is watched; a study that ends."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import TREE, Arrive
from tests.browser.room import come_in, first_password, forget
from tests.browser.visit import Visit
from tests.browser.waiting import fits

pytestmark = pytest.mark.browser

STUDY = """\
id: live
title: Everyday talk
contact: Dr. Kim, kim@university.example
welcome: Write about anything.
agents:
  - name: Slow
    kind: scripted
    reply: One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.
    delay_ms: 250
closing:
  paused: We have enough **participants** now.
  ended: The study is over. Thank you, and goodbye.
"""

# Each state of the second reply, as it stood on the room's page.
GROWING = """() => {
  window.seen = [];
  const look = () => {
    const reply = document.querySelectorAll(".said:not(.participant) .words")[1];
    if (reply) window.seen.push(reply.textContent);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app with an agent that takes its time, on a database of its own."""
    study = tmp_path_factory.mktemp("study")
    (study / "study.yaml").write_text(STUDY, encoding="utf-8")
    with verbatim(TREE, tmp_path_factory.mktemp("live"), study) as running:
        yield running


@pytest.fixture(scope="module")
def password(server: ServerProcess) -> str:
    """Of the account that the first start makes."""
    return first_password(server)


@pytest.fixture
def room(arrive: Arrive, password: str) -> Iterator[Page]:
    """The owner before the table; afterwards the study is open."""
    page = enter(arrive(), password)
    yield page
    page.goto("/research/live")
    if page.locator("#study").get_attribute("data-state") != "open":
        page.get_by_role("button", name="Open again").click()
        expect(page.locator("#study")).to_have_attribute("data-state", "open")


def enter(visit: Visit, password: str) -> Page:
    """Sign in as the owner, to the page of who is here."""
    page = visit.page
    come_in(page, password, "/research/live", "Live")
    expect(page.locator("#told")).to_have_text("This table follows what happens.")
    return page


def _which_does_not_hear(socket: WebSocketRoute) -> None:
    """A connection on which it is not told that the study has ended."""
    server = socket.connect_to_server()

    def pass_on(frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode()
        if "study_state" not in text or "not_taken" in text:
            socket.send(frame)

    server.on_message(pass_on)


def end_the_study(room: Page) -> None:
    """Press, and answer the question."""
    room.get_by_text("End the study…").click()
    room.get_by_role("button", name="End the study now").click()
    expect(room.locator("#study")).to_have_attribute("data-state", "ended")


def test_the_table_follows_a_participant(arrive: Arrive, room: Page) -> None:
    """They come, type, wait for their reply, are idle, and go; the page is never loaded anew."""
    room.evaluate("window.stays = true")
    participant = arrive()
    participant.sign_in("Ada")
    row = room.locator("#here tr", has_text="a new conversation")
    expect(row).to_have_attribute("data-doing", "idle")
    participant.composer.press_sequentially("Hello from Ada", delay=50)
    expect(row).to_have_attribute("data-doing", "typing")
    participant.page.locator("#chat-submit").click()
    row = room.locator("#here tr", has_text="Hello from Ada")
    expect(row).to_have_attribute("data-doing", "waiting")
    expect(row).to_have_attribute("data-doing", "idle")
    expect(room.locator("[data-count=here]")).to_have_text("1")
    participant.page.context.close()
    expect(row).to_have_count(0)
    expect(room.locator("#nobody")).to_be_visible()
    assert room.evaluate("window.stays")


def test_a_thread_is_watched_while_it_streams(arrive: Arrive, room: Page) -> None:
    """The reply grows in the room's page; what is unfolded there and marked stays so."""
    participant = arrive()
    participant.sign_in("Bob")
    participant.talk("The first message")
    room.locator("#here a", has_text="The first message").click()
    expect(room.locator("#watch")).to_have_text("Watching live")
    room.evaluate("getSelection().selectAllChildren(document.querySelector('.said.participant .words'))")
    room.evaluate("window.stays = true")
    room.evaluate(GROWING)
    participant.say("The second message")
    expect(room.locator(".said.participant")).to_have_count(2)
    replies = room.locator(".said:not(.participant) .words")
    expect(replies).to_have_count(2)
    expect(replies.last).to_contain_text("sixteen")
    seen = room.evaluate("window.seen")
    assert any("One two three" in text and "sixteen" not in text for text in seen)
    expect(room.locator(".said .status")).to_have_count(0)
    assert room.evaluate("getSelection().toString()").strip() == "The first message"
    assert room.evaluate("window.stays")
    assert grave(room) == []
    room.locator("#watch").click()
    expect(room.locator("#watch")).to_have_text("Watch live")
    participant.say("The third message")
    expect(participant.questions).to_have_count(3)
    participant.wait_until_answered()
    expect(room.locator(".said.participant")).to_have_count(2)


def test_a_pause_keeps_newcomers_out_alone(arrive: Arrive, room: Page) -> None:
    """Who is in goes on; who comes reads the study's text."""
    participant = arrive()
    participant.sign_in("Cleo")
    room.get_by_role("button", name="Pause recruiting").click()
    expect(room.locator("#study")).to_have_attribute("data-state", "paused")
    newcomer = arrive().page
    newcomer.goto("/login")
    expect(newcomer.locator("#problem strong")).to_have_text("participants")
    newcomer.get_by_label("Your name").fill("Newcomer")
    newcomer.keyboard.press("Enter")
    expect(newcomer.locator("#problem")).to_contain_text("We have enough participants now.")
    assert grave(newcomer) == []
    assert "sixteen" in participant.talk("I go on")


def test_an_open_page_learns_that_the_study_has_ended(arrive: Arrive, room: Page) -> None:
    """Its words stay in the field and are not sent; a reply that was begun is finished; it opens again."""
    participant = arrive()
    participant.sign_in("Dora")
    participant.say("Said in time")
    expect(participant.answers.last).to_contain_text("One")
    end_the_study(room)
    ended = participant.page.locator("#study-ended")
    expect(ended).to_have_text("The study is over. Thank you, and goodbye.")
    participant.wait_until_answered()
    expect(participant.answers.last).to_contain_text("sixteen")
    expect(participant.composer).not_to_be_editable()
    assert grave(participant.page) == []
    participant.page.keyboard.press("Enter")
    expect(participant.questions).to_have_count(1)
    participant.page.reload()
    expect(ended).to_be_visible()
    room.get_by_role("button", name="Open again").click()
    expect(ended).to_have_count(0)
    assert "sixteen" in participant.talk("Once more")


def test_what_comes_too_late_is_given_back(arrive: Arrive, room: Page) -> None:
    """A page that has not heard of the end yet sends a message: it is not kept, and is in the field again."""
    participant = arrive()
    participant.page.route_web_socket(re.compile("socket.io"), _which_does_not_hear)
    participant.sign_in("Emil")
    end_the_study(room)
    participant.say("Too late")
    expect(participant.page.locator("#study-ended")).to_be_visible()
    expect(participant.composer).to_have_value("Too late")
    expect(participant.questions).to_have_count(0)
    room.goto("/research/threads")
    expect(room.get_by_text("Too late")).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_read_it(arrive: Arrive, password: str, phone: bool) -> None:
    """Axe finds nothing, by day and by night, also with the question open; nobody else is asked."""
    visit = arrive(phone=phone)
    participant = arrive()
    participant.sign_in("Fay" if phone else "Finn")
    page = enter(visit, password)
    expect(page.locator("#here tr")).not_to_have_count(0)
    page.get_by_text("End the study…").click()
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert grave(page, *rules_of(look)) == [], look
    fits(page)
    assert visit.foreign == []
    assert visit.errors == []


def test_the_counts_choose_what_is_shown(arrive: Arrive, room: Page) -> None:
    """By mouse or keyboard."""
    participant = arrive()
    participant.sign_in("Gus")
    expect(room.locator("#here tr")).to_have_count(1)
    room.get_by_role("radio", name="typing").check(force=True)
    expect(room.locator("#here tr").first).to_be_hidden()
    room.get_by_role("radio", name="typing").press("ArrowRight")
    expect(room.get_by_role("radio", name="idle")).to_be_checked()
    expect(room.locator("#here tr").first).to_be_visible()


def test_a_session_that_is_ended_elsewhere_ends_the_stream(arrive: Arrive, password: str) -> None:
    """Within seconds; the page says so."""
    page = enter(arrive(), password)
    forget(password)
    other = enter(arrive(), password)
    other.goto("/research/account")
    other.get_by_role("button", name="End").first.click()
    expect(page.locator("#told")).to_have_text("You are signed out, or may not see this any more.")
