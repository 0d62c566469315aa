"""The budget's plot, of a study that has one."""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.test_research_room import enter, password  # noqa: F401  # a fixture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder."""
    return tmp_path_factory.mktemp("budget") / "data"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Iterator[ServerProcess]:
    """The app, with a study that may cost ten dollars."""
    study = tmp_path_factory.mktemp("study") / "costly"
    shutil.copytree(STUDY, study)
    with (study / "study.yaml").open("a") as file:
        file.write("\nbudget:\n  amount: 10\n  currency: USD\n")
    with verbatim(TREE, data, study) as running:
        yield running


def spend(database: Path) -> None:
    """A participant, a dear call ten days ago, and a cheap one today."""
    now = datetime.now(UTC)
    with sqlite3.connect(database, timeout=30) as connection:
        moment = now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        connection.execute(
            "INSERT INTO participants VALUES (?, 'browser', 'login', ?)", (str(uuid.uuid4()), moment)
        )
        for day, cost in ((10, 8.0), (0, 0.5)):
            ids = [str(uuid.uuid4()) for _ in range(3)]
            at = (now - timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            connection.execute(
                "INSERT INTO llm_calls (llm_call_id, run_id, thread_id, seq, prompt_hash, "
                "gen_ai_provider_name, gen_ai_operation_name, gen_ai_request_model, cost, "
                "cost_currency, started_at, status) "
                "VALUES (?, ?, ?, 1, '', 'openai', 'chat', 'small', ?, 'USD', ?, 'complete')",
                (*ids, cost, at),
            )


def test_a_budget_is_drawn_and_warned_of(arrive: Arrive, password: str, data: Path) -> None:  # noqa: F811
    """Bar, sentence, plot and table; axe finds nothing by day and by night, and the policy is kept."""
    spend(data / "verbatim.db")
    visit = arrive()
    said: list[str] = []
    visit.page.on("console", lambda message: said.append(message.text))
    page = enter(visit, password)
    page.goto("/research/")
    question = page.get_by_role("region", name="Does the budget suffice?")
    expect(page.locator("#budget[data-drawn] svg")).to_be_visible()
    expect(question.get_by_role("meter", name="Spent of the budget")).to_have_text("85%")
    expect(question).to_contain_text("8.50 of 10.00 USD are spent (85%)")
    expect(page.get_by_text("85% of the budget are spent")).to_be_visible()
    question.locator("summary").click()
    expect(question.get_by_role("cell", name="at this pace").first).to_be_visible()
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        expect(page.locator(f"#budget[data-drawn={look}]")).to_be_visible()
        assert grave(page, *rules_of(look)) == [], look
    assert [line for line in said if "Content Security Policy" in line or "Refused" in line] == []
    assert visit.foreign == []
