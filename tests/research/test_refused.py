"""Models that do not answer, on the overview's page: who is told, and what."""

from datetime import UTC, datetime

import httpx2
import pytest
from fastapi import FastAPI

from agent.breaker import BreakerState
from data_layer.record import Record
from research.app import research_app
from research.overview import counting
from study.loader import load_study
from study.roles import ResearcherRole
from tests.browser.conftest import STUDY
from tests.data_layer.review.test_overview import call
from tests.data_layer.review.test_refusals import REFUSED, replied
from tests.data_layer.rows import new_id
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

SAID = "Error code: 400 - 'temperature' does not support 0.7 with <b>this</b> model"


async def test_whoever_reads_is_told_what_was_said_and_what_to_do(
    owner: Browser, record: Record, clock: HandClock
) -> None:
    """Agent, how often, the provider's words as text, and the repair."""
    for _ in range(2):
        await replied(record, clock, REFUSED | {"error_message": SAID}, status="failed")
    page = (await owner.get("/")).text
    assert "<strong><bdi>Guide</bdi> does not answer</strong>: 2 replies in a row failed since" in page
    assert "&lt;b&gt;this&lt;/b&gt; model</blockquote>" in page
    assert 'To do: The model does not take <code dir="ltr">temperature</code>' in page


async def test_one_failure_is_no_row_of_them(owner: Browser, record: Record, clock: HandClock) -> None:
    """It is the last reply that failed."""
    await replied(record, clock, REFUSED, status="failed")
    page = (await owner.get("/")).text
    assert "<strong><bdi>Guide</bdi> does not answer</strong>: its last reply failed at " in page


async def test_a_model_that_answers_again_is_no_warning(
    owner: Browser, record: Record, clock: HandClock
) -> None:
    """It stands in the table of the week alone."""
    await record.enter("Ada", "ada")
    await replied(record, clock, REFUSED, status="failed")
    await replied(record, clock, {})
    page = (await owner.get("/")).text
    assert "does not answer" not in page
    assert "answers again" in page


@pytest.mark.parametrize(
    ("role", "told"), [(ResearcherRole.RESEARCHER, True), (ResearcherRole.VIEWER, False)]
)
async def test_whoever_can_act_is_told_of_an_agent_that_is_not_offered(
    record: Record, monkeypatch: pytest.MonkeyPatch, role: ResearcherRole, told: bool
) -> None:
    """With the repair, before anybody has come; a viewer cannot mend it."""
    monkeypatch.setattr(counting, "PATIENCE_S", 60.0)
    outer = FastAPI()
    repair = "Guide needs a language model and none is connected. Set OPENAI_API_KEY."
    outer.mount("/research", research_app(record, load_study(STUDY), {"Guide": repair}))
    await record.researchers.add("Rita", role, PASSWORD)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(outer), base_url="http://study.example"
    ) as client:
        browser = Browser(client)
        await browser.sign_in("Rita", PASSWORD)
        assert (repair in (await browser.get("/")).text) is told


@pytest.mark.parametrize("is_open", [True, False])
async def test_a_server_that_is_left_alone_is_told(
    record: Record, monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    """Which, since when and why; nothing is said of one that answers."""
    monkeypatch.setattr(counting, "PATIENCE_S", 60.0)
    since = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
    state = BreakerState("models.example:8000", is_open, since if is_open else None, 5, "server_error")
    outer = FastAPI()
    outer.mount("/research", research_app(record, load_study(STUDY), {}, lambda: [state]))
    await record.researchers.add("Rita", ResearcherRole.VIEWER, PASSWORD)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(outer), base_url="http://study.example"
    ) as client:
        browser = Browser(client)
        await browser.sign_in("Rita", PASSWORD)
        page = (await browser.get("/")).text
    said = "<strong><bdi>models.example:8000</bdi> is left alone</strong> since"
    assert (said in page) is is_open
    assert ("5 replies in a row failed (<bdi>server_error</bdi>)" in page) is is_open


async def test_a_call_that_was_asked_otherwise_says_so(owner: Browser, record: Record) -> None:
    """On its page in the room, beside what was sent."""
    call_id = new_id()
    noted = {"not_taken": {"max_tokens": "sent as max_completion_tokens"}, "after_the_end": "<b>"}
    await call(record, llm_call_id=call_id, details=noted)
    page = (await owner.get(f"/calls/{call_id}")).text
    assert "<dt>not taken</dt><dd><bdi>max_tokens: sent as max_completion_tokens</bdi>" in page
    assert "<dt>after the end</dt><dd><bdi>&lt;b&gt;</bdi>" in page
