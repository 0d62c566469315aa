"""A participant leaves the study: two questions, everything is gone, a receipt stays."""

import re
import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect
from sqlalchemy.engine import make_url

from bench.process import ServerProcess
from tests.browser.axe import grave
from tests.browser.conftest import Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, fits

pytestmark = pytest.mark.browser

RECEIPT = re.compile(r"/withdrawn/[0-9a-f-]{36}$")


def open_question(visit: Visit) -> Locator:
    """Choose the entry of the participant's menu, on a phone too."""
    if not visit.page.locator("#you-button").is_visible():
        visit.page.locator("#sidebar-trigger-button").first.click()
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitem", name="Withdraw from the study").click()
    return visit.page.get_by_role("dialog", name="Withdraw from the study")


def read_receipt(page: Page) -> str:
    """Wait for the receipt, and read it."""
    expect(page).to_have_url(RECEIPT)
    expect(page.get_by_role("heading", level=1)).to_have_text("Withdrawn from the study")
    return page.locator("main").inner_text()


@pytest.mark.parametrize("phone", [False, True], ids=["1280x800", "390x844"])
def test_a_participant_withdraws(arrive: Arrive, server: ServerProcess, phone: bool) -> None:
    """Two questions whose first answer is to stay; then a receipt, on paper too, no sign-in, a free name."""
    name, word = f"Leaver{phone}", f"quetzalquote{phone}".lower()
    visit = arrive(phone=phone)
    visit.sign_in(name)
    visit.talk(f"My word is {word}.")
    page = visit.page
    dialog = open_question(visit)
    expect(dialog.locator("li")).to_have_text(["Conversations: 1", "Messages: 2", "Files: 0"])
    expect(dialog.get_by_role("button", name="Stay in the study")).to_be_focused()
    assert grave(page) == []
    fits(page)
    dialog.get_by_role("button", name="Withdraw from the study…").click()
    expect(dialog.get_by_role("button", name="Stay in the study")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(visit.answers).to_have_count(1)
    dialog = open_question(visit)
    dialog.get_by_role("button", name="Withdraw from the study…").click()
    assert grave(page) == []
    dialog.get_by_role("button", name="Withdraw and erase everything").click()
    said = read_receipt(page)
    assert "Conversations erased" in said
    assert grave(page) == []
    page.emulate_media(media="print", color_scheme="dark")
    assert grave(page) == []
    page.emulate_media(media="screen", color_scheme="light")
    fits(page)
    kept = "Object.keys(sessionStorage).filter((key) => key.startsWith('verbatim:'))"
    comes_to(page, lambda: page.evaluate(kept), [])
    assert visit.errors == []
    receipt = page.url
    page.goto("/")
    expect(page).to_have_url(re.compile("/login$"))
    comes_to(page, lambda: words_kept(server, word), 0)
    visit.sign_in(name)
    expect(visit.rows).to_have_count(0)
    page.goto(receipt)
    comes_to(page, lambda: read_receipt(page), said)


def test_every_page_of_theirs_shows_the_receipt(arrive: Arrive) -> None:
    """A second tab, and one in the middle of a reply, go to the receipt; nobody else's page does."""
    visit, other = arrive(), arrive()
    visit.sign_in("Twofold")
    visit.talk("I am here.")
    other.sign_in("Bystander")
    second = visit.page.context.new_page()
    second.goto(visit.page.url)
    expect(second.locator("#chat-input")).to_be_visible()
    visit.say("Tell me more.")
    # From elsewhere, so that neither page has done anything of its own.
    answer = visit.page.context.request.post("/me/withdrawal", data={"withdraw": True})
    receipt = re.compile(f"{answer.json()['receipt']}$")
    expect(second).to_have_url(receipt)
    expect(visit.page).to_have_url(receipt)
    expect(other.composer).to_be_visible()
    assert other.talk("I stay.")
    assert visit.errors == []


def test_a_page_that_is_refused_before_it_is_told_shows_the_receipt(arrive: Arrive) -> None:
    """A second tab, answered "nobody" before its connection says why, goes to the receipt all the same."""
    visit = arrive()
    visit.sign_in("Refused first")
    visit.talk("I am here.")
    second = visit.page.context.new_page()
    held: list[Callable[[], None]] = []

    def between(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if held or "signed_out" in str(message):
                held.append(lambda: page.send(message))
            else:
                page.send(message)

        server.on_message(pass_on)
        server.on_close(lambda _code, _reason: None)

    second.route_web_socket("**/ws/socket.io/**", between)
    second.goto(visit.page.url)
    expect(second.locator("#chat-input")).to_be_visible()
    answer = visit.page.context.request.post("/me/withdrawal", data={"withdraw": True})
    second.locator("#you-button").click()
    with second.expect_response(lambda response: response.status == 401):
        second.get_by_role("menuitem", name=re.compile("Withdraw")).click()
    while not held:
        second.wait_for_timeout(50)
    held[0]()
    expect(second).to_have_url(re.compile(f"{answer.json()['receipt']}$"))


def test_the_receipt_is_a_text_as_well(arrive: Arrive) -> None:
    """In the participant's hand as a file, whoever is signed in."""
    visit = arrive()
    visit.sign_in("Keeper")
    dialog = open_question(visit)
    dialog.get_by_role("button", name="Withdraw from the study…").click()
    dialog.get_by_role("button", name="Withdraw and erase everything").click()
    read_receipt(visit.page)
    code = visit.page.url.rpartition("/")[2]
    with visit.page.expect_download() as downloading:
        visit.page.get_by_role("link", name="Save as text").click()
    text = downloading.value.path().read_text(encoding="utf-8")
    assert f"Receipt: {code}" in text
    assert "Messages erased: 0" in text


def words_kept(server: ServerProcess, word: str) -> int:
    """In how many rows of messages and of the search index a word stands."""
    path = make_url(server.environment["VERBATIM_DATABASE_URL"]).database
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        index = "SELECT count(*) FROM search_index WHERE search_index MATCH ?"
        steps = "SELECT count(*) FROM steps WHERE output LIKE ?"
        found: int = database.execute(index, (word,)).fetchone()[0]
        return found + int(database.execute(steps, (f"%{word}%",)).fetchone()[0])
