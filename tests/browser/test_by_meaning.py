"""Search by meaning in the browser: a participant's dialog, and the researchers' room."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.room import first_password, sign_in
from tests.browser.visit import Visit
from tests.fake_embeddings import FakeEmbeddings, fake_embeddings_server

__all__ = ["fake_embeddings_server"]
pytestmark = pytest.mark.browser
SAID = ("My puppy keeps barking at night", "I would like a latte")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this file's own server."""
    return tmp_path_factory.mktemp("meaning")


@pytest.fixture(scope="module")
def server(folder: Path, fake_embeddings_server: FakeEmbeddings) -> Iterator[ServerProcess]:
    """A server whose study is searched by meaning."""
    study = folder / "study"
    shutil.copytree(STUDY, study)
    with (study / "study.yaml").open("a") as file:
        file.write("\nsemantic_search:\n  model: tiny\n")
    more = {"VERBATIM_EMBEDDING_URL": fake_embeddings_server.url}
    with verbatim(TREE, folder / "data", study, more=more) as running:
        yield running


_MINE = "steps s WHERE s.output LIKE '%puppy%' AND s.type = 'user_message'"
WAITING = f"SELECT count(*) FROM {_MINE} AND s.step_id NOT IN (SELECT step_id FROM embeddings)"


def talk(arrive: Arrive, folder: Path, name: str) -> Visit:
    """A participant who has said things that are embedded."""
    visit = arrive()
    visit.page.goto("/")
    visit.sign_in(name)
    for words in SAID:
        visit.talk(words)
    with closing(sqlite3.connect(folder / "data" / "verbatim.db", timeout=30)) as database:
        while database.execute(WAITING).fetchone()[0]:
            visit.page.wait_for_timeout(50)
    return visit


def open_search(page: Page) -> None:
    """The dialog of the participant's search."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()


def test_a_participant_finds_what_they_meant(arrive: Arrive, folder: Path) -> None:
    """Words that nobody said find nothing by words and the puppy by meaning, by the keyboard alone."""
    page = talk(arrive, folder, "Ada").page
    open_search(page)
    page.keyboard.type("hound")
    expect(page.locator(".search-status")).to_have_text("Nothing found for “hound”.")
    expect(page.locator(".search-by legend")).to_be_visible()
    expect(page.locator(".search-by label input")).to_have_count(3)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Meaning")).to_be_checked()
    expect(page.locator("#search-hits li").first).to_contain_text("puppy")
    expect(page.locator(".search-status")).to_contain_text("What was just said may not be found")
    assert grave(page) == []


def test_a_researcher_finds_more_like_a_turn(arrive: Arrive, folder: Path, server: ServerProcess) -> None:
    """The room's choice is kept from page to page, and a turn leads to what is like it."""
    talk(arrive, folder, "Bob")
    talk(arrive, folder, "Cy")
    page = arrive().page
    sign_in(page, first_password(server))
    page.get_by_label("Search what was said").fill("hound")
    page.get_by_label("Search by").select_option("Meaning")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".hits li").first).to_contain_text("puppy")
    expect(page.get_by_label("Search by")).to_have_value("semantic")
    assert grave(page) == []
    page.locator(".hits a").first.click()
    page.get_by_role("link", name="More like this turn").first.click()
    expect(page).to_have_url(re.compile("like="))
    expect(page.locator(".total")).to_contain_text("More like the turn of")
    expect(page.locator(".hits li").first).to_contain_text("puppy")
