"""The mark of each batch: whoever asks hears the truth, it is forgotten in time, and it holds nobody up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.engine import Connection
from structlog.testing import capture_logs

from data_layer.database import schema
from data_layer.database.engine import open_database
from data_layer.database.order import utc_now
from data_layer.database.types import iso
from data_layer.record import Record
from data_layer.writing import marks, withdrawn
from data_layer.writing.people_writes import AppendAudit
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writer import Writer
from data_layer.writing.writes import PutThread
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, count, execute, new_id, one, rows

IDLE = "SELECT current_setting('idle_in_transaction_session_timeout')"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
async def on_postgres(postgres_url: str, tmp_path: Path, defaults: ThreadDefaults) -> AsyncIterator[Record]:
    """The record on PostgreSQL, for what SQLite's one lock makes plain."""
    record = Record(open_database(postgres_url), tmp_path / "kept", defaults)
    yield record
    await record.close()


async def test_each_batch_leaves_one_row_a_process(writer: Writer, record: Record) -> None:
    """However many there are; its number grows."""
    for _ in range(3):
        await writer.submit(PutThread(new_id(), ADA, record.now()))
    assert (await one(record, "processes", process_id=writer.process_id))["last_batch"] == 3


async def test_a_transaction_that_may_still_commit_is_waited_for(on_postgres: Record) -> None:
    """Whoever asks whether a batch went in gets no answer before its transaction has ended."""
    database = on_postgres.database
    own = marks.ProcessMarks()
    attempt = own.next()
    async with database.engine.connect() as under_way:
        await under_way.run_sync(own.put, attempt)
        asked = asyncio.create_task(database.transact(partial(marks.went_in, attempt=attempt)))
        async with asyncio.timeout(10), database.engine.connect() as looking:
            while not (await looking.exec_driver_sql(WAITING)).scalar_one():
                await looking.rollback()
        assert not asked.done()
        await under_way.commit()
    assert await asked


async def test_a_try_that_was_rolled_back_did_not_go_in(record: Record) -> None:
    """And the next one has another number, so that its mark says nothing of the first."""
    own = marks.ProcessMarks()
    first, second = own.next(), own.next()
    async with record.database.engine.connect() as connection:
        await connection.run_sync(own.put, first)
        await connection.rollback()
    assert not await record.database.transact(partial(marks.went_in, attempt=first))
    await record.database.transact(partial(own.put, attempt=second))
    assert await record.database.transact(partial(marks.went_in, attempt=second))
    # What was found once stays so: the second's mark would now cover the first.
    assert not await record.database.transact(partial(marks.went_in, attempt=first))


async def test_an_abandoned_transaction_ends_by_itself(on_postgres: Record) -> None:
    """A batch whose client is gone without a word would lock every other of its process out for hours."""

    def within(connection: Connection) -> list[str]:
        said = [connection.exec_driver_sql(IDLE).scalar_one()]
        withdrawn.take_turn(connection, withdraws=False)
        return [*said, connection.exec_driver_sql(IDLE).scalar_one()]

    for _ in range(2):
        assert await on_postgres.database.transact(within) == ["0", "20s"]


async def test_old_marks_are_forgotten(writer: Writer, record: Record) -> None:
    """With the first batch of a process; those of the last ninety days stay."""
    for days in (91, 89):
        at = utc_now() - timedelta(days=days)
        async with record.database.engine.begin() as connection:
            mark = {"process_id": f"p{days}", "last_batch": 7, "beat_at": at}
            await connection.execute(insert(schema.processes), mark)
            entry = {"entry_id": f"e{days}", "applied_at": at}
            await connection.execute(insert(schema.journal_applied), entry)
    await writer.submit(PutThread(new_id(), ADA, record.now()))
    assert [row["entry_id"] for row in await rows(record, "journal_applied")] == ["e89"]
    assert [row["process_id"] for row in await rows(record, "processes", last_batch=7)] == ["p89"]


def test_a_process_forgets_once(batches: Batches) -> None:
    """With its first batch: a replay that comes later may still ask for what has grown old since."""
    own = marks.ProcessMarks()
    batches.within(lambda connection: own.put(connection, own.next()))
    old = {"process_id": "p", "last_batch": 7, "beat_at": utc_now() - timedelta(days=91)}
    batches.within(lambda connection: connection.execute(insert(schema.processes), old))
    batches.within(lambda connection: own.put(connection, own.next()))
    assert len(batches.rows("processes")) == 2
    batches.mark(marks.Attempt("q", 1))
    assert {row["process_id"] for row in batches.rows("processes")} > {"q"}
    assert batches.rows("processes", process_id="p") == []


def test_a_mark_says_whether_it_was_made(batches: Batches) -> None:
    """A try without one says nothing of what became of it: where there is no table for marks yet."""
    own, first, before = marks.ProcessMarks(), marks.Attempt("p", 1), marks.Attempt("p", 2)
    batches.within(lambda connection: own.put(connection, first))
    batches.within(lambda connection: connection.exec_driver_sql("DROP TABLE processes"))
    batches.within(lambda connection: marks.ProcessMarks().put(connection, before))
    assert (first.marked, before.marked) == (True, False)


def test_tries_of_a_process_are_numbered(batches: Batches) -> None:
    """From one on; two processes are never one."""
    own, other = marks.ProcessMarks(), marks.ProcessMarks()
    tries = [own.next(), own.next(), other.next()]
    assert [one.number for one in tries] == [1, 2, 1]
    assert len({one.process_id for one in tries}) == 2
    assert not any(one.marked or one.asked for one in tries)


@pytest.mark.parametrize(("number", "is_in"), [(1, True), (2, True), (3, False)])
def test_a_try_is_in_when_it_or_a_later_one_left_its_mark(batches: Batches, number: int, is_in: bool) -> None:
    """Asking is a beat too, and changes no number; a process that never came is at none."""
    batches.mark(marks.Attempt("p", 2))
    long_ago = {"beat_at": utc_now() - timedelta(days=50)}
    batches.within(lambda connection: connection.execute(update(schema.processes).values(long_ago)))
    attempt = marks.Attempt("p", number)
    assert batches.within(lambda connection: marks.went_in(connection, attempt)) is is_in
    row = batches.one("processes", process_id="p")
    assert (row["last_batch"], row["beat_at"] > utc_now() - timedelta(days=1)) == (2, True)
    raw = batches.within(
        lambda connection: connection.exec_driver_sql("SELECT beat_at FROM processes").scalar()
    )
    assert raw == iso(row["beat_at"])
    other = marks.Attempt("never", 1)
    assert batches.within(lambda connection: marks.went_in(connection, other)) is False


async def test_a_database_of_the_version_before_is_written_to(writer: Writer, record: Record) -> None:
    """A backup is made, and noted, before an update: there is no table for marks yet."""
    await execute(record.database, "DROP TABLE processes")
    outcome = await writer.submit(AppendAudit(record.now(), "Grace", "backup_begun"))
    assert (outcome.refused, outcome.journaled) == (None, False)
    assert await count(record, "audit_log") == 1


async def test_a_listener_that_fails_repeats_no_commit(writer: Writer, record: Record) -> None:
    """Who is told of a commit has no say in whether it was one."""

    def fails(_: frozenset[str]) -> None:
        raise RuntimeError("no page is there")

    writer.listeners.append(fails)
    with capture_logs() as logs:
        await writer.submit(AppendAudit(record.now(), "G", "x"), PutThread(new_id(), ADA, record.now()))
    assert await count(record, "audit_log") == 1
    assert [entry["event"] for entry in logs] == ["listener_failed"]
