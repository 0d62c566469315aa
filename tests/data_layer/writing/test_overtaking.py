"""Writes that overtake each other on their way, within a transaction and across: the last call stands."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.writes import PutStep
from tests.data_layer.rows import begin_thread, new_id, one, reply

TEXTS = ("A", "A B", "A B C")


def put_of(thread_id: str, step_id: str, record: Record, **columns: Any) -> PutStep:
    """What the app says of a reply at one moment."""
    row: Row = {"step_id": step_id, "thread_id": thread_id, "type": "assistant_message", "name": "Agent"}
    return PutStep(row | columns, record.now())


async def in_one_batch(record: Record, *writes: tuple[int, PutStep]) -> None:
    """Queue the writes, each with its order, before the writer wakes: one transaction takes them all."""
    await asyncio.gather(*(record.writer.submit(write, orders=[order]) for order, write in writes))


@pytest.mark.parametrize("places", list(itertools.permutations(range(3))))
async def test_an_older_write_in_the_same_batch_changes_nothing(
    record: Record, places: tuple[int, ...]
) -> None:
    """Whatever comes first in a transaction, the state that was called for last is what it commits."""
    thread_id = await begin_thread(record)
    create = reply(record, thread_id, TEXTS[0], status="streaming")
    await record.writer.submit(create)
    orders = [record.take_order() for _ in TEXTS]
    puts = [
        put_of(thread_id, create.row["step_id"], record, output=text, status=status)
        for text, status in zip(TEXTS, ("streaming", "streaming", "complete"), strict=True)
    ]
    await in_one_batch(record, *((orders[place], puts[place]) for place in places))
    step = await one(record, "steps", step_id=create.row["step_id"])
    assert (step["output"], step["status"]) == ("A B C", "complete")


async def test_a_write_that_repeats_what_stands_is_newer_all_the_same(record: Record) -> None:
    """Called for: A, B, A. The second A changes no word; B, which arrives after it, is the older one."""
    thread_id = await begin_thread(record)
    first, second, third = (record.take_order() for _ in range(3))
    step_id = new_id()
    for order, text in ((first, "A"), (third, "A"), (second, "B")):
        await record.writer.submit(put_of(thread_id, step_id, record, output=text), orders=[order])
    assert (await one(record, "steps", step_id=step_id))["output"] == "A"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), texts=st.lists(st.sampled_from("ABC"), min_size=2, max_size=6))
async def test_the_last_call_stands_however_they_arrive(
    record: Record, data: st.DataObject, texts: list[str]
) -> None:
    """In any order of arrival, cut into any transactions."""
    arrival = data.draw(st.permutations(range(len(texts))))
    cuts = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    thread_id, step_id = await begin_thread(record), new_id()
    orders = [record.take_order() for _ in texts]
    batch: list[tuple[int, PutStep]] = []
    for place, cut in zip(arrival, cuts, strict=True):
        batch.append((orders[place], put_of(thread_id, step_id, record, output=texts[place])))
        if cut:
            await in_one_batch(record, *batch)
            batch = []
    await in_one_batch(record, *batch)
    assert (await one(record, "steps", step_id=step_id))["output"] == texts[-1]
