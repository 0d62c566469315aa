"""The page of the threads: a table, filters, and a search that says what it found or why it did not."""

import re

import pytest

from data_layer.record import Record
from data_layer.review.threads import SIZE
from data_layer.writing.writes import DeleteThread
from study.roles import ResearcherRole
from tests.data_layer.rows import ADA, BOB, begin_thread, message
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


def shown(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub("<[^>]+>", "", page.partition("<main")[2]).split())


async def actions(record: Record) -> list[dict[str, object]]:
    """What the audit log tells of searches."""
    return [line["details"] for line in await record.audit.newest() if line["action"] == "searched"]


async def test_a_row_leads_to_its_thread(owner: Browser, record: Record) -> None:
    """With its title as text, and the participant by the beginning of the pseudonym."""
    thread_id = await begin_thread(record, "<b>Whales</b> sleep")
    page = (await owner.get("/threads")).text
    assert f'href="/research/threads/{thread_id}?sort=active"' in page
    assert "&lt;b&gt;Whales" in page
    assert "<b>Whales" not in page
    assert ADA[:8] in shown(page)


async def test_pages_follow_each_other(owner: Browser, record: Record) -> None:
    """By a link that keeps the filters; the last has none."""
    for number in range(SIZE + 1):
        await begin_thread(record, f"thread {number:03}")
    first = (await owner.get("/threads?sort=old&deleted=no")).text
    following = re.search(r'href="/research(/threads\?[^"]+)" rel="next"', first)
    assert following is not None
    second = (await owner.get(following[1].replace("&amp;", "&"))).text
    assert f"thread {SIZE:03}" in second
    assert "thread 000" not in second
    assert 'rel="next"' not in second
    assert 'href="/research/threads?deleted=no&amp;sort=old"' in second


async def test_filters_stay_in_the_form(owner: Browser, record: Record) -> None:
    """What was asked for stands there again, and is said to be asked for."""
    gone, kept = await begin_thread(record, "Gone"), await begin_thread(record, "Kept", BOB)
    await record.writer.submit(DeleteThread(gone, record.now(), ADA))
    page = (await owner.get("/threads?deleted=yes&participant=1111&least=1")).text
    assert gone in page
    assert kept not in page
    assert 'value="1111"' in page
    assert "Filters (3)" in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=yesterday", "Begun from: “yesterday” is no date. Write it like: 2026-03-02"),
        ("least=many", "“many” is no number of turns. Write it like: 5"),
        ("q=%22whales", "A quotation mark is not closed."),
        ("q=NOT+whales", "Write a word beside them"),
        ("tag=none", "No thread is left by these filters."),
        ("q=zebras", "No message has “zebras”."),
        ("q=whales&tag=none", "Take a filter away."),
        ("sort=%3Cx%3E&cursor=%00&state=%27", "There are no more."),
    ],
)
async def test_what_shows_nothing_says_why(owner: Browser, record: Record, query: str, sentence: str) -> None:
    """A sentence with the repair, and never an error of the server's."""
    await begin_thread(record, "Whales sleep")
    answer = await owner.get(f"/threads?{query}")
    assert answer.status_code == 200
    assert sentence in shown(answer.text).replace("&#34;", '"')


async def test_a_search_marks_its_words_and_is_noted(owner: Browser, record: Record) -> None:
    """The audit log has what was asked, before it is answered."""
    thread_id = await begin_thread(record, "Do whales <i>sleep</i>?")
    page = (await owner.get("/threads?q=whales+role%3Aparticipant&agent=")).text
    assert "Do <mark>whales</mark> &lt;i&gt;sleep" in page
    assert f"/research/threads/{thread_id}?q=whales+role%3Aparticipant&amp;at=" in page
    assert await actions(record) == [{"q": "whales role:participant"}]


async def test_a_search_has_older_pages(owner: Browser, record: Record) -> None:
    """And each page is noted."""
    thread_id = await begin_thread(record, "walk 0")
    for number in range(1, 25):
        await record.writer.submit(message(record, thread_id, f"walk {number}"))
    first = (await owner.get("/threads?q=walk")).text
    following = re.search(r'href="/research(/threads\?[^"]+)" rel="next"', first)
    assert following is not None
    second = (await owner.get(following[1].replace("&amp;", "&"))).text
    assert second.count("data-row") == 5
    assert len(await actions(record)) == 2


async def test_a_search_says_how_many_it_found_and_in_which_order(owner: Browser, record: Record) -> None:
    """The menu offers what the search can do, and what is chosen in it is done, page by page."""
    thread_id = await begin_thread(record, "walk walk walk")
    for number in range(1, 25):
        await record.writer.submit(message(record, thread_id, f"walk {number}"))
    newest = (await owner.get("/threads?q=walk&sort=active")).text
    assert "25 messages found" in shown(newest)
    assert "Last active" not in re.findall("<option.*</option>", newest)[0]
    relevant = (await owner.get("/threads?q=walk&sort=relevance")).text
    assert '<option value="relevance" selected>' in relevant
    first = re.findall('class="place"><bdi>(.*?)</bdi>', relevant)[0]
    assert first == " ".join(["<mark>walk</mark>"] * 3)
    following = re.search(r'href="/research(/threads\?[^"]+)" rel="next"', relevant)
    assert following is not None
    second = (await owner.get(following[1].replace("&amp;", "&"))).text
    assert second.count("data-row") == 5
    assert "25 messages found" in shown(second)


async def test_a_coder_sees_no_thread_yet(stranger: Browser, record: Record) -> None:
    """Only what is assigned, which is nothing; and may not search."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    thread_id = await begin_thread(record, "Whales sleep")
    page = await stranger.get("/threads")
    assert thread_id not in page.text
    assert "No thread is assigned to you yet." in page.text
    assert (await stranger.get("/threads?q=whales")).status_code == 403
    assert await actions(record) == []


async def test_a_coder_sees_what_is_assigned_whatever_is_asked_for(stranger: Browser, record: Record) -> None:
    """No filter and no address shows more; what ended is gone from the list."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    coder = await record.researchers.find("Cora")
    assert coder is not None
    mine, other = await begin_thread(record, "Whales sleep"), await begin_thread(record, "Dogs bark")
    await record.coding_tasks.given.give([mine], coder.researcher_id, ADA)
    await record.coding_tasks.given.give([other], BOB, ADA)
    for query in ("", "?assigned=", f"?assigned={BOB}", f"?assigned_to={BOB}", "?sort=old&deleted=no"):
        page = (await stranger.get(f"/threads{query}")).text
        assert mine in page
        assert other not in page
        assert "Dogs" not in page
    await record.coding_tasks.given.end([mine], coder.researcher_id)
    assert mine not in (await stranger.get("/threads")).text
