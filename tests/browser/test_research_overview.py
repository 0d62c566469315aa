"""The overview's plots, drawn by a browser under the room's own policy."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.test_research_room import enter, password  # noqa: F401  # a fixture
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a database of its own: nobody has come yet."""
    with verbatim(TREE, tmp_path_factory.mktemp("overview"), STUDY) as running:
        yield running


@pytest.fixture
def talked(arrive: Arrive) -> None:
    """A participant has come and has been answered."""
    participant = arrive()
    participant.sign_in(f"Curious {uuid.uuid4().hex[:8]}")
    participant.talk("Hello")


def look(visit: Visit, password: str) -> Page:  # noqa: F811
    """The overview, drawn."""
    page = enter(visit, password)
    page.goto("/research/")
    expect(page.locator("#threads[data-drawn] svg")).to_be_visible()
    return page


def colours(page: Page) -> list[str]:
    """Of the plots' bars."""
    found: list[str] = page.locator("#threads svg .mark-rect path").evaluate_all(
        "bars => bars.map(bar => getComputedStyle(bar).fill)"
    )
    return found


def test_an_empty_study_is_no_empty_page(arrive: Arrive, password: str) -> None:  # noqa: F811
    """It says what to do next, and axe finds nothing."""
    page = enter(arrive(), password)
    page.goto("/research/")
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
    assert grave(page) == []


@pytest.mark.usefixtures("talked")
def test_a_plot_is_drawn_under_the_policy(arrive: Arrive, password: str) -> None:  # noqa: F811
    """Without eval or an inline style, and without a word to anybody else."""
    visit = arrive()
    said: list[str] = []
    visit.page.on("console", lambda message: said.append(message.text))
    page = look(visit, password)
    assert len(colours(page)) == 1
    assert [line for line in said if "Content Security Policy" in line or "Refused" in line] == []
    assert visit.foreign == []
    assert visit.errors == []


@pytest.mark.usefixtures("talked")
def test_what_is_not_well_is_said_above_the_figures(arrive: Arrive, password: str) -> None:  # noqa: F811
    """With what mends it."""
    page = look(arrive(), password)
    expect(page.get_by_text("No backup was made yet.")).to_be_visible()
    expect(page.get_by_text("No budget is set.")).to_be_visible()


@pytest.mark.usefixtures("talked")
def test_the_table_stands_behind_a_click(arrive: Arrive, password: str) -> None:  # noqa: F811
    """Closed at first; opened by the keyboard as well."""
    page = look(arrive(), password)
    question = page.get_by_role("region", name="How many threads began each day")
    table = question.get_by_role("table")
    expect(table).to_be_hidden()
    question.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(table).to_be_visible()
    expect(table).to_contain_text("Threads")


@pytest.mark.usefixtures("talked")
def test_plots_follow_day_and_night(arrive: Arrive, password: str) -> None:  # noqa: F811
    """They are drawn anew in the other colours while the page is open."""
    page = look(arrive(), password)
    by_day = colours(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("#threads[data-drawn=dark]")).to_be_visible()
    assert colours(page) != by_day


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_read_the_overview(arrive: Arrive, password: str, phone: bool) -> None:  # noqa: F811
    """Axe finds nothing by day and by night, and nothing is wider than the screen."""
    page = look(arrive(phone=phone), password)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(f"#threads[data-drawn={scheme}]")).to_be_visible()
        assert grave(page) == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
