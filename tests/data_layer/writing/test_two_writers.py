"""Two processes write to one thread at the same time: what each has written stays, in one order."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import PutThread, RenameThread, TagThread
from tests.data_layer.rows import ADA, begin_thread, message, new_id, one, rows

MANY = 12


@pytest.fixture(params=[None, 3], ids=["any number of threads", "three active threads"])
async def pair(
    postgres_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[list[Record]]:
    """Two on one database, as two processes are; their batches really run beside each other."""
    defaults = ThreadDefaults("test", "1", "", active_threads=request.param)
    both = [Record(open_database(postgres_url), tmp_path / name, defaults) for name in "ab"]
    for record in both:
        await record.start()
    yield both
    for record in both:
        await record.close()


async def test_a_name_and_a_label_both_stay(pair: list[Record]) -> None:
    """A thread is written whole: one that was loaded before the other's commit would undo it."""
    first, second = pair
    thread_id = await begin_thread(first)
    for number in range(MANY):
        await asyncio.gather(
            first.writer.submit(RenameThread(thread_id, f"name {number}", first.now())),
            second.writer.submit(TagThread(thread_id, (f"label {number}",), second.now())),
        )
    thread = await one(first, "threads", thread_id=thread_id)
    assert (thread["title"], thread["tags"]) == (f"name {MANY - 1}", [f"label {MANY - 1}"])
    assert await rows(first, "events", type="thread_renamed", thread_id=thread_id) != []


async def test_messages_of_both_have_a_turn_each(pair: list[Record]) -> None:
    """None is counted twice, and the thread's own numbers are those of its messages."""
    thread_id = await begin_thread(pair[0], "the first")
    for _ in range(MANY):
        await asyncio.gather(*(record.writer.submit(message(record, thread_id, "more")) for record in pair))
    turns = sorted(row["turn"] for row in await rows(pair[0], "steps", thread_id=thread_id))
    assert turns == list(range(1, 2 * MANY + 2))
    assert (await one(pair[0], "threads", thread_id=thread_id))["message_count"] == 2 * MANY + 1


async def test_a_first_message_that_reaches_both_is_one(pair: list[Record]) -> None:
    """There is no thread yet that could be held: both learn of the same row, and one of them answers it."""
    for _ in range(MANY):
        thread_id, step_id = new_id(), new_id()
        kept = await asyncio.gather(
            *(
                record.writer.submit(
                    PutThread(thread_id, ADA, record.now(), "first"),
                    message(record, thread_id, "first", step_id=step_id),
                )
                for record in pair
            )
        )
        seqs = {outcome.step["seq"] for outcome in kept if outcome.step is not None}
        assert seqs == {(await one(pair[0], "steps", step_id=step_id))["seq"]}


async def test_threads_in_any_order_wait_for_nobody_for_ever(pair: list[Record]) -> None:
    """Batches that name the same threads the other way round: nobody is turned away, nothing waits aside."""
    threads = [await begin_thread(pair[0], owner=ADA) for _ in range(3)]
    for _ in range(MANY):
        await asyncio.gather(
            *(
                record.writer.submit(message(record, thread_id, "more", step_id=new_id()))
                for record, order in zip(pair, (threads, threads[::-1]), strict=True)
                for thread_id in order
            )
        )
    assert [record.writer.health.journaled for record in pair] == [0, 0]
    assert [(await one(pair[0], "threads", thread_id=one_of))["turn_count"] for one_of in threads] == [
        1 + 2 * MANY
    ] * 3


async def test_of_two_edits_at_once_both_wordings_are_kept(pair: list[Record]) -> None:
    """The one that was called for first and is written second is a revision, and does not stand."""
    first, second = pair
    thread_id = await begin_thread(first)
    said = message(first, thread_id, "the beginning")
    await first.writer.submit(said)
    step_id = said.row["step_id"]
    order = first.take_order()
    await second.writer.submit(message(second, thread_id, "the later", step_id=step_id, creates=False))
    older = message(first, thread_id, "the earlier", step_id=step_id, creates=False)
    outcome = await first.writer.submit(older, orders=[order])
    assert outcome.refused is None
    kept = await rows(first, "step_revisions", step_id=step_id)
    words = {row["revision"]: row["output"] for row in kept}
    assert words == {1: "the beginning", 2: "the later", 3: "the earlier"}
    assert (await one(first, "steps", step_id=step_id))["output"] == "the later"
