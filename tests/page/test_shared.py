"""A link for others: who has it reads, and learns nothing else."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from data_layer.record import Record
from data_layer.writing.writes import DeleteThread, InsertRow
from page.me.participant_request import ParticipantRoutes
from page.me.shared import share_routes
from study.definition import Study
from tests.data_layer.rows import ADA, BOB, begin_thread, count, message, new_id, reply, rows
from tests.fakes import HandClock
from tests.page.asking import ATTACKS, HERE, browser_of, study
from tests.page.gate import SECRET

Browser = Callable[[str | None], httpx2.AsyncClient]


class Studies:
    """The study file, which somebody may change."""

    def __init__(self) -> None:
        self.now = study()

    def __call__(self) -> Study:
        """As it now is."""
        return self.now


@pytest.fixture
def studies() -> Studies:
    """The study allows sharing."""
    return Studies()


@pytest.fixture
async def browser(
    record: Record, studies: Studies, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Browser]:
    """Browsers before the routes."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    opened: list[httpx2.AsyncClient] = []

    def open_one(participant_id: str | None) -> httpx2.AsyncClient:
        opened.append(browser_of(participant_id, share_routes(ParticipantRoutes(), record, studies)))
        return opened[-1]

    yield open_one
    for one in opened:
        await one.aclose()


async def share(browser: Browser, thread_id: str, by: str = ADA) -> dict[str, Any]:
    """Make a link."""
    answer = await browser(by).post(f"/me/threads/{thread_id}/shares")
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def test_who_has_the_link_reads(record: Record, browser: Browser) -> None:
    """Without signing in; its form is drawn, in the reader's language."""
    thread_id = await begin_thread(record, "What is it?")
    await record.writer.submit(reply(record, thread_id, "A **test**."))
    made = await share(browser, thread_id)
    answer = await browser(None).get(made["path"], headers={"Accept-Language": "es"})
    assert answer.status_code == 200
    assert '<html lang="es">' in answer.text
    assert "What is it?" in answer.text
    assert "<strong>test</strong>" in answer.text


async def test_the_page_tells_nothing_of_its_owner(record: Record, browser: Browser) -> None:
    """No name, no pseudonym, no id, not the thread's title, and no trace where a link leads to."""
    participant = await record.enter("Ada Lovelace", "ada lovelace")
    thread_id = await begin_thread(record, "Words", owner=participant.participant_id)
    made = await share(browser, thread_id, by=participant.participant_id)
    answer = await browser(None).get(made["path"])
    ids = [row["step_id"] for row in await rows(record, "steps")]
    for secret in ("Lovelace", participant.participant_id, thread_id, made["id"], *ids):
        assert secret not in answer.text
    headers = answer.headers
    assert (headers["referrer-policy"], headers["x-robots-tag"]) == ("no-referrer", "noindex, nofollow")
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "set-cookie" not in headers


async def test_every_dead_link_looks_alike(record: Record, browser: Browser, clock: HandClock) -> None:
    """Wrong, stopped, expired, deleted, sharing switched off: one page, the one of any wrong address."""
    ada, stranger = browser(ADA), browser(None)
    threads = [await begin_thread(record) for _ in range(3)]
    stopped, deleted, expired = [await share(browser, thread_id) for thread_id in threads]
    await ada.delete(f"/me/threads/{threads[0]}/shares/{stopped['id']}")
    await record.writer.submit(DeleteThread(threads[1], record.now(), ADA))
    clock.forward(7 * 24 * 3600)
    paths = [made["path"] for made in (stopped, deleted, expired)]
    paths += ["/shared/" + "a" * 43, "/shared/x", "/shared/%00", f"/shared/{expired['path'][8:]}%0d%0ax"]
    answers = [await stranger.get(path, headers={"Accept": "text/html"}) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


async def test_a_database_that_is_away_is_said_to_be(record: Record, browser: Browser) -> None:
    """Not that the link were wrong: its reader may come back."""
    made = await share(browser, await begin_thread(record))
    async with record.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE shares RENAME TO elsewhere"))
    for path in (made["path"], f"{made['path']}/files/{new_id()}"):
        assert (await browser(None).get(path)).status_code == 503


async def test_a_study_that_stops_sharing_stops_every_link(
    record: Record, browser: Browser, studies: Studies
) -> None:
    """No link works any more, none is made, and what there was can still be stopped."""
    thread_id = await begin_thread(record)
    made = await share(browser, thread_id)
    studies.now = studies.now.model_copy(update={"sharing": None})
    assert (await browser(None).get(made["path"])).status_code == 404
    assert (await browser(ADA).post(f"/me/threads/{thread_id}/shares")).status_code == 404
    assert (await browser(ADA).delete(f"/me/threads/{thread_id}/shares/{made['id']}")).status_code == 200


async def test_not_yours_and_not_there_look_alike(record: Record, browser: Browser) -> None:
    """Nobody makes, sees or stops links to another's thread; and who is not signed in does nothing."""
    thread_id = await begin_thread(record)
    made = await share(browser, thread_id)
    answers = []
    for target in (thread_id, new_id(), "zz') OR ('1'='1"):
        answers += [
            await browser(BOB).get(f"/me/threads/{target}/shares"),
            await browser(BOB).post(f"/me/threads/{target}/shares"),
            await browser(BOB).delete(f"/me/threads/{target}/shares/{made['id']}"),
        ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    for method in ("GET", "POST"):
        answer = await browser(None).request(method, f"/me/threads/{thread_id}/shares")
        assert answer.status_code == 401
    assert await count(record, "shares") == 1
    assert (await browser(None).get(made["path"])).status_code == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_another_site_makes_and_stops_nothing(record: Record, browser: Browser, method: str) -> None:
    """A page elsewhere that sends its visitor's cookie along is refused."""
    thread_id = await begin_thread(record)
    made = await share(browser, thread_id)
    path = f"/me/threads/{thread_id}/shares" + (f"/{made['id']}" if method == "DELETE" else "")
    foreign = await browser(ADA).request(method, path, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    own = await browser(ADA).request(method, path, headers={"Origin": HERE})
    assert own.status_code in (200, 201)


async def test_a_shared_file_does_nothing_and_ends_with_its_link(record: Record, browser: Browser) -> None:
    """It comes through the link alone, sandboxed, under a plain name, and no cache keeps it."""
    thread_id = await begin_thread(record)
    put = message(record, thread_id, "With a file")
    await record.writer.submit(put)
    element_id = new_id()
    kept = record.files.keep(element_id, b"<script>alert(1)</script>")
    file = {
        "element_id": element_id,
        "thread_id": thread_id,
        "message_id": put.row["step_id"],
        "type": "file",
    }
    file |= {"name": '"><script>alert(1)</script>/../x.html', "mime": "text/html", "file": kept.file}
    file |= {"seq": record.take_order(), "created_at": record.now()}
    await record.writer.submit(InsertRow("elements", file))
    made = await share(browser, thread_id)
    drawn = (await browser(None).get(made["path"])).text
    found = re.search(r'href="(/shared/[^"]+/files/[^"]+)"', drawn)
    assert found
    assert "<script" not in drawn
    answer = await browser(None).get(found[1])
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["cache-control"] == "no-store"
    await browser(ADA).delete(f"/me/threads/{thread_id}/shares/{made['id']}")
    assert (await browser(None).get(found[1])).status_code == 404


async def test_nothing_that_was_written_runs_before_a_reader(record: Record, browser: Browser) -> None:
    """Whatever stands in messages: no script, no handler, no address that is fetched."""
    thread_id = await begin_thread(record, ATTACKS[0])
    for attack in ATTACKS:
        await record.writer.submit(message(record, thread_id, attack))
        await record.writer.submit(reply(record, thread_id, attack, name=attack))
    drawn = (await browser(None).get((await share(browser, thread_id))["path"])).text
    for made in ("<script", "<svg", "<img", 'javascript:alert(1)"', 'href="data:'):
        assert made not in drawn


async def test_the_owner_sees_their_links(record: Record, browser: Browser) -> None:
    """The newest first, with their days; never the token again."""
    thread_id = await begin_thread(record)
    first, second = await share(browser, thread_id), await share(browser, thread_id)
    listed = await browser(ADA).get(f"/me/threads/{thread_id}/shares")
    assert [one["id"] for one in listed.json()["shares"]] == [second["id"], first["id"]]
    assert first["path"][8:] not in listed.text
    await browser(ADA).delete(f"/me/threads/{thread_id}/shares/{second['id']}")
    listed = await browser(ADA).get(f"/me/threads/{thread_id}/shares")
    assert [one["id"] for one in listed.json()["shares"]] == [first["id"]]
