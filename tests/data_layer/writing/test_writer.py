"""The writer: group commit in the order of the calls, and a bad row that takes no other with it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs

from data_layer.database.engine import Database, open_database
from data_layer.database.order import WriteOrder
from data_layer.record import Record
from data_layer.writing.journal import Journal
from data_layer.writing.outcome import Outcome
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writer import MAX_BATCH, Writer
from data_layer.writing.writes import InsertRow, PatchRow, PutStep, PutThread
from tests.data_layer.outages import outputs
from tests.data_layer.rows import ADA, count, endless, message, new_id, reply, rows

MakeWriter = Callable[[], Writer]


class CountedDatabase:
    """A database that counts its transactions."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.transactions = 0
        self._database = database

    async def transact(self, work: Callable[[Connection], Any]) -> Any:
        """Count, and pass on."""
        self.transactions += 1
        return await self._database.transact(work)


async def test_what_waits_is_one_transaction(
    database: Database, journal: Journal, defaults: ThreadDefaults, record: Record
) -> None:
    """A hundred writes that queue behind a commit cost one more commit, not a hundred."""
    counted = CountedDatabase(database)
    writer = Writer(cast(Database, counted), journal, defaults)
    thread_id = new_id()
    first = writer.submit(PutThread(thread_id, ADA, record.now()))
    await asyncio.sleep(0)
    futures = [writer.submit(message(record, thread_id, f"m{n}")) for n in range(100)]
    await asyncio.gather(first, *futures)
    assert await outputs(record) == [f"m{n}" for n in range(100)]
    assert (writer.health.committed, counted.transactions) == (101, 2)
    await writer.close()


async def test_five_hundred_writers_at_once_lose_nothing(writer: Writer, record: Record) -> None:
    """Each with a thread of their own, each waiting for its own commit."""

    async def participant(number: int) -> Outcome:
        thread_id = new_id()
        await writer.submit(message(record, thread_id, f"question {number}"))
        return await writer.submit(reply(record, thread_id, f"answer {number}"))

    outcomes = await asyncio.gather(*(participant(number) for number in range(500)))
    assert [outcome.refused for outcome in outcomes] == [None] * 500
    assert (await count(record, "steps"), await count(record, "threads")) == (1000, 500)
    assert {row["message_count"] for row in await rows(record, "threads")} == {2}


async def test_more_than_a_batch_is_several(writer: Writer, record: Record) -> None:
    """No transaction grows without bound."""
    thread_id = new_id()
    futures = [writer.submit(message(record, thread_id, f"m{n}")) for n in range(MAX_BATCH + 10)]
    await asyncio.gather(*futures)
    assert await count(record, "steps") == MAX_BATCH + 10


async def test_a_future_is_done_when_it_is_committed(writer: Writer, record: Record) -> None:
    """Another connection sees the row at once."""
    outcome = await writer.submit(message(record, new_id(), "Here"))
    assert outcome.step is not None
    assert await outputs(record) == ["Here"]


async def test_a_caller_that_is_cancelled_takes_nothing_with_it(writer: Writer, record: Record) -> None:
    """Its write goes in, and so do those of the others; a flush waits for all of them."""
    thread_id = new_id()

    async def caller() -> None:
        await writer.submit(message(record, thread_id, "cancelled"))

    task = asyncio.create_task(caller())
    await asyncio.sleep(0)
    task.cancel()
    writer.submit(message(record, thread_id, "other"))
    await writer.flush()
    assert await outputs(record) == ["cancelled", "other"]


BAD: list[PutStep | InsertRow | PatchRow] = [
    InsertRow("events", {"event_id": new_id(), "seq": 1, "type": None, "timestamp": None}),
    InsertRow("events", {"event_id": new_id(), "seq": "many", "type": "x", "timestamp": "today"}),
    InsertRow("events", {"event_id": new_id(), "no_such_column": 1}),
    InsertRow("no_such_table", {"a": 1}),
    PatchRow("runs", {"run_id": object()}, {"status": object()}),
    InsertRow("runs", {"run_id": object(), "thread_id": object()}),
    InsertRow("elements", {"element_id": new_id(), "size_bytes": 2**70}),
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
async def test_a_bad_row_takes_no_other_with_it(
    writer: Writer, record: Record, journal: Journal, bad: InsertRow
) -> None:
    """A failed batch is retried unit by unit; the bad one is set aside for a person, and counted."""
    thread_id = new_id()
    with capture_logs():
        outcomes = await asyncio.gather(
            writer.submit(message(record, thread_id, "before")),
            writer.submit(bad),
            writer.submit(message(record, thread_id, "after")),
        )
    assert await outputs(record) == ["before", "after"]
    assert [outcome.refused is None for outcome in outcomes] == [True, False, True]
    assert not writer.health.away
    assert writer.health.failed == 1
    set_aside = [json.loads(line) for line in journal.failed_path.read_text().splitlines()]
    assert [entry["writes"][0]["kind"] for entry in set_aside] == [type(bad).__name__]
    assert [outcomes[1].refused] == [
        f"the database does not take it: {entry['reason']}" for entry in set_aside
    ]


async def test_health_counts_on(writer: Writer, record: Record) -> None:
    """Each unit that went in, was refused or failed, one by one."""
    thread_id = new_id()
    with capture_logs():
        for number in (1, 2):
            await writer.submit(message(record, thread_id, "One"), message(record, thread_id, "Two"))
            await writer.submit(message(record, "no uuid", "Three"))
            await writer.submit(InsertRow("no_such_table", {"a": 1}))
            health = writer.health
            told = (health.committed, health.refused, health.failed, health.journaled)
            assert told == (2 * number, number, number, 0)


async def test_a_listener_hears_of_each_commit_that_a_list_shows(writer: Writer, record: Record) -> None:
    """Once, with all its threads; not of one that changes no list."""
    heard: list[frozenset[str]] = []
    writer.listeners.append(heard.append)
    one, two = new_id(), new_id()
    await asyncio.gather(
        writer.submit(message(record, one, "One")), writer.submit(message(record, two, "Two"))
    )
    await writer.submit(record.event("typed", thread_id=one))
    assert heard == [frozenset({one, two})]


async def test_a_writer_that_was_closed_writes_again(writer: Writer, record: Record) -> None:
    """Whoever submits behind the close begins anew, as often as they like; so it is with one never used."""
    said = []
    async with asyncio.timeout(60):
        for words in ("One", "Two"):
            await writer.close()
            for number in range(2):
                said.append(f"{words} {number}")
                await writer.submit(message(record, new_id(), said[-1]))
    assert await outputs(record) == said


async def test_a_flush_waits_for_what_is_being_committed(writer: Writer, record: Record) -> None:
    """Also when the queue itself is empty by then."""
    future = writer.submit(message(record, new_id(), "One"))
    while writer._queue:  # noqa: ASYNC110  # the writer tells nobody that it has begun
        await asyncio.sleep(0)
    await writer.flush()
    assert future.done()


async def test_nothing_to_wait_for_is_no_batch(writer: Writer) -> None:
    """A flush of a writer that nobody has used writes nothing."""
    await writer.flush()
    assert writer.health.committed == 0


async def test_numbers_that_were_taken_earlier_are_kept(writer: Writer, record: Record) -> None:
    """A unit has its own; one without gets the next ones."""
    thread_id = new_id()
    first, second = writer.order.take(), writer.order.take()
    await writer.submit(message(record, thread_id, "Later"))
    await writer.submit(
        message(record, thread_id, "One"), message(record, thread_id, "Two"), orders=[first, second]
    )
    assert await outputs(record) == ["One", "Two", "Later"]


async def test_a_step_that_nothing_can_hold_ends_nothing(writer: Writer, record: Record) -> None:
    """Metadata nested without end breaks the folding and the journal; the next write goes in."""
    with capture_logs():
        outcome = await writer.submit(message(record, new_id(), "deep", metadata={"a": endless()}))
        await writer.submit(message(record, new_id(), "fine"))
    assert outcome.refused is not None
    assert await outputs(record) == ["fine"]


async def test_a_bad_row_on_a_full_disk_ends_nothing(writer: Writer, record: Record, tmp_path: Path) -> None:
    """What neither database nor disk takes is logged; the writer goes on."""
    (tmp_path / "journal").write_text("in the way")
    with capture_logs() as logs:
        await writer.submit(InsertRow("no_such_table", {"a": 1}))
        await writer.submit(message(record, new_id(), "fine"))
    assert "critical" in [entry["log_level"] for entry in logs]
    assert await outputs(record) == ["fine"]


async def test_the_log_holds_nobodys_words(writer: Writer, record: Record) -> None:
    """A write that fails is named by its kind and its error, not by what it says."""
    with capture_logs() as logs:
        await writer.submit(
            message(record, new_id(), "my secret", connection_id="x" * 40, turn="my other secret")
        )
    assert "secret" not in str(logs)


async def test_a_start_without_the_tables_says_so(
    tmp_path: Path, journal: Journal, defaults: ThreadDefaults
) -> None:
    """The start needs the database: nothing can be served without."""
    empty = open_database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    with pytest.raises(SQLAlchemyError):
        await Writer(empty, journal, defaults).start()
    await empty.close()


async def test_closing_keeps_everything(make_writer: MakeWriter, record: Record) -> None:
    """What was submitted before the close is committed by it."""
    writer = make_writer()
    thread_id = new_id()
    for number in range(50):
        writer.submit(message(record, thread_id, f"m{number}"))
    await writer.close()
    assert len(await outputs(record)) == 50


async def test_a_restart_goes_on_with_the_numbers(
    database: Database, journal: Journal, defaults: ThreadDefaults, record: Record
) -> None:
    """A clock that was set back by a day between two processes cannot put new words before old ones."""
    thread_id = new_id()
    put = reply(record, thread_id, "A", status="streaming")
    await record.writer.submit(put)
    await record.writer.submit(PutStep(put.row | {"output": "A B"}, record.now()))
    slow = Writer(database, journal, defaults, WriteOrder(lambda: 1_000_000))
    await slow.start()
    await slow.submit(PutStep(put.row | {"output": "A B", "status": "interrupted"}, record.now()))
    await slow.submit(message(record, thread_id, "later"))
    await slow.close()
    kept = await rows(record, "steps")
    assert [(row["output"], row["status"]) for row in kept] == [("A B", "interrupted"), ("later", "complete")]
