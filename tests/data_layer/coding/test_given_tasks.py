"""Which threads a coder reads, on both databases."""

import pytest

from data_layer.record import Record
from data_layer.review.filters import ThreadFilter
from data_layer.review.threads import list_threads
from tests.data_layer.rows import begin_thread, new_id, rows

CORA, CARL, OLGA = new_id(), new_id(), new_id()


async def theirs(record: Record, researcher_id: str) -> set[str]:
    """The threads that the table shows to somebody who codes."""
    page = await list_threads(record.database, ThreadFilter(assigned_to=researcher_id))
    return {row["thread_id"] for row in page.threads}


async def test_a_thread_is_its_coders_until_it_ends(record: Record) -> None:
    """And nobody else's; what ended stays as a row."""
    one, other = await begin_thread(record), await begin_thread(record)
    assert len(await record.coding_tasks.given.give([one], CORA, OLGA)) == 1
    assert await record.coding_tasks.given.has(one, CORA)
    assert not await record.coding_tasks.given.has(other, CORA)
    assert not await record.coding_tasks.given.has(one, CARL)
    assert await theirs(record, CORA) == {one}
    assert len(await record.coding_tasks.given.end([one, other], CORA)) == 1
    assert not await record.coding_tasks.given.has(one, CORA)
    assert await theirs(record, CORA) == set()
    (row,) = await rows(record, "coding_assignments")
    assert (row["thread_id"], row["researcher_id"], row["assigned_by"]) == (one, CORA, OLGA)
    assert row["ended_at"] is not None


async def test_what_somebody_has_is_not_given_twice(record: Record) -> None:
    """Neither by two calls nor by one that names it twice; two people may have the same."""
    thread_id = await begin_thread(record)
    await record.coding_tasks.given.give([thread_id, thread_id], CORA, OLGA)
    assert await record.coding_tasks.given.give([thread_id], CORA, OLGA) == []
    await record.coding_tasks.given.give([thread_id], CARL, OLGA)
    tasks = (await record.coding_tasks.of([thread_id]))[thread_id]
    assert {task.researcher_id for task in tasks} == {CORA, CARL}


async def test_giving_and_ending_are_undone(record: Record) -> None:
    """Only what was done at that moment: what was given before or since stays as it is."""
    first, second, third, fourth = [await begin_thread(record) for _ in range(4)]
    await record.coding_tasks.given.give([first], CORA, OLGA)
    given = await record.coding_tasks.given.give([first, second, third], CORA, OLGA)
    await record.coding_tasks.given.give([fourth], CORA, OLGA)
    assert await record.coding_tasks.given.take_back(given[0], CORA) == []
    assert set(await record.coding_tasks.given.take_back(given[0], OLGA)) == {second, third}
    assert await record.coding_tasks.given.take_back(given[0], OLGA) == []
    assert await theirs(record, CORA) == {first, fourth}
    ended = await record.coding_tasks.given.end([first, fourth], CORA)
    assert set(await record.coding_tasks.given.give_back(ended[1], OLGA)) == {first, fourth}
    assert await theirs(record, CORA) == {first, fourth}
    assert await record.coding_tasks.given.give_back(new_id(), OLGA) == []


@pytest.mark.parametrize("count", [0, 1201])
async def test_any_number_at_once(record: Record, count: int) -> None:
    """In portions, all with the same moment."""
    ids = [new_id() for _ in range(count)]
    assert len(await record.coding_tasks.given.give(ids, CORA, OLGA)) == count
    assert len({row["created_at"] for row in await rows(record, "coding_assignments")}) == min(count, 1)
    assert len(await record.coding_tasks.given.end(ids, CORA)) == count
