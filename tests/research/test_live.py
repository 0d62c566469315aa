"""The page of who is here, and the steering of the study."""

import json
from collections.abc import AsyncIterator

from data_layer.record import Record
from data_layer.writing.writes import PatchRow
from research.audit_sentences import WORDS
from research.context import RoomContext
from research.live.page import _Live
from research.live.table import HereTable
from research.routing import ResearchRoutes
from research.throttle import SignInThrottle
from study.loader import load_study
from study.roles import ResearcherRole
from study.vocabulary import StudyState
from tests.browser.conftest import STUDY
from tests.data_layer.review.test_live import arrive, run
from tests.data_layer.rows import ADA, BOB, begin_thread
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


async def told(body: AsyncIterator[str]) -> dict[str, object]:
    """The next event's data."""
    name, data = (await anext(body)).strip().split("\n")
    assert name == "event: here"
    return json.loads(data.removeprefix("data: "))  # type: ignore[no-any-return]


def page_of(record: Record) -> _Live:
    """The page, without its door."""
    return _Live(ResearchRoutes(RoomContext(record, load_study(STUDY), SignInThrottle())))


async def test_an_empty_study_says_that_nobody_is_here(owner: Browser) -> None:
    """And how that changes; it is whole without a script."""
    page = (await owner.get("/live")).text
    assert "Nobody is here at the moment." in page
    assert '<a id="reload" href="/research/live">Reload</a>' in page


async def test_the_page_shows_who_is_here(owner: Browser, record: Record) -> None:
    """A row each, with what they do in words, and the last failure; markup in a title stays text."""
    thread_id = await begin_thread(record, "<script>alert(1)</script>")
    arrive(record, thread_id)
    arrive(record, await begin_thread(record, owner=BOB), BOB, "s2")
    await run(record, thread_id, "failed", error_type="RateLimit", error_message="<b>slow down</b>")
    await record.writer.flush()
    page = (await owner.get("/live")).text
    assert page.count('data-doing="idle"') == 2
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;slow down&lt;/b&gt;" in page
    assert '<b data-count="failed">1</b>' in page
    assert '<b data-count="here">2</b>' in page


async def test_waiting_comes_before_typing(record: Record) -> None:
    """Whoever types while a reply is given waits for it."""
    thread_id = await begin_thread(record)
    arrive(record, thread_id)
    await record.writer.flush()
    table = HereTable(record, lambda **values: str(values["doing"]))
    record.presence.typed(ADA, thread_id)
    (row,) = (await table.look(None)).rows.values()
    assert row.html == "typing"
    await run(record, thread_id, "streaming")
    found = await table.look(None)
    assert [row.html for row in found.rows.values()] == ["waiting"]
    assert dict(found.counts) == {"waiting": 1, "here": 1, "failed": 0}


async def test_a_row_that_stays_is_not_drawn_again(record: Record) -> None:
    """With 500 people here, those that change are few."""
    drawn: list[str] = []

    def draw(**values: object) -> str:
        drawn.append(str(values["key"]))
        return "row"

    first = await begin_thread(record)
    arrive(record, first)
    arrive(record, await begin_thread(record, owner=BOB), BOB, "s2")
    await record.writer.flush()
    table = HereTable(record, draw)
    before = await table.look(None)
    assert await table.look(before) == before
    assert len(drawn) == 2
    record.presence.typed(ADA, first)
    await table.look(before)
    assert drawn[2:] == [f"here-{ADA}-{first}"]


async def test_the_stream_tells_what_has_changed(record: Record) -> None:
    """All at first; then only the rows that are others now, and those that are gone."""
    first, second = await begin_thread(record), await begin_thread(record, owner=BOB)
    arrive(record, first)
    arrive(record, second, BOB, "s2")
    await record.writer.flush()
    body = page_of(record)._told()
    whole = await told(body)
    assert (whole["whole"], len(whole["rows"]), whole["gone"]) == (True, 2, [])  # type: ignore[arg-type]
    run_id = await run(record, first, "streaming")
    changed = await told(body)
    assert (changed["whole"], list(changed["rows"])) == (False, [f"here-{ADA}-{first}"])  # type: ignore[call-overload]
    await record.writer.submit(PatchRow("runs", {"run_id": run_id}, {"status": "complete"}))
    await told(body)
    record.connections.closed("s2", "transport close")
    gone = await told(body)
    assert (gone["rows"], gone["gone"]) == ({}, [f"here-{BOB}-{second}"])
    await body.aclose()


async def test_nobody_looks_when_nobody_watches(record: Record) -> None:
    """The task ends with its last reader."""
    page = page_of(record)
    body = page._told()
    await told(body)
    assert page._lookout.is_looking
    await body.aclose()
    assert not page._lookout.is_looking


async def test_a_researcher_steers_the_study(owner: Browser, record: Record) -> None:
    """Each change is in the audit log and on the page; what is so already is not changed again."""
    for state in ("paused", "paused", "ended", "open"):
        answer = await owner.post("/live/study", state=state)
        assert (answer.status_code, answer.headers["location"]) == (303, "/research/live")
    assert [row["state"] for row in await record.controls.history()] == ["open", "ended", "paused"]
    assert [row["author"] for row in await record.controls.history()] == ["Olga"] * 3
    log = (await owner.get("/audit")).text
    assert log.count(WORDS["study_steered"]) == 3
    assert "The study is open." in (await owner.get("/live")).text


async def test_nonsense_steers_nothing(owner: Browser, record: Record) -> None:
    """A state that is none."""
    for state in ("", "closed", "ENDED"):
        await owner.post("/live/study", state=state)
    assert await record.controls.state() is StudyState.OPEN
    assert await record.controls.history() == []


async def test_ending_is_asked_about_first(owner: Browser) -> None:
    """The question says what happens, and shows what participants will read."""
    page = (await owner.get("/live")).text
    assert "End the study for everybody?" in page
    assert "The study has ended. Thank you for taking part." in page


async def test_a_viewer_sees_and_does_not_steer(stranger: Browser, record: Record) -> None:
    """The state is there, its buttons are not; a form all the same is refused."""
    await record.researchers.add("Vera", ResearcherRole.VIEWER, PASSWORD)
    await stranger.sign_in("Vera", PASSWORD)
    page = (await stranger.get("/live")).text
    assert "The study is open." in page
    assert "End the study" not in page
    assert (await stranger.post("/live/study", state="ended")).status_code == 403
    assert await record.controls.state() is StudyState.OPEN


async def test_a_coder_sees_nobody(stranger: Browser, record: Record) -> None:
    """Who reads single threads learns nothing of the others."""
    await record.researchers.add("Carl", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Carl", PASSWORD)
    for path in ("/live", "/live/stream"):
        assert (await stranger.get(path)).status_code == 403


async def test_looking_is_written_down_once(owner: Browser, record: Record) -> None:
    """When the page is opened, not at each change."""
    await owner.get("/live")
    assert (await owner.get("/audit")).text.count(WORDS["live_seen"]) == 1
