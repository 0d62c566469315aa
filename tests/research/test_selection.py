"""Next and previous on a thread's page: of the list that led to it."""

import html
import re

import pytest

from data_layer.record import Record
from data_layer.review.search import PAGE
from study.roles import ResearcherRole
from tests.data_layer.rows import begin_thread, message
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


def beside(page: str, rel: str) -> str | None:
    """The address that a page gives for the next or the previous."""
    found = re.search(rf'rel="{rel}" href="/research([^"]+)"', page)
    return html.unescape(found[1]) if found else None


async def test_the_table_is_walked_both_ways(owner: Browser, record: Record) -> None:
    """The link of a row leads on to the last one and back, with the filter, and back to the same list."""
    threads = [await begin_thread(record, f"Talk {n}") for n in range(3)]
    table = (await owner.get("/threads?sort=old&deleted=no")).text
    here = html.unescape(re.findall(r'href="/research(/threads/[0-9a-f-]{36}[^"]*)"', table)[0])
    seen: list[str] = []
    while here:
        seen.append(here.partition("?")[0].rpartition("/")[2])
        last, page = here, (await owner.get(here)).text
        here = beside(page, "next") or ""
    assert seen == threads
    assert 'href="/research/threads?deleted=no&amp;sort=old"' in page
    previous = beside(page, "prev")
    assert previous is not None
    assert previous.startswith(f"/threads/{threads[1]}?")
    assert last.endswith(previous.partition("?")[2])


async def test_an_address_of_its_own_has_no_list(owner: Browser, record: Record) -> None:
    """A permalink opens the thread, and promises no next one."""
    await begin_thread(record)
    page = (await owner.get(f"/threads/{await begin_thread(record)}")).text
    assert beside(page, "next") is beside(page, "prev") is None


@pytest.mark.parametrize("sort", ["", "&sort=relevance"])
async def test_what_a_search_found_is_walked_over_its_pages(
    owner: Browser, record: Record, sort: str
) -> None:
    """From hit to hit, in the order of the list; the log has what was searched for."""
    thread_id = await begin_thread(record, "Whales first")
    for number in range(PAGE + 1):
        await record.writer.submit(message(record, thread_id, f"Whales number {number}"))
    table = (await owner.get(f"/threads?q=whales{sort}")).text
    here = html.unescape(re.findall(r'href="/research(/threads/[0-9a-f-]{36}[^"]*)"', table)[0])
    seen = set()
    while here:
        seen.add(here.partition("#")[2])
        here = beside((await owner.get(here.partition("#")[0])).text, "next") or ""
    assert len(seen) == PAGE + 2
    (line, *_) = await record.audit.newest()
    assert (line["action"], line["details"]) == ("thread_read", {"q": "whales"})


@pytest.mark.parametrize("query", ["since=never", "sort=%3Cx%3E&cursor=%00", "q=%22", "q=whales&at=%27"])
async def test_an_address_that_was_written_by_hand_breaks_nothing(
    owner: Browser, record: Record, query: str
) -> None:
    """The thread is shown; what cannot be read leads nowhere."""
    assert (await owner.get(f"/threads/{await begin_thread(record)}?{query}")).status_code == 200


async def test_a_coder_walks_among_their_own(stranger: Browser, record: Record) -> None:
    """What is not assigned to them is neither before nor after."""
    threads = [await begin_thread(record, f"Talk {n}") for n in range(4)]
    await record.researchers.add("Olga", ResearcherRole.OWNER)
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    cora = await record.researchers.find("Cora")
    assert cora is not None
    await record.coding_tasks.given.give([threads[0], threads[2]], cora.researcher_id, cora.researcher_id)
    await stranger.sign_in("Cora", PASSWORD)
    page = (await stranger.get(f"/threads/{threads[0]}?sort=old")).text
    following = beside(page, "next") or ""
    assert following.startswith(f"/threads/{threads[2]}?")
    assert beside((await stranger.get(following)).text, "next") is None
