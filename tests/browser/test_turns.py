"""Turns in a real browser: stopped, edited, cut off; the record beside the screen."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.test_connection_pages import another_tab, shows_the_same
from tests.browser.waiting import comes_to
from tests.fake_openai import FakeOpenAI

pytestmark = pytest.mark.browser

Ask = Callable[[str], list[tuple[object, ...]]]
WHOLE = "One by one these words arrive, so that somebody can press Stop while it still grows."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server, which it may kill."""
    return tmp_path_factory.mktemp("turns")


@pytest.fixture(scope="module")
def model() -> Iterator[FakeOpenAI]:
    """A model that can fall silent in the middle of a reply."""
    with FakeOpenAI(WHOLE) as running:
        yield running


@pytest.fixture(scope="module")
def server(folder: Path, model: FakeOpenAI) -> Iterator[ServerProcess]:
    """The app on a database that the tests look into, with a model among its agents."""
    shutil.copytree(STUDY, folder / "study")
    text = (STUDY / "study.yaml").read_text(encoding="utf-8")
    agents = "agents:\n  - {name: Model, kind: openai, model: m}\n"
    (folder / "study" / "study.yaml").write_text(text.replace("agents:\n", agents), encoding="utf-8")
    described = verbatim(TREE, folder, folder / "study")
    described.environment |= {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "sk-none-needed-here"}
    with described as running:
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


def test_stop_keeps_what_was_shown(arrive: Arrive, ask: Ask, model: FakeOpenAI) -> None:
    """The partial reply stays, on the screen and in the record, as stopped; no message is added."""
    model.reset(WHOLE)
    model.next(end="stall", after=5)
    visit = arrive()
    visit.sign_in("Stopper")
    visit.choose_agent("Model")
    visit.say("Go on")
    expect(visit.answers.first).to_have_text("One by one these words")
    visit.page.locator("#stop-button").click()
    visit.wait_until_answered()
    expect(visit.page.locator("[data-step-type]")).to_have_count(2)
    kept = [("Go on", "complete", None), ("One by one these words", "stopped", None)]
    comes_to(visit.page, lambda: [(str(said).strip(), *how) for said, *how in ask(of("Stopper"))], kept)
    expect(visit.answers).to_have_text(["One by one these words"])
    visit.page.reload()
    expect(visit.answers).to_have_text(["One by one these words"])


def test_either_device_stops_a_reply(arrive: Arrive, model: FakeOpenAI) -> None:
    """The other one sees it grow, may not write meanwhile, and stops it; both may go on."""
    model.reset(WHOLE)
    model.next(times=2, end="stall", after=2)
    first = arrive()
    first.sign_in("Twostop")
    first.choose_agent("Model")
    first.say("Wait")
    first.page.locator("#stop-button").click()
    first.wait_until_answered()
    first.page.wait_for_url("**/thread/*")
    second = another_tab(first, first.page.url)
    expect(second.questions).to_have_text(["Wait"])
    first.say("Go on")
    expect(second.answers.last).to_contain_text("One by")
    second.page.locator("#stop-button").click()
    for tab in (first, second):
        tab.wait_until_answered()
        expect(tab.questions).to_have_text(["Wait", "Go on"])
        expect(tab.answers.last).to_have_text("One by")
    shows_the_same(first, second)


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
    kept = [
        ("tool", "opening_hours", '{"place": "library"}', '{"open": true, "until": "20:00"}'),
        ("assistant_message", "Errands", "", "Yes, until eight in the evening."),
    ]
    comes_to(visit.page, lambda: ask(of("Reader", "type, steps.name, input, output"))[1:], kept)


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


def test_a_killed_server_costs_a_press_on_retry(
    arrive: Arrive, ask: Ask, server: ServerProcess, model: FakeOpenAI
) -> None:
    """The page comes back to its thread by itself, says that the answer broke off, and gets a whole one."""
    model.reset(WHOLE)
    model.next(end="stall", after=5)
    visit = arrive()
    visit.sign_in("Survivor")
    visit.choose_agent("Model")
    visit.say("Go on")
    expect(visit.answers.first).to_contain_text("One by one")
    begun = [("Go on",), ("One by one these words",)]
    comes_to(visit.page, lambda: [(str(said).strip(),) for (said,) in ask(of("Survivor", "output"))], begun)
    server.kill()
    server.start()
    retry = visit.page.get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    line = visit.page.locator('[data-step-type="system_message"]')
    expect(line).to_contain_text("The answer was interrupted.")
    expect(visit.answers.first).to_contain_text("One by one")
    retry.click()
    expect(visit.answers).to_have_text([re.compile("while it still grows")])
    kept = [
        ("user_message", "complete", None),
        ("assistant_message", "interrupted", "retried"),
        ("system_message", "complete", "retried"),
        ("assistant_message", "complete", None),
    ]
    comes_to(visit.page, lambda: ask(of("Survivor", "type, status, deleted_because")), kept)


def test_a_press_that_a_proxy_sent_elsewhere_is_made_again(arrive: Arrive, model: FakeOpenAI) -> None:
    """Another process does not know the page: the connection goes there too, and one press was enough."""
    model.reset(WHOLE)
    model.next(end="error", after=0)
    visit = arrive()
    visit.sign_in("Elsewhere")
    visit.choose_agent("Model")
    visit.say("Go on")
    retry = visit.page.get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    visit.page.route("**/project/action", lambda route: route.fulfill(status=404, body="{}"), times=1)
    retry.click()
    expect(visit.answers).to_have_text([re.compile("while it still grows")])
    expect(visit.page.locator('[data-step-type="system_message"]')).to_have_count(0)


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
