"""A newcomer's five minutes: find, read and export the conversations about a topic, by what pages say."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas
import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess
from data_layer.database.text import search_words
from tests.browser.conftest import Arrive
from tests.browser.lived import lived, rows
from tests.browser.room import first_password
from tests.browser.waiting import holds

pytestmark = pytest.mark.browser

TOPIC: Final = "almond"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a study of three hundred conversations."""
    with lived(tmp_path_factory.mktemp("newcomer"), 300) as running:
        yield running


@pytest.fixture(scope="module")
def password(server: ServerProcess) -> str:
    """What scripts/run has shown."""
    return first_password(server)


def about(server: ServerProcess) -> set[str]:
    """The living threads in which somebody speaks of the topic, as the database knows them."""
    query = (
        "SELECT t.thread_id, s.output FROM steps s JOIN threads t ON t.thread_id = s.thread_id "
        "WHERE s.type LIKE '%message' AND s.deleted_at IS NULL AND t.deleted_at IS NULL"
    )
    return {row["thread_id"] for row in rows(server, query) if TOPIC in search_words(row["output"])}


def test_a_newcomer_finds_reads_and_exports(arrive: Arrive, server: ServerProcess, password: str) -> None:
    """Sign in, search, open, go back, export what was found, download: by visible words alone."""
    page = arrive().page
    page.goto("/research")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Threads", exact=True).click()
    table = page.get_by_role("region", name="Table of threads")
    expect(table.locator(".pseudonym code").first).to_be_hidden()
    whole = "(one) => one.scrollWidth <= one.clientWidth"
    holds(page, lambda: table.evaluate(whole), "no column lies beyond the edge")
    page.get_by_label("Search what was said").fill(TOPIC)
    page.get_by_role("button", name="Show", exact=True).click()
    hits = page.get_by_role("list", name="Messages found").get_by_role("link")
    title = hits.first.inner_text()
    expect(page.locator(".hits .about").first.locator(".pseudonym")).to_be_visible()
    hits.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text(re.compile(TOPIC, re.IGNORECASE)).first).to_be_visible()
    page.go_back()

    page.get_by_role("link", name="Export these threads").click()
    expect(page.get_by_role("heading", name="Exports", level=1)).to_be_visible()
    expect(page.get_by_label("Only threads in which this was said")).to_have_value(TOPIC)
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(loading.value.path()) as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        threads = pandas.read_parquet(io.BytesIO(archive.read(names["threads.parquet"])))
        manifest = json.loads(archive.read(names["manifest.json"]))
    assert set(threads["thread_id"]) == about(server)
    assert TOPIC in json.dumps(manifest)
