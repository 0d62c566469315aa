"""Archived threads on their participant's page: off the list, found under Archived, brought back."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from page.chat.thread_news import news_of
from page.me.participant_request import ParticipantRoutes
from page.me.threads import own_thread_routes
from tests.data_layer.rows import ADA, BOB, begin_thread, new_id, one, rows
from tests.page.asking import browser_of
from tests.page.gate import SECRET


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cookies are signed with."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)


@pytest.fixture
def defaults() -> ThreadDefaults:
    """A study that allows one conversation at a time."""
    return ThreadDefaults("example", "0.1.0+gtest", "f" * 64, active_threads=1)


@pytest.fixture
async def ada(record: Record) -> AsyncIterator[httpx2.AsyncClient]:
    """ADA's browser."""
    async with browser_of(ADA, own_thread_routes(ParticipantRoutes(), record)) as browser:
        yield browser


async def titles(browser: httpx2.AsyncClient, path: str = "") -> list[str]:
    """The titles of the list, or of what is beside it."""
    answer = (await browser.get(f"/me/threads{path}")).json()
    return [row["title"] for row in answer["threads"]] if path else [row["name"] for row in answer["data"]]


async def test_archived_and_back(ada: httpx2.AsyncClient, record: Record) -> None:
    """It leaves the list for the other, and the other for it; the page is told which."""
    first = await begin_thread(record, "The first")
    await begin_thread(record, "The second")
    assert (await titles(ada), await titles(ada, "/archived")) == (["The second"], ["The first"])
    back = await ada.post(f"/me/threads/{first}/unarchive")
    assert (back.status_code, back.json()) == (200, {"archived": ["The second"]})
    assert (await titles(ada), await titles(ada, "/archived")) == (["The first"], ["The second"])
    assert await titles(ada, "/deleted") == []


async def test_a_deleted_one_is_among_the_deleted(ada: httpx2.AsyncClient, record: Record) -> None:
    """Restored, it is archived as before, and takes no other's place."""
    first = await begin_thread(record, "The first")
    await begin_thread(record, "The second")
    await ada.delete(f"/me/threads/{first}")
    assert (await titles(ada, "/archived"), await titles(ada, "/deleted")) == ([], ["The first"])
    await ada.post(f"/me/threads/{first}/restore")
    assert (await titles(ada), await titles(ada, "/archived")) == (["The second"], ["The first"])


async def test_nobody_brings_back_anothers(record: Record) -> None:
    """One answer for a stranger's, a deleted one's and one that never was; nothing changes."""
    first = await begin_thread(record, "Mine")
    await begin_thread(record, "Mine too")
    before = await rows(record, "threads")
    async with browser_of(BOB, own_thread_routes(ParticipantRoutes(), record)) as bob:
        answers = [await bob.post(f"/me/threads/{target}/unarchive") for target in (first, new_id(), "x")]
        assert {answer.status_code for answer in answers} == {404}
        assert await titles(bob, "/archived") == []
    assert await rows(record, "threads") == before


async def test_the_list_of_other_pages_hears_of_it(record: Record) -> None:
    """A page that shows the list takes the row out."""
    await begin_thread(record, "The first")
    await begin_thread(record, "The second")
    row = await one(record, "threads", title="The first")
    told = news_of(row)
    assert (told["archived"], told["deleted"]) == (True, False)
