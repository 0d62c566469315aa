"""A thread that is watched: what is told of it, to whom, and what is written down."""

import json
from collections.abc import AsyncGenerator

from starlette.requests import Request

from data_layer.record import Record
from data_layer.review.version_token import mark_of
from data_layer.writing.writes import DeleteThread, RenameThread
from research.context import RoomContext
from research.routing import ResearchRequest
from research.thread.watch import _Watching
from research.throttle import SignInThrottle
from study.loader import load_study
from study.roles import ResearcherRole
from tests.browser.conftest import STUDY
from tests.data_layer.review.test_live import arrive, run
from tests.data_layer.rows import ADA, begin_thread, new_id, reply
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


async def test_everything_that_happens_changes_the_mark(record: Record) -> None:
    """Words, growing words, work, pages, a new title, a deletion; and nothing else does."""
    thread_id = await begin_thread(record)
    marks = [await mark_of(record.database, thread_id)]
    assert await mark_of(record.database, thread_id) == marks[0]

    async def changed() -> bool:
        await record.writer.flush()
        marks.append(await mark_of(record.database, thread_id))
        return marks[-1] not in marks[:-1]

    answer = reply(record, thread_id, "One", status="streaming")
    await record.writer.submit(answer)
    assert await changed()
    await record.writer.submit(
        reply(record, thread_id, "One two", step_id=answer.row["step_id"], creates=False)
    )
    assert await changed()
    await run(record, thread_id, "streaming")
    assert await changed()
    arrive(record, thread_id)
    assert await changed()
    record.connections.closed("s1", "x")
    assert await changed()
    await record.writer.submit(RenameThread(thread_id, "Otherwise", record.now(), ADA))
    assert await changed()
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    assert await changed()


async def test_a_thread_that_is_none_has_no_mark(record: Record) -> None:
    """Neither a strange id nor one that nothing has."""
    for thread_id in ("x' OR '1'='1", new_id()):
        assert not any(await mark_of(record.database, thread_id))


async def _html(told: AsyncGenerator[str, None]) -> str:
    data = (await anext(told)).partition("data: ")[2]
    return str(json.loads(data)["html"])


async def test_it_is_told_as_its_page_draws_it(owner: Browser, record: Record) -> None:
    """At first, and again when something has been said; script in it stays text."""
    thread_id = await begin_thread(record, "<script>alert(1)</script>")
    visit = await _visit_of(owner, record, thread_id)
    watching = _Watching(record)
    told = watching._told(visit, thread_id)
    first = await _html(told)
    assert first.startswith('<article class="thread"')
    assert first.endswith("</article>")
    assert "<script>" not in first
    await record.writer.submit(reply(record, thread_id, "An answer that came later"))
    assert "An answer that came later" in await _html(told)
    await told.aclose()
    assert not watching._lookout_of(thread_id).is_looking


async def test_a_watching_is_written_down_once(owner: Browser, record: Record) -> None:
    """Not at each change, nor each time that a tab comes to sight again."""
    thread_id = await begin_thread(record)
    visit = await _visit_of(owner, record)
    watching = _Watching(record)
    for _ in range(3):
        await watching._note(visit, thread_id)
    assert (await owner.get("/audit")).text.count(thread_id) == 1


async def _visit_of(owner: Browser, record: Record, thread_id: str = "") -> ResearchRequest:
    olga = await record.researchers.find("Olga")
    assert olga is not None
    (session,) = await record.researchers.sessions_of(olga.researcher_id)
    room = RoomContext(record, load_study(STUDY), SignInThrottle())
    scope: dict[str, object] = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
    }
    scope |= {"path_params": {"thread_id": thread_id}}
    return ResearchRequest(Request(scope), room, session, owner.csrf)


async def test_a_coder_watches_what_is_assigned_to_them(stranger: Browser, record: Record) -> None:
    """Of the rest they learn not even that it is there; nobody watches what is not there."""
    thread_id = await begin_thread(record)
    await record.researchers.add("Carl", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Carl", PASSWORD)
    head = stranger.client.head
    for wanted in (thread_id, new_id(), "x"):
        assert (await head(f"/research/threads/{wanted}/stream")).status_code == 404
    carl = await record.researchers.find("Carl")
    assert carl is not None
    await record.coding_tasks.given.give([thread_id], carl.researcher_id, "Olga")
    answer = await head(f"/research/threads/{thread_id}/stream")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
        200,
        "text/event-stream",
    )
