"""The overview's plots, drawn by a browser under the room's own policy."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.test_research_room import enter, password  # noqa: F401  # a fixture
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, fits, holds

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a database of its own: nobody has come yet."""
    with verbatim(TREE, tmp_path_factory.mktemp("overview"), STUDY) as running:
        yield running


@pytest.fixture(scope="module")
def talked(server: ServerProcess, chromium: Browser) -> None:
    """A participant has come and has been answered."""
    context = chromium.new_context(base_url=server.url)
    participant = Visit(context.new_page())
    participant.sign_in("Curious")
    participant.talk("Hello")
    context.close()


def look(visit: Visit, password: str) -> Page:  # noqa: F811
    """The overview, drawn."""
    page = enter(visit, password)
    page.goto("/research/")
    # Where counting takes longer than a page waits, the page shows what was counted before: nothing yet.
    while not page.locator("#threads").count():
        page.reload()
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
    comes_to(page, lambda: len(colours(page)), 1)
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
    holds(page, lambda: colours(page) != [])
    by_day = colours(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("#threads[data-drawn=dark]")).to_be_visible()
    holds(page, lambda: colours(page) not in ([], by_day), "other colours")


@pytest.mark.usefixtures("talked")
def test_values_are_read_by_pointer_and_by_keyboard(arrive: Arrive, password: str) -> None:  # noqa: F811
    """Each bar of a plot, which a screen reader hears as the value of a slider; plots stand side by side."""
    page = look(arrive(), password)
    plot = page.get_by_role("slider", name="How long do participants wait for the first words?")
    point = page.locator("#ttft-point")
    plot.focus()
    page.keyboard.press("End")
    expect(point).to_have_text("Time: over 60 s, Replies: 0")
    expect(plot).to_have_attribute("aria-valuetext", "Time: over 60 s, Replies: 0")
    page.keyboard.press("Home")
    expect(point).to_contain_text("Time: ≤ 0.1 s")
    page.keyboard.press("Tab")
    expect(point).to_be_empty()
    page.locator("#funnel .mark-rect path").nth(1).hover()
    expect(page.locator("#funnel-point")).to_contain_text("Step: Began a thread, Participants:")

    def beside() -> bool:
        one, other = (page.locator(f"#{name}").bounding_box() for name in ("threads", "messages"))
        return one is not None and other is not None and one["y"] == other["y"] and one["x"] < other["x"]

    holds(page, beside, "plots side by side")


@pytest.mark.usefixtures("talked")
def test_a_choice_of_days_goes_into_the_address(arrive: Arrive, password: str) -> None:  # noqa: F811
    """By the form, whose fields say it again; the figures follow."""
    page = look(arrive(), password)
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.get_by_role("heading", name="On these days")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/research/\?days=7$"))
    page.get_by_role("textbox", name="Until").fill("2026-01-01")
    page.get_by_role("textbox", name="From").fill("2026-01-01")
    page.get_by_label("Simulated").select_option("Not simulated")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("outside of what is shown")).to_be_visible()
    expect(page).to_have_url(re.compile("simulated=no"))
    expect(page.get_by_text("Nothing happened on these days")).to_be_visible()


@pytest.mark.usefixtures("talked")
def test_words_and_times_explain_themselves(arrive: Arrive, password: str) -> None:  # noqa: F811
    """A word by the keyboard alone; a time by the viewer's beside it, not on paper, or when pointed at."""
    visit = arrive()
    devtools = visit.page.context.new_cdp_session(visit.page)
    devtools.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Kathmandu"})
    page = look(visit, password)
    word = page.get_by_role("button", name="95th percentile")
    word.focus()
    page.keyboard.press("Enter")
    meaning = page.get_by_text("nineteen of twenty values are no larger")
    expect(meaning).to_be_visible()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    expect(word).to_be_focused()
    own = page.locator("local-time").first
    expect(own).to_have_text(re.compile(r"^ \((\d+ \w+, )?\d\d:\d\d your time\)$"))
    minutes = [
        int(found) for found in re.findall(r":(\d\d)", page.locator("p:has(> local-time)").first.inner_text())
    ]
    assert (minutes[0] + 45) % 60 == minutes[1]
    page.emulate_media(media="print")
    expect(own).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto("/research/threads")
    page.locator("td time").first.hover()
    expect(page.locator("td time").first).to_have_attribute("title", re.compile("UTC, .+ your time"))


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_read_the_overview(arrive: Arrive, password: str, phone: bool) -> None:  # noqa: F811
    """Axe finds nothing by day and by night, and nothing is wider than the screen."""
    page = look(arrive(phone=phone), password)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(f"#threads[data-drawn={scheme}]")).to_be_visible()
        assert grave(page) == [], scheme
    fits(page)
