"""The way in, in a real browser: in at once, the same person again, and out for good."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.process import ServerProcess, verbatim
from data_layer.people.links import make_links
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to

pytestmark = pytest.mark.browser

LOGIN = re.compile("/login$")


def resume_code(page: Page) -> str:
    """What the participant's menu shows."""
    told: dict[str, Any] = page.evaluate("fetch('/me/identity').then((answer) => answer.json())")
    return str(told["resume_code"])


def pseudonym(page: Page) -> str:
    """Whom the server takes a page for."""
    told: dict[str, Any] = page.evaluate("fetch('/user').then((answer) => answer.json())")
    return str(told["identifier"])


def test_the_first_screen_is_the_chat_page(arrive: Arrive) -> None:
    """The field is at the foot, where the chat's will be, has the focus, and Enter is all that it takes."""
    visit = arrive()
    visit.page.goto("/")
    expect(visit.page).to_have_url(LOGIN)
    expect(visit.page.get_by_role("heading", name="Everyday conversations")).to_be_visible()
    expect(visit.page.get_by_label("Your name")).to_be_focused()
    visit.page.keyboard.type("Katherine")
    expect(visit.page.locator("form")).to_be_in_viewport()
    before = visit.page.locator("form").bounding_box()
    visit.page.keyboard.press("Enter")
    visit.wait_until_ready()
    expect(visit.page.locator("#welcome-screen")).to_have_css("opacity", "1")
    assert before is not None
    assert before["y"] > 0.7 * 800

    def moved() -> list[str]:
        after = visit.page.locator("#message-composer").bounding_box() or dict.fromkeys(before, -999)
        most = {"y": 32, "height": 4, "width": 4}
        return [name for name, by in most.items() if abs(before[name] - after[name]) > by]  # type: ignore[literal-required]

    comes_to(visit.page, moved, [], "where the field stands")
    assert visit.errors == []


def test_without_scripts_a_name_is_enough(server: ServerProcess, chromium: Browser) -> None:
    """The form is a form: it needs no script to sign somebody in."""
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Your name").fill("Scriptless")
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile("/$"))
    assert "access_token" in {cookie.get("name") for cookie in context.cookies()}
    context.close()


def test_a_second_device_comes_in_with_the_code(arrive: Arrive) -> None:
    """In other letters and with other spaces it is the same name; the code makes it the same person."""
    first = arrive()
    first.sign_in("Grace Hopper")
    code = resume_code(first.page)
    again = arrive(phone=True)
    again.page.goto("/login")
    again.page.get_by_label("Your name").fill("  GRACE\u00a0hopper ")
    again.page.keyboard.press("Enter")
    expect(again.page.get_by_role("alert")).to_contain_text("This name is in use")
    expect(again.page.get_by_label("Your name")).to_have_value(re.compile("GRACE"))
    expect(again.page.get_by_label("Your resume code")).to_be_focused()
    again.page.keyboard.type(code.lower().replace("-", " "))
    again.page.keyboard.press("Enter")
    again.wait_until_ready()
    assert pseudonym(again.page) == pseudonym(first.page)


def test_signing_out_in_one_tab_ends_the_other(arrive: Arrive) -> None:
    """The other tab goes to the first screen by itself, and a copy of the cookie opens nothing."""
    visit = arrive()
    visit.sign_in("Leaver elsewhere")
    copied = visit.page.context.cookies()
    other = Visit(visit.page.context.new_page())
    other.page.goto("/")
    other.wait_until_ready()
    visit.page.evaluate("void fetch('/logout', {method: 'POST'})")  # the page leaves before it is answered
    expect(other.page).to_have_url(LOGIN)
    thief = arrive()
    thief.page.context.add_cookies([cookie for cookie in copied if cookie.get("name") == "access_token"])  # type: ignore[misc]
    thief.page.goto("/")
    expect(thief.page).to_have_url(LOGIN)


@pytest.fixture(scope="module")
def by_link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a study that is entered by links."""
    folder = tmp_path_factory.mktemp("links")
    study = (STUDY / "study.yaml").read_text(encoding="utf-8")
    (folder / "study").mkdir()
    for file in STUDY.iterdir():
        (folder / "study" / file.name).write_bytes(file.read_bytes())
    (folder / "study" / "study.yaml").write_text(f"{study}\nlogin:\n  mode: link\n", encoding="utf-8")
    with verbatim(TREE, folder / "data", folder / "study") as running:
        yield running


def test_a_link_leads_to_the_chat(by_link: ServerProcess, chromium: Browser) -> None:
    """One click: a signed link, then a recruiting service's, which replaces who was here."""
    secret = (Path(by_link.environment["VERBATIM_DATA_DIR"]) / "secret").read_text(encoding="utf-8").strip()
    link = make_links(1, by_link.url, secret=secret, study_id="browser-tests")[0]
    context = chromium.new_context(base_url=by_link.url)
    visit = Visit(context.new_page())
    for address, name in ((link.url, link.link_id), ("/enter?PROLIFIC_PID=5f0a&SESSION_ID=1", "5f0a")):
        visit.page.goto(address)
        visit.wait_until_ready()
        told = visit.page.evaluate("fetch('/me/identity').then((answer) => answer.json())")
        assert told["name"] == name
    visit.page.evaluate("void fetch('/logout', {method: 'POST'})")  # the page leaves before it is answered
    expect(visit.page).to_have_url(LOGIN)
    expect(visit.page.get_by_role("note")).to_contain_text("personal link")
    expect(visit.page.get_by_role("textbox")).to_have_count(0)
    context.close()
