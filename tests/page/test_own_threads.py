"""The participant's own threads by HTTP: theirs alone, whatever is asked."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from data_layer.record import Record
from page.chat.thread_news import ThreadNews
from page.me.participant_request import ParticipantRoutes
from page.me.threads import own_thread_routes
from tests.data_layer.rows import ADA, BOB, begin_thread, new_id, one, reply, rows
from tests.page.asking import ATTACKS, browser_of
from tests.page.gate import SECRET

FORGED = ["zz') OR ('1'='1", "..%2F..%2Fetc%2Fpasswd", "A" * 5_000, "%00", new_id().upper()]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cookies are signed with."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)


@pytest.fixture
async def ada(record: Record) -> AsyncIterator[httpx2.AsyncClient]:
    """ADA's browser."""
    async with browser_of(ADA, own_thread_routes(ParticipantRoutes(), record)) as browser:
        yield browser


@pytest.fixture
async def bob(record: Record) -> AsyncIterator[httpx2.AsyncClient]:
    """BOB's."""
    async with browser_of(BOB, own_thread_routes(ParticipantRoutes(), record)) as browser:
        yield browser


async def titles(browser: httpx2.AsyncClient, **asked: str) -> list[str]:
    """The titles of a list."""
    answer = (await browser.get("/me/threads", params=asked)).json()
    return [row["name"] for row in answer["data"]]


async def test_a_thread_through_its_life(ada: httpx2.AsyncClient, record: Record) -> None:
    """Renamed, tagged, deleted, found among the deleted, restored: each shows at once."""
    thread_id = await begin_thread(record, "Hello there")
    place = f"/me/threads/{thread_id}"
    assert (await ada.put(place, json={"title": "  A\n better  title "})).status_code == 200
    tagged = await ada.put(f"{place}/tags", json={"tags": ["Family ", "family"]})
    assert tagged.json() == {"tags": ["Family"]}
    assert await titles(ada) == await titles(ada, tag="Family") == ["A better title"]
    assert await titles(ada, tag="family") == []
    assert (await ada.get("/me/tags")).json() == {"tags": [{"tag": "Family", "count": 1}]}
    assert (await ada.delete(place)).status_code == 200
    assert await titles(ada) == []
    gone = (await ada.get("/me/threads/deleted")).json()["threads"]
    assert [(row["id"], row["title"]) for row in gone] == [(thread_id, "A better title")]
    assert (await ada.post(f"{place}/restore")).status_code == 200
    assert await titles(ada) == ["A better title"]
    assert (await ada.get("/me/threads/deleted")).json()["threads"] == []


async def test_nobody_touches_anothers_thread(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient, record: Record
) -> None:
    """Not living, not deleted, not by a forged id: one answer for all, nothing changes, and it is kept."""
    living = await begin_thread(record, "Mine")
    deleted = await begin_thread(record, "Mine too")
    await ada.delete(f"/me/threads/{deleted}")
    before = await rows(record, "threads")
    answers = set()
    for target in (living, deleted, new_id(), *FORGED):
        place = f"/me/threads/{target}"
        for answer in (
            await bob.put(place, json={"title": "Bob's"}),
            await bob.put(f"{place}/tags", json={"tags": ["bob"]}),
            await bob.delete(place),
            await bob.post(f"{place}/restore"),
        ):
            # An id that is no part of a path comes to no route of ours at all.
            assert answer.status_code in (404, 405)
            answers.add(answer.json()["problem"] if answer.content.startswith(b"{") else None)
    assert len(answers - {None}) == 1
    assert await rows(record, "threads") == before
    refused = await rows(record, "events", type="refused", participant_id=BOB)
    assert len(refused) >= 12


async def test_nobody_reads_what_is_anothers(bob: httpx2.AsyncClient, record: Record) -> None:
    """Neither list, nor tags, nor search, with whatever cursor."""
    thread_id = await begin_thread(record, "secret plan")
    await record.writer.submit(reply(record, thread_id, "a secret answer"))
    for path in ("/me/threads", "/me/threads/deleted", "/me/tags", "/me/search?q=secret"):
        for cursor in ("", "junk", "é" * 500, "9" * 18, "A" * 10_000):
            answer = await bob.get(path, params={"q": "secret", "cursor": cursor, "tag": "secret"})
            assert answer.status_code == 200
            assert "plan" not in answer.text
            assert "answer" not in answer.text


async def test_who_is_not_signed_in_gets_nothing(record: Record) -> None:
    """Nor does another site, in the name of one who is."""
    thread_id = await begin_thread(record, "Mine")
    place = f"/me/threads/{thread_id}"
    routes = own_thread_routes(ParticipantRoutes(), record)
    async with browser_of(None, routes) as nobody, browser_of(ADA, routes) as ada:
        assert (await nobody.get("/me/search?q=mine")).status_code == 401
        assert (await nobody.delete(place)).status_code == 401
        evil = {"Origin": "https://evil.example"}
        assert (await ada.delete(place, headers=evil)).status_code == 403
        assert (await ada.post(f"{place}/restore", headers=evil)).status_code == 403
    assert (await one(record, "threads"))["deleted_at"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"title": 7}),
        ("", {"title": " \n"}),
        ("", {"title": "x" * 3_000}),
        ("", ["title"]),
        ("/tags", {"tags": "family"}),
        ("/tags", {"tags": [1]}),
        ("/tags", {"tags": ["x"] * 1_000}),
        ("/tags", {}),
    ],
)
async def test_what_is_no_title_and_no_tags(
    ada: httpx2.AsyncClient, record: Record, path: str, body: Any
) -> None:
    """Is refused, and changes nothing."""
    thread_id = await begin_thread(record, "Hello there")
    answer = await ada.put(f"/me/threads/{thread_id}{path}", content=json.dumps(body))
    assert answer.status_code == 400
    row = await one(record, "threads")
    assert (row["title"], row["tags"]) == ("Hello there", None)


async def test_a_query_may_be_anything(ada: httpx2.AsyncClient, record: Record) -> None:
    """A book, operators, script: answered, as text, never as an error."""
    await begin_thread(record, "<script>alert(1)</script>")
    for query in ("x" * 10_000, "word " * 2_000, '" OR owner : "', "\x00", *ATTACKS):
        assert (await ada.get("/me/search", params={"q": query})).status_code == 200
    hit = (await ada.get("/me/search?q=script")).json()["hits"][0]
    assert "".join(text for text, _ in hit["parts"]) == "<script>alert(1)</script>"
    assert [text for text, found in hit["parts"] if found] == ["script", "script"]


class Page:
    """A page of somebody's, which remembers what it was told."""

    def __init__(self, participant_id: str) -> None:
        self.user = type("User", (), {"identifier": participant_id})()
        self.told: list[dict[str, Any]] = []

    async def emit(self, event: str, data: dict[str, Any]) -> None:
        """As chainlit.session.WebsocketSession.emit."""
        assert event == "thread_news"
        self.told.append(data)


async def test_all_pages_of_a_participant_hear_what_becomes_of_a_thread(record: Record) -> None:
    """Each of their pages, none of anybody else's; a reply that still grows says no word."""
    pages = [Page(ADA), Page(ADA), Page(BOB)]
    news = ThreadNews(record.database, lambda: pages, 0)
    record.writer.listeners.append(news.heard)

    async def told() -> list[tuple[str, bool]]:
        await news.done()
        heard = [[(row["metadata"]["preview"], row["deleted"]) for row in page.told] for page in pages]
        assert heard[0] == heard[1]
        assert heard[2] == []
        for page in pages:
            page.told.clear()
        return heard[0]

    thread_id = await begin_thread(record, "Hello there")
    await record.writer.submit(reply(record, thread_id, "Welcome"))
    assert (await told())[-1] == ("Welcome", False)
    growing = reply(record, thread_id, "I am", status="streaming")
    await record.writer.submit(growing)
    assert await told() == []
    whole = {"step_id": growing.row["step_id"], "status": "complete", "creates": False}
    await record.writer.submit(reply(record, thread_id, "I am whole", **whole))
    assert await told() == [("I am whole", False)]
    async with browser_of(ADA, own_thread_routes(ParticipantRoutes(), record)) as ada:
        await ada.delete(f"/me/threads/{thread_id}")
    assert await told() == [("I am whole", True)]
