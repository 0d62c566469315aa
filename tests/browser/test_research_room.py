"""The researchers' room in a browser, beside the participants' page and apart from it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bench.process import ServerProcess, verbatim
from data_layer.people.audit import PAGE
from study.roles import ResearcherRole
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.room import account, come_in, first_password
from tests.browser.visit import Visit
from tests.browser.waiting import fits, holds

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a database that has no researcher yet."""
    with verbatim(TREE, tmp_path_factory.mktemp("room"), STUDY) as running:
        yield running


@pytest.fixture(scope="module")
def password(server: ServerProcess) -> str:
    """The first account's, as scripts/run shows it."""
    return first_password(server)


def enter(visit: Visit, password: str) -> Page:
    """Come in as the owner, to the page of accounts."""
    page = visit.page
    come_in(page, password, "/research/researchers", "Researchers")
    return page


@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_read_it(arrive: Arrive, password: str, phone: bool) -> None:
    """Axe finds nothing, by day and by night; nothing is wider than the screen, and nobody else is asked."""
    visit = arrive(phone=phone)
    visit.page.goto("/research/login")
    assert grave(visit.page) == []
    page = enter(visit, password)
    for path in ("researchers", "account", "audit", "no-such-page"):
        page.goto(f"/research/{path}")
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look)
            assert grave(page, *rules_of(look)) == [], (path, look)
        fits(page)
    assert visit.foreign == []


def test_the_pages_policy_breaks_nothing(arrive: Arrive, password: str) -> None:
    """Whatever a page asks for, it may have: the browser says no word of a refusal."""
    visit = arrive()
    said: list[str] = []
    visit.page.on("console", lambda message: said.append(message.text))
    page = enter(visit, password)
    for path in ("account", "audit", "researchers"):
        page.goto(f"/research/{path}")
    assert [line for line in said if "Content Security Policy" in line or "Refused" in line] == []
    holds(page, lambda: page.evaluate("document.fonts.check('16px \"Source Serif 4\"')"), "our own letters")


def test_one_sign_in_opens_one_door(arrive: Arrive, password: str, server: ServerProcess) -> None:
    """A participant does not come into the room, and a researcher is no participant."""
    participant = arrive()
    participant.sign_in("Curious")
    participant.page.goto("/research/audit")
    expect(participant.page).to_have_url(f"{server.url}/research/login?next=%2Fresearch%2Faudit")
    researcher = arrive()
    enter(researcher, password)
    researcher.page.goto("/")
    expect(researcher.page.get_by_label("Your name")).to_be_visible()


def test_an_account_is_made_and_used(arrive: Arrive, password: str) -> None:
    """The password that is shown lets somebody in; they see what is theirs, and are told what is not."""
    page = enter(arrive(), password)
    page.get_by_label("Name").fill("Vera Viewer")
    page.get_by_role("radio", name="viewer").check()
    page.get_by_role("button", name="Make the account").click()
    shown = page.locator(".secret").inner_text()
    other = arrive().page
    other.goto("/research/account")
    other.get_by_label("Name").fill("vera viewer")
    other.get_by_label("Password").fill(shown)
    other.keyboard.press("Enter")
    expect(other.get_by_role("heading", name="Vera Viewer")).to_be_visible()
    expect(other.get_by_role("link", name="Researchers")).to_have_count(0)
    other.goto("/research/researchers")
    expect(other.get_by_role("alert")).to_contain_text("A viewer may not see or do this.")


def test_a_long_name_leaves_the_way_out(arrive: Arrive, password: str, server: ServerProcess) -> None:
    """On a phone a name of any length ends in an ellipsis, and Sign out stands on the screen."""
    name = "Wilhelmina-Alexandra Featherstonehaugh"
    shown = account(server, name, ResearcherRole.VIEWER)
    page = arrive(phone=True).page
    page.goto("/research/account")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(shown)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    fits(page)
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)


def test_another_site_signs_nobody_in(password: str, arrive: Arrive) -> None:
    """A form of a foreign page is refused before it is read."""
    answer = arrive().page.request.post(
        "/research/login",
        form={"name": "owner", "password": password},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status == 403


def test_older_lines_of_the_log_come_in_place(arrive: Arrive, password: str) -> None:
    """A click brings them below the others, without a page load and within the page's policy."""
    visit = arrive()
    said: list[str] = []
    visit.page.on("console", lambda message: said.append(message.text))
    page = enter(visit, password)
    for number in range(PAGE + 1):
        assert page.request.get(f"/research/threads?q=word{number}").ok
    page.goto("/research/audit")
    rows = page.locator("tbody tr:has(time)")
    expect(rows).to_have_count(PAGE)
    page.evaluate("window.still = true")
    page.get_by_role("link", name="Older lines").click()
    expect(rows).not_to_have_count(PAGE)
    expect(rows.last.locator("td").first).to_have_text("1")
    assert page.evaluate("window.still")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert kept in ("[{},{}]", '[{},{"htmx-current-path-for-history":"/research/audit"}]')
    assert [line for line in said if "Content Security Policy" in line or "Refused" in line] == []
    assert visit.errors == []
