"""Who has coded what, in the room: a coder says that a conversation is done; others see how far they are."""

import re

import pytest

from data_layer.people.researchers import Researcher
from data_layer.record import Record
from study.roles import ResearcherRole
from study.vocabulary import CodeColour
from tests.data_layer.rows import begin_thread, message, new_id, one
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


@pytest.fixture
async def cora(record: Record, stranger: Browser) -> Researcher:
    """A coder, who is in."""
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    found = await record.researchers.find("Cora")
    assert found is not None
    return found


async def given(record: Record, who: Researcher, count: int = 1) -> list[str]:
    """Threads that are somebody's to code."""
    threads = [await begin_thread(record, f"Talk {number}") for number in range(count)]
    for thread_id in threads:
        await record.coding_tasks.given.give([thread_id], who.researcher_id, new_id())
    return threads


async def actions(record: Record) -> list[tuple[str, str | None]]:
    """What the log has of coding, the last first."""
    lines = await record.audit.newest()
    return [(line["action"], line["target"]) for line in lines if line["action"].startswith("coding_")]


async def test_done_and_not_done_after_all(stranger: Browser, record: Record, cora: Researcher) -> None:
    """By a form of the page, each with a line in the log; the page says how it stands, and what is next."""
    first, second = await given(record, cora, 2)
    page = (await stranger.get(f"/threads/{first}")).text
    assert "I have coded this conversation" in page
    assert "0 of 2 done" in page
    answer = await stranger.post(f"/threads/{first}/annotations/done")
    assert answer.headers["location"] == f"/research/threads/{first}#task"
    page = (await stranger.get(f"/threads/{first}")).text
    assert "You said that you have coded this conversation" in page
    assert "1 of 2 done" in page
    assert f'href="/research/coding/next?after={first}"' in page
    assert (await stranger.get(f"/coding/next?after={first}")).headers["location"].endswith(second)
    told = (await stranger.post(f"/threads/{first}/annotations/not-done", script="yes")).json()
    assert (told["said"], told["undo"]) == ("It is open again.", ["done", []])
    assert "I have coded this conversation" in told["parts"]["task"]
    assert "0 of 2 done" in told["parts"]["task-line"]
    assert await actions(record) == [("coding_reopened", first), ("coding_finished", first)]


async def test_only_whose_it_is_says_so(owner: Browser, record: Record) -> None:
    """An owner reads every thread, and finishes none that is not theirs; the page does not offer it."""
    await record.researchers.add("Cora", ResearcherRole.CODER)
    cora = await record.researchers.find("Cora")
    assert cora is not None
    (thread_id,) = await given(record, cora)
    assert "I have coded this" not in (await owner.get(f"/threads/{thread_id}")).text
    answer = await owner.post(f"/threads/{thread_id}/annotations/done")
    assert answer.status_code == 403
    assert "not yours to code" in answer.text
    told = await owner.post(f"/threads/{thread_id}/annotations/done", script="yes")
    assert "not yours to code" in told.json()["problem"]
    assert (await one(record, "coding_assignments"))["finished_at"] is None
    assert await actions(record) == []


async def test_what_came_since_is_said(
    stranger: Browser, record: Record, cora: Researcher, clock: HandClock
) -> None:
    """How many messages, and which codes; said again, it is done again."""
    (thread_id,) = await given(record, cora)
    await stranger.post(f"/threads/{thread_id}/annotations/done")
    clock.forward(60)
    await record.writer.submit(message(record, thread_id, "One more thing"))
    await record.codebook.add("Trust <i>", "", CodeColour.BLUE, new_id(), "Olga")
    page = (await stranger.get(f"/threads/{thread_id}")).text
    assert (
        "Since then 1 message has come, and the codebook has 1 new code: “<bdi>Trust &lt;i&gt;</bdi>”."
        in page
    )
    assert "1 changed since" in (await stranger.get("/threads")).text
    await stranger.post(f"/threads/{thread_id}/annotations/done")
    assert "Since then" not in (await stranger.get(f"/threads/{thread_id}")).text


async def test_done_is_said_of_what_the_page_has(
    stranger: Browser, record: Record, cora: Researcher, clock: HandClock
) -> None:
    """What came while somebody read, or in another tab, is not coded unread; the page loaded anew says it."""
    (thread_id,) = await given(record, cora)
    place = f"/threads/{thread_id}"

    async def seen() -> str:
        found = re.findall(r'name="seen" value="([^"]+)"', (await stranger.get(place)).text)
        assert len(set(found)) == 1
        return str(found[0])

    old = await seen()
    clock.forward(60)
    await record.writer.submit(message(record, thread_id, "One more thing"))
    for script in ({"script": "yes"}, {}):
        answer = await stranger.post(f"{place}/annotations/done", seen=old, **script)
        assert (answer.status_code, "has changed since your page was loaded" in answer.text) == (409, True)
    assert await actions(record) == []
    new = await seen()
    assert (await stranger.post(f"{place}/annotations/done", seen=new)).status_code == 303
    clock.forward(60)
    await record.writer.submit(message(record, thread_id, "And another"))
    told = (await stranger.post(f"{place}/annotations/not-done", script="yes", seen=new)).json()
    assert f'value="{new}"' in told["parts"]["task"]
    answer = await stranger.post(f"{place}/annotations/done", script="yes", seen=new)
    assert answer.status_code == 409


async def test_the_list_says_what_is_done_and_open(
    stranger: Browser, record: Record, cora: Researcher
) -> None:
    """Of each, and of all; the filter leaves the open ones, and the next is one link away."""
    done, *others = await given(record, cora, 3)
    await record.coding_tasks.finish(done, cora.researcher_id)
    page = (await stranger.get("/threads")).text
    assert re.findall(r'class="state[^>]*>(\w+)', page) == ["open", "open", "done"]
    assert "1 of 3 done" in page
    page = (await stranger.get("/threads?coded=open")).text
    assert set(re.findall(r"/research/threads/([0-9a-f-]{36})", page)) == set(others)
    assert (await stranger.get("/coding/next")).headers["location"] == f"/research/threads/{others[0]}"
    for thread_id in others:
        await record.coding_tasks.finish(thread_id, cora.researcher_id)
    assert (await stranger.get("/coding/next")).headers["location"] == "/research/threads"
    assert "data-next-open" not in (await stranger.get("/threads")).text


async def test_who_assigns_sees_everybodys_progress(owner: Browser, record: Record) -> None:
    """A line for each coder, with links to what they have open; in the table of threads by their names."""
    assert "Nobody has anything to code yet." in (await owner.get("/coding")).text
    await record.researchers.add("Cora <i>", ResearcherRole.CODER)
    cora = await record.researchers.find("Cora <i>")
    assert cora is not None
    done, _ = await given(record, cora, 2)
    await record.coding_tasks.finish(done, cora.researcher_id)
    page = (await owner.get("/coding")).text
    assert "Cora &lt;i&gt;" in page
    assert "1 of 2 done" in page
    assert f"/research/threads?assigned={cora.researcher_id}&amp;coded=open" in page
    assert re.search(
        r'Cora &lt;i&gt;</bdi>\s*<span class="state coded">done', (await owner.get("/threads")).text
    )
