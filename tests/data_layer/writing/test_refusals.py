"""Writes that their caller may not make: refused, counted, and without effect on any other."""

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, PutThread
from tests.data_layer.rows import ADA, BOB, begin_thread, count, message, new_id, one, reply, rows


async def test_a_step_of_another_thread_is_refused(record: Record) -> None:
    """A step id that stands in another thread of one's own can neither move nor change it."""
    first, second = await begin_thread(record), await begin_thread(record)
    taken = (await one(record, "steps", thread_id=first))["step_id"]
    outcome = await record.writer.submit(message(record, second, "Mine now", step_id=taken, creates=False))
    assert outcome.refused is not None
    step = await one(record, "steps", step_id=taken)
    assert (step["thread_id"], step["output"]) == (first, "Hello there")


async def test_a_message_under_an_agents_id_is_refused(record: Record) -> None:
    """The client chooses the id: what stands there stays the agent's, and is nobody's question."""
    thread_id = await begin_thread(record)
    answer = reply(record, thread_id, "Answer")
    await record.writer.submit(answer)
    before = await one(record, "steps", step_id=answer.row["step_id"])
    outcome = await record.writer.submit(message(record, thread_id, "Mine", step_id=before["step_id"]))
    assert outcome.refused is not None
    assert await one(record, "steps", step_id=before["step_id"]) == before


async def test_another_participants_thread_is_refused(record: Record) -> None:
    """Nobody writes into a thread that is not theirs."""
    thread_id = await begin_thread(record, owner=BOB)
    outcome = await record.writer.submit(message(record, thread_id, "Let me in"))
    assert outcome.refused is not None
    assert await count(record, "steps") == 1


async def test_another_participants_step_is_not_deleted(record: Record) -> None:
    """Nobody takes a step off another's screen."""
    thread_id = await begin_thread(record, owner=BOB)
    step_id = (await one(record, "steps", thread_id=thread_id))["step_id"]
    outcome = await record.writer.submit(DeleteSteps((step_id,), record.now(), "removed", by=ADA))
    assert outcome.refused is not None
    assert (await one(record, "steps"))["deleted_at"] is None


async def test_a_refused_delete_takes_nothing(record: Record) -> None:
    """One foreign id among one's own refuses the whole write, not half of it."""
    mine, theirs = await begin_thread(record), await begin_thread(record, owner=BOB)
    ids = [(await one(record, "steps", thread_id=thread_id))["step_id"] for thread_id in (mine, theirs)]
    for order in (ids, ids[::-1]):
        outcome = await record.writer.submit(DeleteSteps(tuple(order), record.now(), "removed", by=ADA))
        assert outcome.refused is not None
    assert [row["deleted_at"] for row in await rows(record, "steps")] == [None, None]


@pytest.mark.parametrize(
    "evil",
    [
        "zz') OR ('1'='1",
        "",
        "thread",
        "{11111111-1111-4111-8111-111111111111}",
        "11111111111141118111111111111111",
        "AAAAAAAA-1111-4111-8111-111111111111",
        "11111111-1111-4111-8111-111111111111\x00",
    ],
)
@pytest.mark.parametrize("place", ["thread_id", "step_id"])
async def test_an_id_that_is_no_uuid_is_refused(record: Record, evil: str, place: str) -> None:
    """The client chooses ids: only a UUID in its one usual spelling is taken."""
    ids: Row = {"thread_id": new_id(), "step_id": new_id()} | {place: evil}
    put = message(record, ids["thread_id"], "Hello", step_id=ids["step_id"])
    outcome = await record.writer.submit(put)
    assert outcome.refused is not None
    assert (await count(record, "steps"), await count(record, "threads")) == (0, 0)


@pytest.mark.parametrize("evil", ["zz') OR ('1'='1", "x" * 37])
async def test_a_thread_whose_id_is_no_uuid_is_refused(record: Record, evil: str) -> None:
    """The same when the thread itself is named first."""
    outcome = await record.writer.submit(PutThread(evil, ADA, record.now(), "Hello"))
    assert outcome.refused is not None
    assert await count(record, "threads") == 0


async def test_a_refused_write_takes_no_other_with_it(record: Record) -> None:
    """What else is in the same batch goes in."""
    theirs, mine = await begin_thread(record, owner=BOB), new_id()
    refused = record.writer.submit(message(record, theirs, "Let me in"))
    kept = record.writer.submit(message(record, mine, "Here I am"))
    assert (await refused).refused is not None
    assert (await kept).refused is None
    assert (await one(record, "steps", thread_id=mine))["output"] == "Here I am"


async def test_a_refusal_is_counted(record: Record) -> None:
    """Health says how often somebody was refused."""
    await record.writer.submit(message(record, "no uuid", "Hello"))
    assert record.writer.health.refused == 1
