"""The database away: writes wait in the journal, and go in once, in order, when it is back."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import Connection, make_url
from structlog.testing import capture_logs

from data_layer.database.engine import Database, open_database
from data_layer.database.order import WriteOrder
from data_layer.record import Record
from data_layer.writing.batch import Batch, Unit
from data_layer.writing.journal import Journal
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writer import Writer
from data_layer.writing.writes import InsertRow, PutStep, RenameThread
from tests.data_layer.outages import Outage, back, outputs, told
from tests.data_layer.rows import count, endless, message, new_id, one, reply, rows
from tests.postgres import PostgresServer

MakeWriter = Callable[[], Writer]


async def test_a_step_that_nothing_can_hold_takes_no_other_out_of_the_journal(
    writer: Writer, record: Record, outage: Outage
) -> None:
    """The same while the database is away."""
    thread_id = new_id()
    outage.begin()
    with capture_logs():
        outcomes = await asyncio.gather(
            writer.submit(message(record, thread_id, "one")),
            writer.submit(message(record, thread_id, "deep", metadata={"a": endless()})),
            writer.submit(message(record, thread_id, "two")),
        )
        outage.end()
        await back(writer)
    assert [outcome.journaled for outcome in outcomes] == [True, False, True]
    assert await outputs(record) == ["one", "two"]


async def test_writes_wait_in_the_journal_while_the_database_is_away(
    writer: Writer, record: Record, journal: Journal, outage: Outage
) -> None:
    """The caller hears that saving is delayed; health says so; on return all is there, in order."""
    thread_id = new_id()
    await writer.submit(message(record, thread_id, "before"))
    outage.begin()
    with capture_logs():
        outcomes = [await writer.submit(message(record, thread_id, f"during {n}")) for n in range(3)]
        assert writer.health.away
        assert [outcome.journaled for outcome in outcomes] == [True] * 3
        assert len(journal.read()) == 3
        outage.end()
        await back(writer)
    await writer.submit(message(record, thread_id, "after"))
    assert await outputs(record) == ["before", "during 0", "during 1", "during 2", "after"]
    assert not journal
    assert writer.health.journaled == 3


async def test_updates_of_an_outage_end_right(writer: Writer, record: Record, outage: Outage) -> None:
    """A stream that goes on through it: created before, checkpointed in it, ended after it."""
    thread_id = new_id()
    put = reply(record, thread_id, "A", status="streaming")
    await writer.submit(put)
    outage.begin()
    with capture_logs():
        await writer.submit(PutStep(put.row | {"output": "A B"}, record.now()))
        await writer.submit(PutStep(put.row | {"output": "A B C"}, record.now()))
        outage.end()
        await writer.submit(PutStep(put.row | {"output": "A B C D", "status": "complete"}, record.now()))
        await back(writer)
    step = await one(record, "steps")
    assert (step["output"], step["status"]) == ("A B C D", "complete")
    assert len(await rows(record, "step_revisions")) == 1


async def test_a_write_during_the_replay_comes_behind_it(
    writer: Writer, record: Record, journal: Journal, outage: Outage
) -> None:
    """Many wait, the database returns, and more come while it takes them."""
    thread_id = new_id()
    outage.begin()
    with capture_logs():
        await asyncio.gather(*(writer.submit(message(record, thread_id, f"m{n}")) for n in range(600)))
        outage.end()
        number = 600
        while writer.health.away:
            await writer.submit(message(record, thread_id, f"m{number}"))
            number += 1
    await writer.flush()
    assert await outputs(record) == [f"m{n}" for n in range(number)]
    assert not journal


async def test_the_next_start_replays(
    make_writer: MakeWriter, record: Record, journal: Journal, outage: Outage
) -> None:
    """A process that ends while the database is away leaves all to the next."""
    first = make_writer()
    thread_id = new_id()
    outage.begin()
    with capture_logs():
        await first.submit(message(record, thread_id, "one"), message(record, thread_id, "two"))
        await first.close()
    outage.end()
    second = make_writer()
    await second.start()
    assert await outputs(record) == ["one", "two"]
    assert not journal


async def test_a_crash_between_commit_and_clear_doubles_nothing(
    make_writer: MakeWriter, record: Record, journal: Journal, outage: Outage
) -> None:
    """What was replayed is known by its entry: replayed again, it is one."""
    thread_id = new_id()
    run = InsertRow("events", {"event_id": new_id(), "seq": 1, "type": "x", "timestamp": record.now()})
    outage.begin()
    first = make_writer()
    with capture_logs():
        await first.submit(message(record, thread_id, "one"), run)
        await first.close()
    outage.end()
    saved = journal.path.read_bytes()
    await make_writer().start()
    journal.path.write_bytes(saved)
    await make_writer().start()
    assert await outputs(record) == ["one"]
    assert await count(record, "events") == 1
    assert await count(record, "journal_applied") == 1
    assert not journal


async def test_an_entry_that_two_replays_have_read_is_applied_once(
    record: Record, defaults: ThreadDefaults
) -> None:
    """A closing writer cannot call a transaction back: it may commit when the next has read the journal."""
    thread_id = new_id()
    await record.writer.submit(message(record, thread_id, "before"))
    rename = RenameThread(thread_id, "Otherwise", record.now())
    entry = Unit([rename], [record.take_order()], entry_id=new_id())

    def replay(connection: Connection) -> None:
        Batch(connection, defaults).apply([entry])

    for _ in range(2):
        await record.database.transact(replay)
    assert len(await rows(record, "events", type="thread_renamed")) == 1
    assert await count(record, "journal_applied") == 1


async def test_a_torn_last_line_is_passed_over_and_set_aside(
    make_writer: MakeWriter, record: Record, journal: Journal, outage: Outage
) -> None:
    """The machine went down in the middle of an append: nobody was told that it was kept."""
    thread_id = new_id()
    outage.begin()
    first = make_writer()
    with capture_logs():
        await first.submit(message(record, thread_id, "whole"))
        await first.submit(message(record, thread_id, "torn"))
        await first.close()
    outage.end()
    torn = journal.path.read_bytes()[:-20]
    journal.path.write_bytes(torn)
    await make_writer().start()
    assert await outputs(record) == ["whole"]
    assert not journal
    assert len(journal.failed_path.read_text().splitlines()) == 1


async def test_what_the_database_never_takes_blocks_no_replay(
    make_writer: MakeWriter, record: Record, journal: Journal, outage: Outage
) -> None:
    """A bad row in the journal is set aside; what came behind it is replayed."""
    thread_id = new_id()
    outage.begin()
    first = make_writer()
    with capture_logs():
        await first.submit(message(record, thread_id, "one"))
        await first.submit(InsertRow("events", {"event_id": new_id(), "seq": 1, "type": None}))
        await first.submit(message(record, thread_id, "two"))
        await first.close()
        outage.end()
        await make_writer().start()
    assert await outputs(record) == ["one", "two"]
    assert not journal
    assert len(journal.failed_path.read_text().splitlines()) == 1


async def test_a_full_disk_for_the_journal_holds_the_writes(
    writer: Writer, record: Record, journal: Journal, tmp_path: Path, outage: Outage
) -> None:
    """With database and disk away the callers wait; what returns first takes their writes."""
    blocked = tmp_path / "journal"
    blocked.write_text("in the way")
    thread_id = new_id()
    outage.begin()
    with capture_logs() as logs:
        future = writer.submit(message(record, thread_id, "held"))
        await told(logs, "critical")
        assert not future.done()
        assert writer.health.away
        blocked.unlink()
        assert (await future).journaled
        outage.end()
        await back(writer)
    assert await outputs(record) == ["held"]


async def test_a_held_write_goes_in_when_the_database_returns_first(
    writer: Writer, record: Record, tmp_path: Path, outage: Outage
) -> None:
    """The disk stays full: the database takes it after all."""
    (tmp_path / "journal").write_text("in the way")
    outage.begin()
    with capture_logs() as logs:
        future = writer.submit(message(record, new_id(), "held"))
        await told(logs, "critical")
        outage.end()
        outcome = await future
    assert (outcome.journaled, outcome.refused) == (False, None)
    assert await outputs(record) == ["held"]


async def test_refused_writes_are_refused_in_the_replay_as_well(
    writer: Writer, record: Record, outage: Outage
) -> None:
    """The journal cannot know the owner; the database does, when it returns."""
    thread_id = new_id()
    await writer.submit(message(record, thread_id, "mine"))
    outage.begin()
    with capture_logs():
        await writer.submit(message(record, thread_id, "Bob's", by=new_id()))
        outage.end()
        await back(writer)
    assert await outputs(record) == ["mine"]
    assert writer.health.refused == 1


async def test_the_numbers_of_the_journal_count_as_well(
    impatient: Database, journal: Journal, defaults: ThreadDefaults, record: Record, outage: Outage
) -> None:
    """What waited in the journal at a restart is older than what is written after it."""
    thread_id = new_id()
    outage.begin()
    first = Writer(impatient, journal, defaults, retry_s=0.01)
    with capture_logs():
        await first.submit(message(record, thread_id, "in the journal"))
        await first.close()
    outage.end()
    second = Writer(impatient, journal, defaults, WriteOrder(lambda: 1_000_000))
    await second.start()
    await second.submit(message(record, thread_id, "after it"))
    await second.close()
    assert await outputs(record) == ["in the journal", "after it"]


async def test_a_server_that_is_stopped_and_started_loses_nothing(
    postgres_url: str, postgres_server: PostgresServer, tmp_path: Path, defaults: ThreadDefaults
) -> None:
    """PostgreSQL itself goes and comes back, with writes before, during and after."""
    record = Record(open_database(postgres_url), tmp_path / "kept", defaults)
    await record.start()
    thread_id = new_id()
    await record.writer.submit(message(record, thread_id, "before"))
    postgres_server.stop()
    with capture_logs():
        outcome = await record.writer.submit(message(record, thread_id, "during"))
        assert outcome.journaled
        postgres_server.start()
        await back(record.writer)
    await record.writer.submit(message(record, thread_id, "after"))
    assert await outputs(record) == ["before", "during", "after"]
    await record.close()


async def test_a_server_that_falls_silent_counts_as_away(
    postgres_url: str, tmp_path: Path, defaults: ThreadDefaults
) -> None:
    """No answer and no error, as behind a cut link: after its patience the writer goes to the journal."""
    record = Record(open_database(postgres_url, patience_s=0.5), tmp_path / "kept", defaults)
    await record.start()
    await record.writer.submit(message(record, new_id(), "before"))
    async with record.database.engine.connect() as other:
        raw: Any = (await other.get_raw_connection()).driver_connection
        watcher: asyncpg.Connection = raw
        name = make_url(postgres_url).database
        found = await watcher.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", name)
    pids = [row["pid"] for row in found]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        with capture_logs():
            outcome = await record.writer.submit(message(record, new_id(), "during"))
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert outcome.journaled
    with capture_logs():
        await back(record.writer)
    assert sorted(await outputs(record)) == ["before", "during"]
    await record.close()
