"""Researchers search by meaning what they may read, with the room's filters; and find more like a turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from agent.embedding.endpoint import EndpointEmbedder
from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps
from meaning.service import Meaning
from research.app import research_app
from study.loader import load_study
from study.roles import ResearcherRole
from study.semantic_search import SemanticSearch
from tests.browser.conftest import STUDY
from tests.data_layer.rows import ADA, BOB, begin_thread, reply, rows
from tests.fake_embeddings import FakeEmbeddings, fake_embeddings, fake_embeddings_server
from tests.imports.bringing import bring, write
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

__all__ = ["fake_embeddings", "fake_embeddings_server"]
WANTED = SemanticSearch(model="tiny")
NEAR = "/threads?q=hound&mode=semantic"


@pytest.fixture
async def meaning(record: Record, fake_embeddings: FakeEmbeddings) -> AsyncIterator[Meaning]:
    """Search by meaning over the record."""
    made = Meaning(WANTED, record, EndpointEmbedder(WANTED, base_url=fake_embeddings.url))
    yield made
    await made.close()


@pytest.fixture
async def reader(record: Record, meaning: Meaning) -> AsyncIterator[Browser]:
    """An owner of a study that is searched by meaning."""
    outer = FastAPI()
    outer.mount("/research", research_app(record, load_study(STUDY), meaning=meaning))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(outer), base_url="http://study.example"
    ) as client:
        browser = Browser(client)
        await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
        await browser.sign_in("Olga", PASSWORD)
        yield browser


async def test_everybodys_messages_are_found_nearest_first(
    record: Record, meaning: Meaning, reader: Browser
) -> None:
    """What several participants meant is found without their words, and the search is in the audit log."""
    await begin_thread(record, "A latte, please")
    await begin_thread(record, "My puppy keeps barking", BOB)
    await meaning.worker.look()
    page = (await reader.get(NEAR)).text
    assert page.index("My puppy keeps barking") < page.index("A latte, please")
    assert "The nearest in meaning come first" in page
    noted = [row for row in await rows(record, "audit_log") if row["action"] == "searched"]
    assert noted[-1]["details"] == {"q": "hound", "mode": "semantic"}


async def test_filters_narrow_what_is_near(record: Record, meaning: Meaning, reader: Browser) -> None:
    """The room's filters hold for the search by meaning as for the one by words."""
    await begin_thread(record, "A latte, please")
    await begin_thread(record, "My puppy keeps barking", BOB)
    await meaning.worker.look()
    page = (await reader.get(f"{NEAR}&participant={ADA}")).text
    assert "A latte, please" in page
    assert "My puppy" not in page


async def test_what_is_near_in_an_imported_thread_is_marked(
    record: Record, meaning: Meaning, reader: Browser, tmp_path: Path
) -> None:
    """As what the search by words finds."""
    await begin_thread(record, "A latte, please")
    held = {"messages": [{"role": "user", "content": "My puppy keeps barking"}]}
    await bring(record, "openai", write(tmp_path / "o.jsonl", [held]), at=record.now())
    await meaning.worker.look()
    page = (await reader.get(NEAR)).text
    assert page.count('<span class="gone">imported</span>') == 1


async def test_what_left_the_screen_is_not_near(record: Record, meaning: Meaning, reader: Browser) -> None:
    """A message that was removed after it was embedded is found no more."""
    thread_id = await begin_thread(record, "My puppy keeps barking")
    await meaning.worker.look()
    step_id = (await rows(record, "steps"))[0]["step_id"]
    await record.writer.submit(DeleteSteps((step_id,), record.now(), "removed", thread_id, ADA))
    assert "My puppy" not in (await reader.get(NEAR)).text


async def test_a_coder_searches_neither_way(record: Record, meaning: Meaning, reader: Browser) -> None:
    """Who may not search by words finds nothing by meaning, and no more like a turn of their own."""
    coder = await record.researchers.add("Cody", ResearcherRole.CODER, PASSWORD)
    mine = await begin_thread(record, "My puppy keeps barking")
    await begin_thread(record, "The dog ate it", BOB)
    await record.coding_tasks.given.give([mine], coder, coder)
    await meaning.worker.look()
    await reader.post("/logout")
    await reader.sign_in("Cody", PASSWORD)
    step_id = (await rows(record, "steps", thread_id=mine))[0]["step_id"]
    answers = [await reader.get(path) for path in (NEAR, f"/threads?like={step_id}")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert "More like this turn" not in (await reader.get(f"/threads/{mine}")).text


async def test_more_like_a_turn(record: Record, meaning: Meaning, reader: Browser) -> None:
    """A turn leads to what is like it, without itself; question and answer count."""
    thread_id = await begin_thread(record, "My puppy keeps barking")
    await record.writer.submit(reply(record, thread_id, "A hound needs walks"))
    await begin_thread(record, "The dog ate it", BOB)
    await begin_thread(record, "A latte, please", BOB)
    await meaning.worker.look()
    step_id = (await rows(record, "steps", thread_id=thread_id))[0]["step_id"]
    link = f"/threads?like={step_id}"
    assert link in (await reader.get(f"/threads/{thread_id}")).text
    page = (await reader.get(link)).text
    hits = page.partition('<ol class="hits"')[2].partition("</ol>")[0]
    assert hits.index("The dog ate it") < hits.index("A latte, please")
    assert "puppy" not in hits
    assert "needs walks" not in hits


@pytest.mark.parametrize("like", ["x", "00000000-0000-4000-8000-000000000000"])
async def test_more_like_nothing_says_so(reader: Browser, like: str) -> None:
    """An address that names no turn is answered with a sentence."""
    assert "is not embedded yet" in (await reader.get(f"/threads?like={like}")).text


async def test_where_it_is_off_there_is_no_choice(record: Record, owner: Browser) -> None:
    """Without a model the page offers nothing, and an address that asks for it says how to switch it on."""
    thread_id = await begin_thread(record, "My puppy keeps barking")
    assert 'name="mode"' not in (await owner.get("/threads")).text
    assert "More like this turn" not in (await owner.get(f"/threads/{thread_id}")).text
    assert "Search by meaning is off in this study" in (await owner.get(NEAR)).text


async def test_how_far_it_is_stands_there(
    record: Record, meaning: Meaning, reader: Browser, fake_embeddings: FakeEmbeddings
) -> None:
    """While messages wait, the page says how many of how many are embedded, and why it does not go on."""
    await begin_thread(record, "My puppy keeps barking")
    fake_embeddings.next(status=500)
    await meaning.worker.try_once()
    page = (await reader.get("/threads")).text
    assert "0 of 1 messages are embedded so far" in page
    assert "500" in page
    await meaning.worker.try_once()
    assert "embedded so far" not in (await reader.get("/threads")).text


async def test_a_model_that_is_away_is_said(
    meaning: Meaning, reader: Browser, fake_embeddings: FakeEmbeddings
) -> None:
    """A search while the model's server fails is answered with a sentence that leads on."""
    fake_embeddings.next(status=500)
    assert "Search by words, or try again in a minute" in (await reader.get(NEAR)).text


async def test_both_ways_mark_the_words(record: Record, meaning: Meaning, reader: Browser) -> None:
    """By both, what has the words comes with them marked, and what is near stands behind."""
    await begin_thread(record, "My puppy keeps barking")
    await begin_thread(record, "the hound of the neighbours", BOB)
    await meaning.worker.look()
    page = (await reader.get("/threads?q=hound&mode=hybrid")).text
    assert "<mark>hound</mark>" in page
    assert page.index("neighbours") < page.index("My puppy")
