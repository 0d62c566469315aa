"""The table of threads in a browser: keys, the search, choosing many, saved views."""

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.test_research_room import enter, password  # noqa: F401  # a fixture
from tests.browser.waiting import fits
from tests.exports.story import story

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a database in which everything has happened."""
    with verbatim(TREE, tmp_path_factory.mktemp("threads"), STUDY) as running:
        story().write(running.environment["VERBATIM_DATABASE_URL"])
        yield running


@pytest.fixture
def page(arrive: Arrive, password: str) -> Page:  # noqa: F811
    """The table, before an owner."""
    page = enter(arrive(), password)
    page.goto("/research/threads")
    return page


@pytest.fixture
def code(arrive: Arrive, password: str) -> str:  # noqa: F811
    """A code of the codebook that the story has not, once."""
    page = enter(arrive(), password)
    page.goto("/research/codebook")
    if page.get_by_role("heading", name="Warmth").count() == 0:
        page.get_by_label("Name", exact=True).last.fill("Warmth")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("heading", name="Warmth")).to_be_visible()
    return "Warmth"


def chosen(page: Page) -> Locator:
    """The boxes that are ticked."""
    return page.locator("[data-row] input:checked")


def test_keys_go_through_the_table(page: Page) -> None:
    """Up and down by j and k; x chooses, a chooses the page or none, ? tells them all, Enter opens."""
    links = page.locator("[data-row] a")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-row]").nth(1).get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("status").filter(has_text="chosen")).to_have_text("1 thread chosen")
    page.keyboard.press("a")
    assert links.count() > 2
    expect(chosen(page)).to_have_count(links.count())
    page.keyboard.press("a")
    expect(chosen(page)).to_have_count(0)
    expect(page.locator("#chosen")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(chosen(page)).to_have_count(0)
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/research/threads/[0-9a-f-]{36}"))


def test_letters_in_the_search_are_letters(page: Page) -> None:
    """The slash goes there; what is typed chooses nothing, and Escape leaves."""
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("axa?")
    expect(search).to_have_value("axa?")
    expect(chosen(page)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()


@pytest.fixture
def talked(arrive: Arrive) -> None:
    """A participant has written of whales."""
    participant = arrive()
    participant.sign_in(f"Curious {uuid.uuid4().hex[:8]}")
    participant.talk("Do whales sleep?")


@pytest.mark.usefixtures("talked")
def test_a_search_marks_what_it_found(page: Page) -> None:
    """A short address, the words marked, and a link to the very message."""
    page.keyboard.press("/")
    page.keyboard.type("whales role:participant")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/research/threads\?q=whales\+role%3Aparticipant(&sort=active)?$"))
    expect(page.locator("mark").first).to_have_text("whales")
    page.locator("[data-row] a").first.click()
    expect(page.locator(".said:target")).to_be_visible()


def test_a_search_that_finds_nothing_says_why(page: Page) -> None:
    """With what could be done."""
    page.get_by_role("searchbox").fill("zebras")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("No message has “zebras”.")


def test_a_code_is_given_to_many_and_taken_back(page: Page, code: str) -> None:
    """By the keys and the bar; the code stands beside the threads until it is undone."""
    page.reload()
    page.keyboard.press("a")
    expect(chosen(page)).not_to_have_count(0)
    count = chosen(page).count()
    page.get_by_label("Code", exact=True).last.select_option(label=code)
    page.get_by_role("button", name="Give").click()
    expect(page.get_by_role("status").first).to_contain_text(f"{code} was given to {count} threads.")
    expect(page.locator("[data-row] .code", has_text=code)).to_have_count(count)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("Undone.")
    expect(page.locator("[data-row] .code", has_text=code)).to_have_count(0)


def test_threads_are_given_to_somebody(page: Page) -> None:
    """Whose they are stands in the table, and the filter finds who has none."""
    page.goto("/research/threads?assigned=nobody")
    count = page.locator("[data-row]").count()
    page.locator("[data-row]").first.get_by_role("checkbox").check()
    page.get_by_label("Coder", exact=True).select_option(label="owner (owner)")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("status").first).to_contain_text("1 thread is owner’s to code now.")
    page.goto("/research/threads?assigned=nobody")
    expect(page.locator("[data-row]")).to_have_count(count - 1)
    page.goto("/research/threads?assigned=anybody")
    page.keyboard.press("a")
    page.get_by_label("Coder", exact=True).select_option(label="owner (owner)")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("status").first).to_contain_text("not owner’s to code any more")


def test_without_script_the_boxes_work(page: Page, code: str) -> None:
    """The bar is there from the start, and says what to do."""
    page.route("**/threads.js", lambda route: route.abort())
    page.reload()
    expect(page.locator("#count")).to_contain_text("Tick the boxes of threads")
    page.locator("[data-row]").first.get_by_role("checkbox").check()
    page.get_by_label("Code", exact=True).last.select_option(label=code)
    page.get_by_role("button", name="Give").click()
    expect(page.get_by_role("status").first).to_contain_text("was given to 1 thread.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-row] .code", has_text=code)).to_have_count(0)


def test_a_view_is_saved_and_comes_back(page: Page) -> None:
    """Above the table, as a link that knows when it is shown; renamed and deleted in its place."""
    count = page.locator("[data-row]").count()
    page.get_by_text("Filters").click()
    page.locator("select[name=deleted]").select_option("no")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Save this view").click()
    page.get_by_label("Name").fill("Not deleted")
    page.get_by_role("button", name="Save").click()
    views = page.get_by_role("navigation", name="Saved views")
    expect(views.get_by_role("link", name="Not deleted")).to_have_attribute("aria-current", "page")
    page.goto("/research/threads")
    views.get_by_role("link", name="Not deleted").click()
    expect(page.locator("[data-row]")).to_have_count(count - 1)
    page.get_by_text("Change this view").click()
    page.get_by_role("button", name="Delete").click()
    expect(views).to_have_count(0)


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_read_the_threads(arrive: Arrive, password: str, phone: bool) -> None:  # noqa: F811
    """Axe finds nothing, by day and by night, with some chosen too; nothing is wider than the screen."""
    visit = arrive(phone=phone)
    page = enter(visit, password)
    for path in ("threads", "threads?deleted=no", "threads?q=whales", "threads?q=zebras", "threads?tag=x"):
        page.goto(f"/research/{path}")
        if page.locator("[data-row]").count():
            page.locator("[data-row]").first.get_by_role("checkbox").check()
            expect(page.locator("#chosen")).to_be_visible()
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look)
            assert grave(page, *rules_of(look)) == [], (path, look)
        fits(page, path)
    assert visit.foreign == []
    assert visit.errors == []
