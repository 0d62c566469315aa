"""What every chat must do, as one list, in a real browser; tests/api/test_checklist.py has it over the API.

| line | shown by |
| --- | --- |
| a new chat has a new id | here; test_sidebar: in an empty thread New Chat stays there |
| messages persist | here; test_first_chat: reload; test_turns: a server that is killed |
| switching shows the right messages | here; test_connection: a change of thread loses nothing |
| refresh, logout and login, a second device | here; test_connection_pages: live on both |
| tabs are isolated | test_connection_pages: two threads never mix; test_list: nor on a phone |
| clear all clears | here: a program clears, the page is empty at once, and what is deleted can be had back |
| order is newest first | here; test_sidebar: a message lifts its thread |
| long threads page | test_long_thread; test_list: long lists |
| messages at once do not race | here: two tabs of one thread |
| a token that expired signs the page out | here; test_connection: the words typed are there again |
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.held import stopped
from tests.browser.test_entry import LOGIN, resume_code
from tests.browser.test_sidebar import begin, in_order
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server: it has the secret that tokens are signed with."""
    return tmp_path_factory.mktemp("checklist")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """The app, once for all of them."""
    with verbatim(TREE, folder, STUDY) as running:
        yield running


def same_tab(visit: Visit) -> Visit:
    """Another tab of the same browser, in the same thread."""
    tab = Visit(visit.page.context.new_page())
    tab.page.goto(visit.page.url)
    tab.wait_until_ready()
    return tab


def test_a_new_chat_has_an_id_of_its_own_and_switching_shows_its_own_messages(arrive: Arrive) -> None:
    """Three chats, gone through by the list in both directions, newest first; nothing of another stands."""
    visit = arrive()
    visit.sign_in("Switcher")
    addresses = []
    for words in ("I am one", "I am two", "I am three"):
        begin(visit, words)
        addresses.append(visit.page.url)
    assert len(set(addresses)) == 3
    in_order(visit, "I am three", "I am two", "I am one")
    for title, address in zip(
        ("I am one", "I am three", "I am two"), (addresses[0], addresses[2], addresses[1]), strict=True
    ):
        visit.rows.filter(has_text=title).locator("a").first.click()
        expect(visit.page).to_have_url(address)
        expect(visit.questions).to_have_text([title])
        expect(visit.answers).to_have_count(1)
    visit.page.go_back()
    expect(visit.questions).to_have_text(["I am three"])
    assert visit.errors == []


def test_everything_stands_after_a_refresh_a_sign_in_and_on_a_second_device(arrive: Arrive) -> None:
    """Titles, their order, and each message with its answer, word for word."""
    visit = arrive()
    visit.sign_in("Keeper")
    begin(visit, "I am here", "I am back")
    heard = visit.answers.all_inner_texts()
    address, code = visit.page.url, resume_code(visit.page)

    def all_of_it(seen: Visit) -> None:
        seen.page.goto(address)
        in_order(seen, "I am back", "I am here")
        expect(seen.questions).to_have_text(["I am back"])
        expect(seen.answers).to_have_text(heard)

    visit.page.reload()
    all_of_it(visit)
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitem", name="Sign out").click()
    expect(visit.page).to_have_url(LOGIN)
    visit.write_name("Keeper")
    all_of_it(visit)
    device = arrive()
    device.page.goto("/login")
    device.page.get_by_label("Your name").fill("Keeper")
    device.page.keyboard.press("Enter")
    device.page.get_by_label("Your resume code").fill(code)
    device.page.keyboard.press("Enter")
    device.wait_until_ready()
    all_of_it(device)


def test_two_tabs_of_one_thread_that_send_at_once_do_not_race(arrive: Arrive, server: ServerProcess) -> None:
    """Both are kept, each with one answer, on both; a refresh brings both into the record's one order."""
    first = arrive()
    first.sign_in("Racer")
    first.talk("I am first.")
    second = same_tab(first)
    expect(second.questions).to_have_text(["I am first."])
    # Neither hears of the other's before both are on their way.
    with stopped(server):
        for tab, words in ((first, "I am left."), (second, "I am right.")):
            tab.composer.fill(words)
            tab.composer.press("Enter")
            expect(tab.questions).to_have_count(2)
    for tab in (first, second):
        expect(tab.questions).to_have_count(3)
        expect(tab.answers).to_have_count(3)
        tab.wait_until_answered()
        assert sorted(tab.questions.all_inner_texts()) == ["I am first.", "I am left.", "I am right."]
    heard = sorted(first.answers.all_inner_texts())
    first.page.reload()
    second.page.reload()
    expect(first.questions).to_have_count(3)
    said = first.questions.all_inner_texts()
    expect(second.questions).to_have_text(said)
    expect(second.answers).to_have_text(first.answers.all_inner_texts())
    assert sorted(second.answers.all_inner_texts()) == heard


def test_clear_all_clears_the_page_that_is_open_and_can_be_undone(arrive: Arrive) -> None:
    """A program of the participant's clears: list and conversation leave the screen at once, theirs only."""
    other = arrive()
    other.sign_in("Bystander")
    begin(other, "I am not theirs")
    visit = arrive()
    visit.sign_in("Clearer")
    begin(visit, "I am old", "I am new")
    origin = visit.page.evaluate("location.origin")
    visit.page.context.request.delete(
        f"{origin}/api/v1/threads?confirm=true", headers={"Origin": origin}, fail_on_status_code=True
    )
    expect(visit.rows).to_have_count(0)
    visit.page.reload()
    expect(visit.rows).to_have_count(0)
    visit.page.goto("/")
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitem", name="Recently deleted").click()
    visit.page.get_by_role("button", name="Restore: I am old").click()
    visit.page.keyboard.press("Escape")
    in_order(visit, "I am old")
    in_order(other, "I am not theirs")


def test_a_token_that_expired_signs_the_page_out(arrive: Arrive, folder: Path) -> None:
    """Signed by this server, and past its time: a page that is loaded with it is the form."""
    visit = arrive()
    visit.sign_in("Latecomer")
    visit.talk("I am late.")
    context = visit.page.context
    (cookie,) = [one for one in context.cookies() if one.get("name") == "access_token"]
    claims: dict[str, Any] = jwt.decode(cookie["value"], options={"verify_signature": False})
    secret = (folder / "secret").read_text("utf-8").strip()
    jwt.decode(cookie["value"], secret, algorithms=["HS256"])
    expired = jwt.encode(claims | {"exp": claims["iat"] - 60}, secret, algorithm="HS256")
    context.add_cookies([cookie | {"value": expired}])  # type: ignore[list-item]
    asked = context.request.get(f"{visit.page.evaluate('location.origin')}/api/v1/threads")
    assert asked.status == 401
    visit.page.reload()
    expect(visit.page).to_have_url(LOGIN)
    visit.page.goto("/")
    expect(visit.page).to_have_url(re.compile("/login$"))
