"""A thread with all that ever stood in it; on both databases."""

from data_layer.database.engine import Database
from data_layer.review.thread import read_call, read_element, read_whole
from tests.exports.seed import id_of
from tests.exports.story import story


async def test_nothing_is_left_out(database: Database, database_url: str) -> None:
    """What has left the screen, every change of mind, what failed, and the pages that showed it."""
    seed = story()
    seed.write(database_url)
    thread = id_of("Ada's thread")
    whole = await read_whole(database, thread)
    assert whole is not None
    parts = {
        "steps": whole.steps,
        "runs": whole.runs,
        "llm_calls": whole.calls,
        "ratings": whole.ratings,
        "elements": whole.elements,
        "events": whole.events,
        "connections": whole.connections,
    }
    kept = {name: sum(row.get("thread_id") == thread for row in seed.rows[name]) for name in parts}
    assert {name: len(rows) for name, rows in parts.items()} == kept
    assert [step["seq"] for step in whole.steps] == sorted(step["seq"] for step in whole.steps)


async def test_a_deleted_thread_is_read_as_well(database: Database, database_url: str) -> None:
    """With who deleted it, and when."""
    story().write(database_url)
    whole = await read_whole(database, id_of("Bob's deleted thread"))
    assert whole is not None
    assert whole.thread["deleted_by"] == id_of("Bob")


async def test_what_is_not_there_is_none(database: Database) -> None:
    """Nor is what cannot be an id."""
    for name in (id_of("nothing"), "' OR 1=1 --", "", "0" * 36):
        assert await read_whole(database, name) is None
        assert await read_call(database, name) is None
        assert await read_element(database, name) is None


async def test_a_call_comes_with_its_prompt(database: Database, database_url: str) -> None:
    """The exact messages, as they were sent."""
    seed = story()
    seed.write(database_url)
    call = await read_call(database, id_of("first call"))
    assert call is not None
    (prompt,) = [row for row in seed.rows["prompts"] if row["prompt_hash"] == call["prompt_hash"]]
    assert call["prompt"] == prompt["messages"]
