"""Chainlit's writes of steps, in the ways and orders in which it makes them (CHAINLIT.md section 1)."""

import asyncio
import contextvars
from pathlib import Path
from typing import Any

from chainlit.data.base import BaseDataLayer
from chainlit.types import Pagination
from structlog.testing import capture_logs

from data_layer.chainlit.layer import ChainlitLayer
from data_layer.database.engine import open_database
from data_layer.record import Record
from tests.data_layer.rows import (
    ADA,
    BOB,
    Requests,
    begin_thread,
    chainlit_step,
    count,
    new_id,
    one,
    rows,
)
from tests.pages import FakePage, forget_pages, leave_pages

PAGE = Pagination(first=35, cursor=None)


def test_it_is_all_that_chainlit_asks_for() -> None:
    """No abstract method is left open."""
    assert issubclass(ChainlitLayer, BaseDataLayer)
    assert not ChainlitLayer.__abstractmethods__


async def test_a_turn_of_chainlits_own_is_kept(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """User message, run, assistant message, run again: the four writes of a turn, none awaited."""
    page.enter()
    page.session.has_first_interaction = True
    asked = chainlit_step(page.thread_id, type="user_message", output="Why?", name="User")
    run = chainlit_step(
        page.thread_id, type="run", name="on_message", parentId=asked["id"], input="Why?", end=None
    )
    answer = chainlit_step(page.thread_id, output="Because.", parentId=run["id"])
    tasks = [
        asyncio.create_task(layer.create_step(asked)),
        asyncio.create_task(layer.create_step(run)),
        asyncio.create_task(layer.create_step(answer)),
        asyncio.create_task(layer.update_step(run | {"end": "2026-11-21T12:00:01.000Z", "output": "Why?"})),
    ]
    await asyncio.gather(*tasks)
    assert [row["output"] for row in await rows(record, "steps")] == ["Why?", "Because."]
    kept = await one(record, "runs")
    assert (kept["run_id"], kept["message_id"], kept["status"]) == (run["id"], asked["id"], "complete")
    assert kept["ended_at"] is not None


async def test_the_order_is_that_of_the_calls(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """Tasks start in the order in which they were made; whichever is served first, the last call stands."""
    page.enter()
    page.session.has_first_interaction = True
    put = chainlit_step(page.thread_id, output="A")
    calls = [layer.update_step(put | {"output": words}) for words in ("A B", "A B C", "A B C D")]
    await asyncio.gather(*(asyncio.create_task(call) for call in [layer.create_step(put), *calls]))
    assert (await one(record, "steps"))["output"] == "A B C D"


async def test_the_order_is_taken_before_anything_is_awaited(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """One step of the loop is enough: the write has its number and its place in the queue."""
    page.enter()
    page.session.has_first_interaction = True
    put = chainlit_step(page.thread_id, output="Old")
    create = asyncio.create_task(layer.create_step(put))
    await asyncio.sleep(0)
    newer = record.take_order()
    await create
    kept = await one(record, "steps")
    assert kept["seq"] < newer


async def test_an_update_that_overtakes_its_create_ends_right(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Upstream lost content that way."""
    page.enter()
    page.session.has_first_interaction = True
    put = chainlit_step(page.thread_id, output="")
    await layer.update_step(put | {"output": "All of it"})
    await layer.create_step(put)
    assert (await one(record, "steps"))["output"] == "All of it"


async def test_a_visitor_who_never_writes_leaves_no_rows(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Greeting, its run, an edit of it, an element, the metadata of the disconnect: nothing is kept."""
    page.enter()
    greeting = chainlit_step(page.thread_id, output="Welcome")
    await layer.create_step(chainlit_step(page.thread_id, type="run", name="on_chat_start"))
    await layer.create_step(greeting)
    await layer.update_step(greeting | {"output": "Welcome!"})
    await layer.update_thread(page.thread_id, metadata={"chat_profile": "Agent"})
    await record.writer.flush()
    assert [await count(record, table) for table in ("threads", "steps", "runs", "elements")] == [0, 0, 0, 0]


async def test_a_greeting_waits_and_then_stands_first(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """It is held back until the first message, and stands before the message that let it go."""
    page.enter()
    greeting = chainlit_step(page.thread_id, output="Welcome")
    await layer.create_step(greeting)
    asked = chainlit_step(page.thread_id, type="user_message", output="Hi")
    page.session.has_first_interaction = True
    await layer.create_step(asked)
    await layer.update_thread(page.thread_id, name="Hi", user_id=ADA)
    await page.speak()
    kept = await rows(record, "steps")
    assert [(row["output"], row["turn"]) for row in kept] == [("Welcome", None), ("Hi", 1)]
    assert kept[0]["seq"] < kept[1]["seq"]


async def test_a_greetings_run_stands_before_the_greeting(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """The page drops a step that comes before its parent."""
    page.enter()
    run = chainlit_step(page.thread_id, type="run", name="on_chat_start", end=None)
    await layer.create_step(run)
    await layer.create_step(chainlit_step(page.thread_id, output="Welcome", parentId=run["id"]))
    await layer.create_step(chainlit_step(page.thread_id, type="user_message", output="Hi"))
    await page.speak()
    thread: Any = await layer.get_thread(page.thread_id)
    assert thread["steps"][0]["id"] == run["id"]


async def test_a_greeting_that_was_removed_again_is_not_shown(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """The queue lets go all creates before all deletes; the delete still wins."""
    page.enter()
    greeting = chainlit_step(page.thread_id, output="Welcome")
    await layer.create_step(greeting)
    await layer.delete_step(greeting["id"])
    await page.speak()
    assert (await one(record, "steps"))["deleted_at"] is not None


async def test_a_foreign_thread_takes_nothing(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """A step for another participant's thread is refused, and the call does not raise."""
    thread_id = await begin_thread(record, owner=BOB)
    page.enter()
    page.session.has_first_interaction = True
    with capture_logs() as logs:
        await layer.create_step(chainlit_step(thread_id, type="user_message", output="Let me in"))
    assert await count(record, "steps") == 1
    assert record.writer.health.refused == 1
    assert "Let me in" not in str(logs)
    assert [entry["log_level"] for entry in logs] == ["warning"]


async def test_a_foreign_step_is_not_deleted(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """Nobody's delete reaches another's thread."""
    await begin_thread(record, owner=BOB)
    page.enter()
    page.session.has_first_interaction = True
    await layer.delete_step((await one(record, "steps"))["step_id"])
    assert (await one(record, "steps"))["deleted_at"] is None


async def test_a_run_that_chainlit_sends_twice_is_one(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Create and update of a run in either order end as one row with its end."""
    page.enter()
    page.session.has_first_interaction = True
    run = chainlit_step(page.thread_id, type="run", name="on_message", parentId=new_id())
    await layer.update_step(run | {"end": "2026-11-21T12:00:03.000Z"})
    await layer.create_step(run | {"end": None})
    assert (await one(record, "runs"))["status"] == "complete"


async def test_a_broken_engine_raises_nothing_and_is_counted(
    record: Record, requests: Requests, tmp_path: Path
) -> None:
    """Chainlit must go on when every write fails; the log and the counters say so."""
    leave_pages()
    broken = Record(
        open_database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/x.db"), tmp_path / "j", record.defaults
    )
    layer = ChainlitLayer(broken, requests)
    page = FakePage(ADA)
    page.enter()
    page.session.has_first_interaction = True
    with capture_logs() as logs:
        await layer.create_step(chainlit_step(page.thread_id, type="user_message", output="Keep me"))
        await layer.update_thread(page.thread_id, name="Keep me", user_id=ADA)
        await layer.delete_step(new_id())
        await layer.update_thread(page.thread_id, metadata={"a": 1})
        await layer.delete_thread(page.thread_id)
    assert broken.writer.health.away
    assert broken.writer.health.journaled == 5
    assert "Keep me" not in str(logs)
    await broken.close()
    forget_pages()


async def test_a_step_that_makes_no_sense_raises_nothing(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """A row without an id, of a type that does not exist, with text where a time should be."""
    page.enter()
    page.session.has_first_interaction = True
    for fields in (
        {"id": None},
        {"type": "x" * 100},
        {"createdAt": "yesterday"},
        {"metadata": {"a": object()}},
    ):
        await layer.create_step(chainlit_step(page.thread_id, output="Hm", **fields))
    await layer.create_step(chainlit_step(page.thread_id, output="Good"))
    assert "Good" in [row["output"] for row in await rows(record, "steps")]


async def test_without_a_page_a_write_raises_nothing(layer: ChainlitLayer, record: Record) -> None:
    """Chainlit has no context outside its callbacks: what the app writes there is kept as its own."""
    thread_id = await begin_thread(record)
    await contextvars.copy_context().run(layer.create_step, chainlit_step(thread_id, output="From the app"))
    assert "From the app" in [row["output"] for row in await rows(record, "steps")]


async def test_nothing_is_lost_between_a_call_and_its_commit(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """A task that Chainlit cancels has taken its place already."""
    page.enter()
    page.session.has_first_interaction = True
    task = asyncio.create_task(layer.create_step(chainlit_step(page.thread_id, output="Kept")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await record.writer.flush()
    assert (await one(record, "steps"))["output"] == "Kept"


async def test_favourites_and_debug_links_are_not_offered(layer: ChainlitLayer) -> None:
    """Chainlit asks all the same."""
    assert await layer.get_favorite_steps(ADA) == []
    assert await layer.build_debug_url() == ""


async def test_closing_keeps_what_was_called_for(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """What waits in the queue at shutdown is committed first."""
    page.enter()
    page.session.has_first_interaction = True
    task = asyncio.create_task(layer.create_step(chainlit_step(page.thread_id, output="Last words")))
    await asyncio.sleep(0)
    await layer.close()
    await task
    assert (await one(record, "steps"))["output"] == "Last words"
