"""What stands beside a thread in the table, on both databases."""

from typing import Any

import pytest

from data_layer.conversations.threads import thread_row
from data_layer.record import Record
from data_layer.review.filters import ThreadFilter
from data_layer.review.neighbours import neighbours
from data_layer.review.threads import Sort, list_threads
from data_layer.writing.writes import DeleteThread
from tests.data_layer.rows import ADA, BOB, begin_thread, message, new_id


async def walked(record: Record, sort: Sort, **filter: Any) -> list[str]:
    """From the first thread of a list to the last, by what comes next."""
    chosen = ThreadFilter(**filter)
    page = await list_threads(record.database, chosen, sort=sort)
    seen, here = [], page.threads[0]["thread_id"] if page.threads else None
    before = None
    while here is not None:
        seen.append(here)
        row = await thread_row(record.database, here)
        assert row is not None
        beside = await neighbours(record.database, chosen, sort, row)
        assert beside.previous == before
        before, here = here, beside.next
    assert seen == [row["thread_id"] for row in page.threads]
    return seen


@pytest.mark.parametrize("sort", list(Sort))
async def test_next_and_previous_are_those_of_the_table(record: Record, sort: Sort) -> None:
    """In every order, where keys are equal as well; at its ends there is nothing."""
    for number in range(4):
        thread_id = await begin_thread(record)
        for _ in range(number // 2):
            await record.writer.submit(message(record, thread_id, "More"))
    assert len(await walked(record, sort)) == 4


async def test_a_filter_holds_for_what_is_beside(record: Record) -> None:
    """Also when the thread itself is left out by now."""
    first, gone, last = [await begin_thread(record) for _ in range(3)]
    await begin_thread(record, owner=BOB)
    await record.writer.submit(DeleteThread(gone, record.now(), ADA))
    assert await walked(record, Sort.OLD, participant=ADA, deleted=False) == [first, last]
    row = await thread_row(record.database, gone)
    assert row is not None
    beside = await neighbours(record.database, ThreadFilter(deleted=False), Sort.OLD, row)
    assert (beside.previous, beside.next) == (first, last)


async def test_what_is_assigned_to_nobody_has_no_neighbour(record: Record) -> None:
    """A coder walks among their own threads alone."""
    row = await thread_row(record.database, await begin_thread(record))
    assert row is not None
    beside = await neighbours(record.database, ThreadFilter(assigned_to=new_id()), Sort.ACTIVE, row)
    assert (beside.previous, beside.next) == (None, None)
