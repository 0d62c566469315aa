"""The pages of a protocol in a real browser, from the sign-in to the code."""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import TREE, Arrive
from tests.browser.test_silence import Wiretap
from tests.browser.waiting import fits, holds
from tests.data_layer.outages import HeldLock

pytestmark = pytest.mark.browser

STUDY: Final = TREE / "tests/data/protocol"
CODE: Final = "C1A7QX9K"
TARGETS: Final = "button, .button, .option, .point, input:not([type=hidden])"
ARE_SMALL: Final = """(targets) => [...document.querySelectorAll(targets)]
  .filter((one) => one.checkVisibility() && !one.closest(".option, .point") || one.matches(".option, .point"))
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app with the small study of all kinds of stages."""
    with verbatim(TREE, tmp_path_factory.mktemp("protocol"), STUDY) as running:
        yield running


def come(page: Page, name: str) -> None:
    """Come in by the form, as far as the consent."""
    page.goto("/login")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Begin").click()
    at(page, "consent")


def at(page: Page, stage: str) -> None:
    """Wait for the page of a stage."""
    expect(page.locator(f"main[data-stage={stage}]")).to_be_visible()


def agree(page: Page) -> None:
    """Pass the consent."""
    page.get_by_label("I am 18 or older").check()
    page.get_by_role("button", name="I agree").click()
    at(page, "before")


def answer_before(page: Page, support: str = "60") -> None:
    """Answer the survey before the chat."""
    page.get_by_label("daily").check()
    page.get_by_role("spinbutton", name="How far do you support").fill(support)


def go_on(page: Page) -> None:
    """Press the way on."""
    page.get_by_role("button", name="Continue").click()


def reach_chat(page: Page, name: str) -> None:
    """Pass all before the chat."""
    come(page, name)
    agree(page)
    answer_before(page)
    go_on(page)
    at(page, "instructions")
    page.get_by_label("a computer program").check()
    go_on(page)


def test_a_participant_walks_from_the_sign_in_to_the_code(arrive: Arrive) -> None:
    """On a phone each page is clean for axe by day and by night, large enough for a finger, and no wider than
    the screen; the code comes with the last answer of the server, and with none before it.
    """
    visit = arrive(phone=True)
    page = visit.page
    tap = Wiretap(page.context)
    tap._listen(page)
    answered: list[Request] = []
    page.on("requestfinished", lambda one: answered.append(one) if "/login" not in one.url else None)

    def hear() -> None:
        while answered:  # a browser forgets them with their page
            one = answered.pop()
            answer = one.response()
            if answer and answer.status == 200 and one.resource_type in {"document", "fetch", "xhr"}:
                tap.heard.append(answer.text())

    clean(page, come, "Walker")
    hear()
    agree(page)
    clean(page, answer_before)
    hear()
    go_on(page)
    at(page, "instructions")
    clean(page, lambda one: one.get_by_label("a computer program").check())
    hear()
    go_on(page)
    visit.wait_until_ready()
    expect(visit.answers.first).to_have_text("Hello, what do you think of the proposal?")
    expect(page.locator("#stage")).to_contain_text("Step 4 of 6")
    for words in ("I like it", "Because it is fair"):
        expect(page.locator("#stage button")).to_be_disabled()
        visit.talk(words)
    hear()
    page.locator("#stage button").click()
    at(page, "after")
    clean(page, lambda one: one.get_by_label("disagree", exact=True).check())
    page.get_by_role("spinbutton", name="How far").fill("70")
    page.get_by_label("What changed your mind?").fill("Its reasons")
    hear()
    go_on(page)
    at(page, "debrief")
    clean(page, lambda one: one.get_by_label("Yes, they may be used").check())
    hear()
    assert tap.has("Now that you know what it was about")
    assert not tap.has(CODE)
    go_on(page)
    expect(page.locator(".code output")).to_have_text(CODE)
    hear()
    assert tap.has(CODE)
    expect(page.get_by_role("link", name="Back to Prolific")).to_have_attribute(
        "href", re.compile(f"cc={CODE}$")
    )
    clean(page, lambda _: None)
    page.reload()
    expect(page.locator(".code output")).to_have_text(CODE)
    assert visit.errors == []
    assert visit.foreign == []


def clean(page: Page, do: Callable[..., object], *more: str) -> None:
    """Do something on a page, and look at it by day and by night."""
    do(page, *more)
    fits(page)
    assert page.evaluate(ARE_SMALL, TARGETS) == []
    looks: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for look in looks:
        page.emulate_media(color_scheme=look)
        assert grave(page, *rules_of(look)) == [], look


def test_without_a_script_every_page_before_the_chat_is_whole(
    server: ServerProcess, chromium: Browser
) -> None:
    """Consent, survey and quiz are forms; a question that was left out is named, and answers stand."""
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    come(page, "Scriptless")
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("alert")).to_contain_text("I am 18 or older")
    agree(page)
    page.get_by_label("Why?").fill("Because it is fair.")
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("How often do you use chatbots?")
    expect(page.get_by_label("Why?")).to_have_value("Because it is fair.")
    answer_before(page)
    go_on(page)
    at(page, "instructions")
    page.get_by_label("a person").check()
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("Not every answer was right.")
    page.get_by_label("a computer program").check()
    go_on(page)
    expect(page).to_have_url(re.compile("/thread/"))
    context.close()


def test_a_page_that_was_sent_with_mistakes_survives_a_reload(arrive: Arrive) -> None:
    """The browser asks for it anew and sends nothing twice: mistakes and answers stand as they stood."""
    page = arrive().page
    come(page, "Reloader")
    page.get_by_label("My answers may be shared").check()
    page.get_by_role("button", name="I agree").click()
    for _ in range(2):
        expect(page.get_by_role("alert")).to_contain_text("I am 18 or older")
        expect(page.get_by_label("My answers may be shared")).to_be_checked()
        page.reload()
    agree(page)
    answer_before(page, support="101")
    page.locator("form").evaluate("(form) => { form.noValidate = true; }")
    go_on(page)
    for _ in range(2):
        expect(page.locator("#problems")).to_be_focused()
        expect(page.get_by_role("spinbutton")).to_have_value("101")
        expect(page.get_by_label("daily")).to_be_checked()
        page.reload()


def test_the_keyboard_alone_passes_the_consent_and_a_survey(arrive: Arrive) -> None:
    """Tab, Space, arrows and Enter reach and answer everything, in the order in which it stands."""
    page = arrive().page
    come(page, "Keys")
    page.keyboard.press("Tab")
    expect(page.get_by_label("I am 18 or older")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="I agree")).to_be_focused()
    page.keyboard.press("Enter")
    at(page, "before")
    page.keyboard.press("Tab")
    expect(page.get_by_label("daily")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("60")
    page.keyboard.press("Tab")
    while not page.get_by_label("Why?").evaluate("(field) => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("Because it is fair.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    page.keyboard.press("Enter")
    at(page, "instructions")


def test_what_was_typed_survives_a_reload(arrive: Arrive) -> None:
    """Nothing was sent, and all of it stands there again: each change was kept as it was made."""
    page = arrive().page
    come(page, "Drafter")
    agree(page)
    with page.expect_response("**/me/study/answer"):
        page.get_by_label("weekly").check()
    with page.expect_response("**/me/study/answer"):
        page.get_by_label("Why?").fill("Half a thought")
    page.reload()
    expect(page.get_by_label("weekly")).to_be_checked()
    expect(page.get_by_label("Why?")).to_have_value("Half a thought")


def test_a_second_tab_shows_the_present_page(arrive: Arrive) -> None:
    """The first one's page is stale then: what it sends is not taken, and it stands where the other does."""
    page = arrive().page
    come(page, "Two tabs")
    other = page.context.new_page()
    other.goto("/study")
    at(other, "consent")
    agree(other)
    page.get_by_role("button", name="I do not take part").click()
    at(page, "before")


def test_while_the_database_is_away_the_fields_keep_what_was_written(
    arrive: Arrive, server: ServerProcess
) -> None:
    """The page says that it is not possible just now; what was written stands in it, to be sent again."""
    page = arrive().page
    come(page, "Patient")
    agree(page)
    answer_before(page)
    page.get_by_label("Why?").fill("A long thought.")
    lock = HeldLock(server.environment["VERBATIM_DATABASE_URL"])
    lock.begin()
    with page.expect_response("**/study") as sent:
        go_on(page)
    lock.end()
    assert sent.value.status == 503
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Why?")).to_have_value("A long thought.")
    expect(page.get_by_label("daily")).to_be_checked()

    def sent_again() -> bool:
        with page.expect_response("**/study") as answer:
            go_on(page)
        return answer.value.status != 503

    holds(page, sent_again, "the database is found again")
    at(page, "instructions")
