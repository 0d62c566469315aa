"""Turns in a real browser: stopped, edited, cut off; the record beside the screen."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import STUDY, TREE, Arrive

pytestmark = pytest.mark.browser

Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server, which it may kill."""
    return tmp_path_factory.mktemp("turns")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """The app on a database that the tests look into."""
    with verbatim(TREE, folder, STUDY) as running:
        yield running


@pytest.fixture
def ask(folder: Path) -> Ask:
    """Ask the record."""

    def answer(query: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(f"file:{folder / 'verbatim.db'}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    return answer


def of(name: str, what: str = "output, status, deleted_because") -> str:
    """The messages and steps of a participant, in order."""
    return (
        f"SELECT {what} FROM steps JOIN threads USING (thread_id) JOIN identities USING (participant_id) "
        f"WHERE value = '{name}' ORDER BY steps.seq"
    )


def test_stop_keeps_what_was_shown(arrive: Arrive, ask: Ask) -> None:
    """The partial reply stays, on the screen and in the record, as stopped; no message is added."""
    visit = arrive()
    visit.sign_in("Stopper")
    visit.choose_agent("Slow")
    visit.say("Go on")
    expect(visit.answers.first).to_contain_text("arrive")
    visit.page.locator("#stop-button").click()
    visit.wait_until_answered()
    expect(visit.page.locator("[data-step-type]")).to_have_count(2)
    shown = visit.answers.first.inner_text().strip()
    message, reply = ask(of("Stopper"))
    assert message == ("Go on", "complete", None)
    assert reply[1:] == ("stopped", None)
    assert str(reply[0]).strip() == shown
    assert not shown.endswith("grows.")
    visit.page.reload()
    expect(visit.answers).to_have_text([shown])


def test_a_reload_in_mid_reply_shows_it_going_on(arrive: Arrive) -> None:
    """The new page has the words so far, gets the others as they come, and may then write on."""
    visit = arrive()
    visit.sign_in("Impatient")
    visit.choose_agent("Slow")
    visit.say("Go on")
    expect(visit.answers.first).to_contain_text("words arrive")
    visit.page.reload()
    expect(visit.answers.first).to_contain_text("words arrive")
    expect(visit.answers.first).to_contain_text("while it still grows.")
    expect(visit.answers).to_have_text(
        [re.compile(r"^One by one these words arrive, so that .* still grows\.$")]
    )
    visit.wait_until_answered()


def test_an_edit_begins_the_thread_anew_from_there(arrive: Arrive, ask: Ask) -> None:
    """What came after leaves the screen for good; the record keeps both, and both wordings."""
    visit = arrive()
    visit.sign_in("Editor")
    visit.talk("I am sad.")
    visit.talk("I am tired.")
    first = visit.page.locator('[data-step-type="user_message"]').first
    first.hover()
    first.locator(".edit-message").click()
    visit.page.locator("#edit-chat-input").fill("I am glad.")
    visit.page.locator(".confirm-edit").click()
    expect(visit.questions).to_have_text(["I am glad."])
    expect(visit.answers).to_have_count(1)
    expect(visit.answers.first).to_contain_text("glad")
    visit.page.reload()
    expect(visit.questions).to_have_text(["I am glad."])
    expect(visit.answers).to_have_count(1)
    kept = ask(of("Editor", "output, revision, deleted_because"))
    assert [row[1:] for row in kept] == [(2, None), (1, "edited"), (1, "edited"), (1, "edited"), (1, None)]
    wordings = ask(
        "SELECT step_revisions.output FROM step_revisions JOIN steps USING (step_id) "
        "WHERE steps.output = 'I am glad.' ORDER BY step_revisions.revision"
    )
    assert wordings == [("I am sad.",), ("I am glad.",)]
    runs = ask(
        "SELECT runs.deleted_because FROM runs JOIN threads USING (thread_id) "
        "JOIN identities USING (participant_id) WHERE value = 'Editor' ORDER BY runs.seq"
    )
    assert runs == [("edited",), ("edited",), (None,)]


def test_a_tool_stands_above_its_answer(arrive: Arrive, ask: Ask) -> None:
    """The agent's visible work can be opened, shows what went in and came out, and is kept byte for byte."""
    visit = arrive()
    visit.sign_in("Reader")
    visit.choose_agent("Errands")
    visit.talk("Is the library open?")
    step = visit.page.get_by_role("button", name=re.compile("opening_hours"))
    step.click()
    expect(visit.page.get_by_text("20:00")).to_be_visible()
    kept = ask(of("Reader", "type, steps.name, input, output"))
    assert kept[1:] == [
        ("tool", "opening_hours", '{"place": "library"}', '{"open": true, "until": "20:00"}'),
        ("assistant_message", "Errands", "", "Yes, until eight in the evening."),
    ]


def test_a_deleted_thread_is_gone_for_its_participant_alone(arrive: Arrive, ask: Ask) -> None:
    """It leaves the list and its address; the record keeps every row, and says who deleted it."""
    visit = arrive()
    visit.sign_in("Deleter")
    visit.talk("Forget this.")
    expect(visit.rows).to_have_count(1)
    address = visit.page.url
    visit.rows.first.hover()
    visit.rows.first.locator(".row-more").click()
    visit.page.get_by_role("menuitem", name="Delete").click()
    expect(visit.rows).to_have_count(0)
    expect(visit.page.get_by_role("button", name="Undo")).to_be_visible()
    visit.page.goto(address)
    visit.wait_until_ready()
    expect(visit.page.get_by_text("Forget this.")).to_have_count(0)
    kept = ask(
        "SELECT threads.deleted_at IS NOT NULL, threads.deleted_by = threads.participant_id, message_count "
        "FROM threads JOIN identities USING (participant_id) WHERE value = 'Deleter'"
    )
    assert kept == [(1, 1, 2)]


def test_a_killed_server_costs_a_press_on_retry(arrive: Arrive, ask: Ask, server: ServerProcess) -> None:
    """The page comes back to its thread by itself, says that the answer broke off, and gets a whole one."""
    visit = arrive()
    visit.sign_in("Survivor")
    visit.choose_agent("Slow")
    visit.say("Go on")
    expect(visit.answers.first).to_contain_text("somebody can press")
    server.kill()
    server.start()
    retry = visit.page.get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    line = visit.page.locator('[data-step-type="system_message"]')
    expect(line).to_contain_text("The answer was interrupted.")
    expect(visit.answers.first).to_contain_text("One by one")
    retry.click()
    expect(visit.answers).to_have_text([re.compile("while it still grows")])
    kept = ask(of("Survivor", "type, status, deleted_because"))
    assert kept == [
        ("user_message", "complete", None),
        ("assistant_message", "interrupted", "retried"),
        ("system_message", "complete", "retried"),
        ("assistant_message", "complete", None),
    ]


def test_a_thread_whose_agent_the_study_has_no_more_goes_on(arrive: Arrive, folder: Path) -> None:
    """It opens with all that was said, and another agent answers."""
    visit = arrive()
    visit.sign_in("Loyal")
    visit.say("Hello")
    expect(visit.answers).to_have_count(1)
    connection = sqlite3.connect(folder / "verbatim.db", timeout=30)
    with connection:
        connection.execute(
            "UPDATE threads SET agent = 'Renamed since' WHERE participant_id = "
            "(SELECT participant_id FROM identities WHERE value = 'Loyal')"
        )
    connection.close()
    visit.page.reload()
    expect(visit.answers).to_have_count(1)
    visit.say("Are you there?")
    expect(visit.answers).to_have_count(2)
