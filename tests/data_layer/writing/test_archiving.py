"""No more active threads than the study allows: who makes room, who comes back, at once or one by one."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import DeleteThread, PutThread, RestoreThread, UnarchiveThread
from tests.data_layer.rows import ADA, BOB, message, new_id, rows

CAP = 2


@pytest.fixture
def defaults() -> ThreadDefaults:
    """A study that allows two."""
    return ThreadDefaults("example", "0.1.0+gtest", "f" * 64, active_threads=CAP)


async def begin(record: Record, whose: str = ADA, agent: str | None = "Alex", words: str = "Hello") -> str:
    """A new thread with a message."""
    thread_id = new_id()
    put = PutThread(thread_id, whose, record.now(), words, agent)
    await record.writer.submit(put, message(record, thread_id, words, by=whose))
    return thread_id


async def active(record: Record, whose: str = ADA) -> list[str]:
    """The threads on a participant's list, in the order of their beginning."""
    found = await rows(record, "threads", participant_id=whose)
    found.sort(key=lambda row: row["seq"])
    return [row["thread_id"] for row in found if row["archived_at"] is None and row["deleted_at"] is None]


async def test_the_one_untouched_longest_makes_room(record: Record) -> None:
    """Not the oldest: it was written in since. It is archived, not deleted, and whoever wrote is told."""
    first, second = await begin(record), await begin(record, words="The second")
    await record.writer.submit(message(record, first, "Again"))
    third = new_id()
    outcome = await record.writer.submit(PutThread(third, ADA, record.now(), "Third", "Alex"))
    assert await active(record) == [first, third]
    assert outcome.archived == [{"thread_id": second, "title": "The second"}]
    (event,) = await rows(record, "events", type="thread_archived")
    assert (event["thread_id"], event["payload"]) == (second, {"for": third})


async def test_each_agent_and_each_participant_for_themselves(record: Record) -> None:
    """Two of one, two of the other, and nobody else's."""
    mine = [await begin(record, agent=agent) for agent in ("Alex", "Alex", "Robin", "Robin")]
    hers = [await begin(record, BOB) for _ in range(2)]
    assert await active(record) == mine
    assert await active(record, BOB) == hers


async def test_an_agent_that_is_known_later(record: Record) -> None:
    """Chainlit puts a thread before we say whose it is: it counts from then on."""
    threads = [await begin(record, agent=None) for _ in range(2)]
    threads += [await begin(record) for _ in range(2)]
    await record.writer.submit(PutThread(threads[0], ADA, record.now(), "", "Alex"))
    assert await active(record) == [threads[0], threads[1], threads[3]]


async def test_brought_back_another_makes_room(record: Record) -> None:
    """From the list of archived ones; twice is once."""
    first, second, third = [await begin(record) for _ in range(3)]
    for _ in range(2):
        outcome = await record.writer.submit(UnarchiveThread(first, record.now(), ADA))
    assert outcome.archived == []
    assert await active(record) == [first, third]
    assert len(await rows(record, "events", type="thread_unarchived")) == 1
    assert second not in await active(record)


async def test_written_in_it_comes_back(record: Record) -> None:
    """A page that still shows it may go on there."""
    first, _, third = [await begin(record) for _ in range(3)]
    outcome = await record.writer.submit(message(record, first, "I am still here"))
    assert await active(record) == [first, third]
    assert len(outcome.archived) == 1


async def test_a_deleted_one_makes_room_and_a_restored_one_takes_it(record: Record) -> None:
    """Undo of a deletion never makes three."""
    first, second = await begin(record), await begin(record)
    await record.writer.submit(DeleteThread(second, record.now(), ADA))
    third = await begin(record)
    assert await active(record) == [first, third]
    await record.writer.submit(RestoreThread(second, record.now(), ADA))
    assert await active(record) == [second, third]


async def test_nobody_brings_back_anothers(record: Record) -> None:
    """It is refused, and nothing moves."""
    first = (await begin(record), await begin(record), await begin(record))[0]
    outcome = await record.writer.submit(UnarchiveThread(first, record.now(), BOB))
    assert outcome.refused is not None
    assert first not in await active(record)


async def test_two_processes_at_once(record: Record, database_url: str) -> None:
    """Twelve threads begin over two writers in the same moment: two are active."""
    other = Record(open_database(database_url), record.data_dir / "other", record.defaults, record.now)
    await other.start()
    try:
        await asyncio.gather(*(begin(one) for _ in range(6) for one in (record, other)))
        assert len(await active(record)) == CAP
    finally:
        await other.close()


_ACTS = st.lists(
    st.tuples(st.sampled_from(["begin", "say", "delete", "restore", "back"]), st.integers(0, 4)), max_size=14
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_ACTS, at_once=st.integers(1, 5))
async def test_never_more_than_allowed(record: Record, acts: list[tuple[str, int]], at_once: int) -> None:
    """Whatever is begun, said, deleted, restored and brought back, one by one or at once; none is lost."""
    whose, threads = new_id(), [new_id() for _ in range(5)]

    def write(act: str, number: int) -> Any:
        thread_id, now = threads[number], record.now()
        kinds = {
            "begin": (PutThread(thread_id, whose, now, "Said", "Alex"),),
            "say": (
                PutThread(thread_id, whose, now, "Said", "Alex"),
                message(record, thread_id, "Said", by=whose),
            ),
            "delete": (DeleteThread(thread_id, now, whose),),
            "restore": (RestoreThread(thread_id, now, whose),),
            "back": (UnarchiveThread(thread_id, now, whose),),
        }
        return record.writer.submit(*kinds[act])

    for start in range(0, len(acts), at_once):
        await asyncio.gather(*(write(*act) for act in acts[start : start + at_once]))
        assert len(await active(record, whose)) <= CAP
    found = await rows(record, "threads", participant_id=whose)
    begun = {threads[number] for act, number in acts if act in ("begin", "say")}
    assert {row["thread_id"] for row in found} == begun
