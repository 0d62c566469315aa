"""ELIZA stands in for a model that is not connected: what operators and participants read of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import TREE
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

STUDY = """\
id: stand-in
title: "Talk"
contact: "a@b.example"
welcome: "Welcome."
agents:
  - {name: "Guide", kind: openai, default: true, description: "Knows the way."}
login:
  mode: open
"""
NOTE = "Guide needs a language model and none is connected. Set OPENAI_API_KEY"


@pytest.fixture(scope="module")
def unconnected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a study whose only agent is a model, and no key."""
    folder = tmp_path_factory.mktemp("stand-in")
    (folder / "study").mkdir()
    (folder / "study" / "study.yaml").write_text(STUDY, encoding="utf-8")
    with verbatim(TREE, folder / "data", folder / "study") as running:
        yield running


@pytest.mark.parametrize(
    ("headers", "locale", "line", "told"),
    [
        ({}, "en-US", "ELIZA answers here, a computer program of 1966", True),
        ({"X-Forwarded-For": "203.0.113.7"}, "de-DE", "Hier antwortet ELIZA, ein Computerprogramm", False),
    ],
)
def test_only_a_visitor_of_the_machine_itself_reads_the_operators_note(
    unconnected: ServerProcess, chromium: Browser, headers: dict[str, str], locale: str, line: str, told: bool
) -> None:
    """Whoever comes by a proxy reads a plain line in their language; nothing else reaches their browser."""
    context = chromium.new_context(base_url=unconnected.url, extra_http_headers=headers, locale=locale)
    visit = Visit(context.new_page())
    visit.page.goto("login")
    visit.page.locator("form input").first.fill(f"Visitor {locale}")
    visit.page.locator("form button").first.click()
    visit.wait_until_ready()
    with visit.page.expect_response(lambda one: "/project/settings" in one.url) as settings:
        visit.page.reload()
    sent = settings.value.text()
    visit.wait_until_ready()
    expect(visit.page.locator("body")).to_contain_text(line)
    expect(visit.page.get_by_text(NOTE)).to_have_count(1 if told else 0)
    assert ("OPENAI_API_KEY" in sent, "OPENAI_API_KEY" in visit.page.content()) == (told, told)
    context.close()


def test_the_terminal_names_it_at_the_start(unconnected: ServerProcess) -> None:
    """Which agent is not offered, with the repair, and what `check` warns of."""
    log = Path(unconnected.log).read_text(encoding="utf-8")
    assert "agent_not_offered" in log
    assert NOTE in log
    assert "login.mode: with `open`" in log
