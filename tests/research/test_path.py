"""A participant's page shows their way through the protocol; the page of the study what they went through."""

import re
import shutil
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from data_layer.database import schema
from data_layer.record import Record
from research.app import research_app
from research.study.page import MASKED
from study.loader import LoadedStudy, load_study
from study.roles import ResearcherRole
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from tests.stages.protocol.walking import ANSWERS, Walker


@pytest.fixture(scope="module")
def study() -> LoadedStudy:
    """The small study."""
    return load_study(Path("tests/data/protocol"))


@pytest.fixture
def app(record: Record, study: LoadedStudy) -> FastAPI:
    """The room of this study."""
    outer = FastAPI()
    outer.mount("/research", research_app(record, study))
    return outer


@pytest.fixture
async def walker(record: Record, study: LoadedStudy) -> Walker:
    """Somebody who has just come in."""
    return Walker(record, study, await record.enter("Ada", "ada"))


async def page_of(browser: Browser, walker: Walker) -> str:
    """Their page in the room."""
    await walker.record.writer.flush()
    return (await browser.get(f"/participants/{walker.participant_id}")).text


async def test_a_path_has_each_stage_and_the_ending(owner: Browser, walker: Walker) -> None:
    """In their order, a wrong quiz as an attempt of its own; whoever completed it all is usable."""
    await walker.walk_to("instructions")
    await walker.send(partner=["a person"])
    await walker.walk_to("")
    page = await page_of(owner, walker)
    region = page[page.index('aria-label="Stages of this participant"') :].partition("</table>")[0]
    rows = re.findall(
        r'<tr><td>(\w+)</td><td>\w+</td><td class="n">(\d)</td>.*?<td class="did">([^<]*)</td></tr>', region
    )
    assert rows == [
        ("consent", "1", "went on"),
        ("before", "1", "went on"),
        ("instructions", "1", "a wrong answer, with a try left"),
        ("instructions", "2", "went on"),
        ("talk", "1", "went on"),
        ("after", "1", "went on"),
        ("debrief", "1", "went on: completed"),
    ]
    assert "<dt>Usable</dt><dd>yes</dd>" in page


async def test_a_path_says_why_somebody_is_not_usable(owner: Browser, walker: Walker) -> None:
    """With the ending, the failed check and the reason in words."""
    await walker.walk_to("after")
    await walker.send(**{**ANSWERS["after"], "reading": ["agree"]})
    page = await page_of(owner, walker)
    why_not = (await walker.row())["why_not"]
    assert why_not
    assert f"no: {why_not}" in page
    assert "<td>attention</td><td>reading</td><td><bdi>agree</bdi></td><td>failed</td>" in page


async def test_answers_stand_as_they_read(owner: Browser, walker: Walker) -> None:
    """With their question, what was left out, and how often each was changed."""
    await walker.walk_to("before")
    visit = (await walker.look()).position.visit
    for value in ("weekly", "daily"):
        await walker.protocol.keep_change(walker.participant_id, visit, "uses_chatbots", value)
    await walker.record.writer.flush()
    await walker.walk_to("instructions")
    page = await page_of(owner, walker)
    assert "<bdi>How often do you use chatbots?</bdi>" in page
    assert '<bdi>daily</bdi> <span class="quiet small">changed 1 time before it was sent</span>' in page
    why = page[page.index("<bdi>Why?</bdi>") :].partition("</div>")[0]
    assert "left out" in why


async def test_the_consent_leads_to_the_very_text(
    owner: Browser, walker: Walker, study: LoadedStudy, record: Record
) -> None:
    """Version, decision and boxes, and a page with the words whose hash was kept."""
    await walker.walk_to("before")
    page = await page_of(owner, walker)
    assert "<td>agreed</td><td>take_part</td><td>share</td>" in page
    async with record.database.engine.connect() as connection:
        kept = await connection.scalar(select(schema.consents.c.text_hash))
    assert f'href="/research/consents/{kept}"' in page
    text = (await owner.get(f"/consents/{kept}")).text
    words = next(line for line in study.texts["texts/consent.md"].splitlines() if line and line[0].isalpha())
    assert words in text
    assert "My answers may be shared without my name." in text
    assert (await owner.get(f"/consents/{'0' * 64}")).status_code == 404


async def test_who_has_opened_nothing_has_no_path(owner: Browser, walker: Walker) -> None:
    """And the page says so."""
    assert "have opened no stage" in await page_of(owner, walker)


async def test_nothing_of_it_outlives_a_withdrawal(owner: Browser, walker: Walker, record: Record) -> None:
    """Neither the path nor an answer stands on the page of who has withdrawn."""
    await walker.walk_to("after")
    await record.withdrawals.withdraw(walker.participant_id, "participant")
    page = await page_of(owner, walker)
    assert "Withdrawn at" in page
    assert "Path through the study" not in page
    assert "How often do you use chatbots?" not in page


async def test_the_study_is_read_as_participants_read_it(owner: Browser, study: LoadedStudy) -> None:
    """Each stage in its order, with its questions and options, and each ending with its text."""
    page = (await owner.get("/study")).text
    ids = re.findall(r'<h2 id="stage-(\w+)">', page)
    assert ids == ["consent", "before", "instructions", "talk", "after", "debrief"]
    for words in (
        "How often do you use chatbots?",
        "weekly",
        "Ends as screened_out if uses_chatbots is never",
    ):
        assert words in page
    for name in ("completed", "no_consent", "timed_out"):
        assert f"<h3>{name} " in page


@pytest.mark.parametrize("role", list(ResearcherRole))
async def test_codes_are_for_owners(
    stranger: Browser, record: Record, study: LoadedStudy, role: ResearcherRole
) -> None:
    """Whoever else may read the study reads a mask of one length; a coder reads nothing of it."""
    await record.researchers.add("Somebody", role, PASSWORD)
    await stranger.sign_in("Somebody", PASSWORD)
    answer = await stranger.get("/study")
    assert study.definition.protocol is not None
    codes = [ending.code for ending in study.definition.protocol.endings.values() if ending.code]
    assert len(codes) == 5
    shown = [code for code in codes if code in answer.text]
    assert shown == (codes if role is ResearcherRole.OWNER else [])
    masked = role in (ResearcherRole.RESEARCHER, ResearcherRole.VIEWER)
    assert answer.text.count(MASKED) == (5 if masked else 0)
    assert answer.status_code == (403 if role is ResearcherRole.CODER else 200)


async def test_a_matrix_has_its_question_once(record: Record, tmp_path: Path) -> None:
    """Above its rows, each of which is a question of its own with all options."""
    folder = tmp_path / "study"
    shutil.copytree("tests/data/protocol", folder)
    with (folder / "surveys/before.yaml").open("a") as survey:
        survey.write(
            "  - id: views\n    kind: matrix\n    label: How far do you agree?\n"
            "    options: [hardly, rather]\n"
            "    rows: [{id: clear, label: It was clear.}, {id: long, label: It was long.}]\n"
        )
    outer = FastAPI()
    outer.mount("/research", research_app(record, load_study(folder)))
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(outer), base_url="http://study.example"
    ) as client:
        browser = Browser(client)
        await browser.sign_in("Olga", PASSWORD)
        page = (await browser.get("/study")).text
    assert page.count("How far do you agree?") == 1
    assert page.count("It was clear.") == page.count("It was long.") == 1
    assert page.count("<bdi>rather</bdi>") == 2
