"""Intents in the researchers' room: the table, its filter, a thread's story, Live and the overview."""

import html
import re

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.writes import PutStep
from research.overview.plots import plots
from tests.data_layer.review.test_live import arrive
from tests.data_layer.rows import ADA, BOB, begin_thread, new_id, rows
from tests.research.browser import Browser
from tests.research.test_overview import found
from tests.research.test_threads import shown

SECRET = "zebra"


async def want(record: Record, title: str, *moves: str, owner: str = ADA) -> str:
    """A thread in which something was wanted, and what became of it; its one message is of it.

    Returns:
        The thread.
    """
    thread_id = await begin_thread(record, "Hello", owner)
    message = (await rows(record, "steps", thread_id=thread_id))[0]["step_id"]
    intent_id, begins = new_id(), {"agent": "Agent", "name": "order", "title": title}
    now = record.now()
    await record.writer.submit(
        MoveIntent(thread_id, intent_id, "began", "agent", now, message_id=message, begins=begins),
        PutStep({"step_id": message, "thread_id": thread_id, "intent_id": intent_id}, now),
        MoveIntent(thread_id, intent_id, "updated", "agent", now, parameters={SECRET: SECRET}),
        *(MoveIntent(thread_id, intent_id, move, "idle", record.now()) for move in moves),
    )
    return thread_id


async def test_the_table_says_what_was_wanted(owner: Browser, record: Record) -> None:
    """The last intent of each thread and how it stands, as text; a table without any has no such column."""
    await begin_thread(record, "Only talk", BOB)
    assert 'data-name="Intent"' not in (await owner.get("/threads")).text
    await want(record, "<b>Order</b> a drink", "completed")
    page = (await owner.get("/threads")).text
    assert "&lt;b&gt;Order&lt;/b&gt; a drink" in page
    assert "<b>Order" not in page
    assert 'data-name="Intent"' in page


@pytest.mark.parametrize("state", ["active", "completed", "abandoned", "none"])
async def test_threads_are_chosen_by_their_intents(owner: Browser, record: Record, state: str) -> None:
    """By how one of them stands, or because they have none."""
    threads = {
        "active": await want(record, "One"),
        "completed": await want(record, "Two", "completed"),
        "abandoned": await want(record, "Three", "abandoned"),
        "none": await begin_thread(record, "Only talk"),
    }
    page = (await owner.get(f"/threads?intent={state}")).text
    assert [name for name, thread_id in threads.items() if f"/threads/{thread_id}" in page] == [state]
    assert "Filters (1)" in page


async def test_a_threads_story_tells_what_became_of_it(owner: Browser, record: Record) -> None:
    """When it began and how it ended, on the time line too; of its parameters nothing."""
    thread_id = await want(record, "Order a <drink>", "abandoned", "continued", "completed")
    page = (await owner.get(f"/threads/{thread_id}")).text
    told = [
        "An intent began",
        "An intent was abandoned",
        "An intent was taken up again",
        "An intent was completed",
    ]
    places = [page.rindex(words) for words in told]
    assert places == sorted(places)
    assert "Order a &lt;drink&gt;" in page
    assert "Order a <drink>" not in page
    assert all(page.count(words) > 1 for words in told)


async def test_live_says_what_is_under_way(owner: Browser, record: Record) -> None:
    """At the conversation that it is of, and no more when it has ended."""
    arrive(record, await want(record, "Order a drink"))
    arrive(record, await want(record, "Ask for the hours", "completed", owner=BOB), BOB, "s2")
    await record.writer.flush()
    page = shown((await owner.get("/live")).text)
    assert "under way: Order a drink" in page
    assert "Ask for the hours" not in page


async def test_the_overview_counts_them(owner: Browser, record: Record) -> None:
    """Completed, abandoned and under way, with turns and time each."""
    person = (await record.enter("Ada", "ada")).participant_id
    for moves in (["completed"], ["completed"], ["abandoned"], []):
        await want(record, "Order a drink", *moves, owner=person)
    page = html.unescape((await owner.get("/")).text)
    assert "2 of 4 intents were completed, 1 abandoned." in page
    table = page[page.index("2 of 4 intents") :]
    cells = re.findall(r"<td[^>]*>(?:<bdi>)?([^<]*)", table)[:15]
    assert cells[:4] == ["Order a drink", "abandoned", "1", "1.0"]
    assert cells[5:9] == ["Order a drink", "completed", "2", "1.0"]
    assert cells[10:15] == ["Order a drink", "under way", "1", "1.0", "–"]


def test_the_plot_shows_its_own_table() -> None:
    """Each value that is drawn stands in the table behind it; turns and time are means."""
    day: Row = {"day": "2026-11-25", "title": "Order", "state": "completed", "simulated": 0}
    some = found(
        intents=[
            day | {"intents": 1, "turns": 2, "seconds": 60.0},
            day | {"day": "2026-11-26", "intents": 1, "turns": 5, "seconds": 180.0},
            day | {"state": "active", "intents": 3, "turns": 3, "seconds": 0},
        ]
    )
    [plot] = plots(some, [])[-1:]
    assert plot.name == "intents"
    assert plot.spec["data"]["values"] == plot.rows
    completed, under_way = plot.rows
    assert (completed["intents"], completed["turns"], completed["time"]) == (2, "3.5", "2 minutes")
    assert (under_way["state"], under_way["turns"], under_way["time"]) == ("under way", "1.0", "–")


async def test_what_the_participant_saw_of_it_is_marked(owner: Browser, record: Record) -> None:
    """Where it began and ended stands in the view as seen; that it was taken up again does not."""
    thread_id = await want(record, "Order", "abandoned", "continued", "completed")
    page = (await owner.get(f"/threads/{thread_id}")).text
    for move, seen in (("began", True), ("abandoned", True), ("continued", False), ("completed", True)):
        assert (f'class="happened intent_{move} seen"' in page) is seen
