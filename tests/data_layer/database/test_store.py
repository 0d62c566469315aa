"""What a store promises: a write that is sure is in the database, and every other says what became of it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from commands.account_store import record_beside
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import CHUNK, in_chunks
from data_layer.record import Record
from data_layer.writing.store import KEPT_FOR_LATER, NOT_TAKEN, Store
from data_layer.writing.writer import Writer
from data_layer.writing.writes import InsertRow, PutThread, RenameThread
from study.errors import DatabaseError, WriteRefused
from study.reasons import Reason
from tests.data_layer.outages import ClosedDatabase, Outage
from tests.data_layer.rows import ADA, BOB, begin_thread, count, new_id
from tests.postgres import PostgresServer


async def test_what_is_committed_is_there(record: Record) -> None:
    """And read again, all of it or the first; nothing is written of nothing."""
    await record.store.commit()
    ids = [new_id(), new_id()]
    await record.store.commit(*(PutThread(one, ADA, record.now()) for one in ids))
    query = select(schema.threads).order_by(schema.threads.c.seq)
    assert [row["thread_id"] for row in await record.store.rows(query)] == ids
    first = await record.store.first(query)
    assert first is not None
    assert first["thread_id"] == ids[0]
    assert await record.store.first(query.where(schema.threads.c.thread_id == new_id())) is None


async def test_a_refusal_says_why(record: Record) -> None:
    """By its reason, whatever its words are."""
    thread_id = await begin_thread(record)
    with pytest.raises(WriteRefused) as refusal:
        await record.store.commit(RenameThread(thread_id, "Mine", record.now(), BOB))
    assert refusal.value.reason is Reason.ANOTHERS_THREAD


async def test_what_the_database_does_not_take_is_no_refusal(record: Record) -> None:
    """Nobody did what they may not: a person looks at the log."""
    with pytest.raises(DatabaseError, match=NOT_TAKEN):
        await record.store.commit(InsertRow("events", {"event_id": new_id()}))


async def test_what_waits_in_the_journal_is_not_called_done(
    make_writer: Callable[[], Writer], impatient: Database, record: Record, outage: Outage
) -> None:
    """It is kept, and comes with the database: whoever were to try again would do it twice."""
    writer = make_writer()
    store = Store(impatient, writer, record.now)
    outage.begin()
    with pytest.raises(DatabaseError, match=KEPT_FOR_LATER):
        await store.commit(PutThread(new_id(), ADA, record.now()))
    outage.end()
    await writer.close()
    await make_writer().start()
    assert await count(record, "threads") == 1


async def test_a_command_does_not_say_that_it_keeps_what_it_cannot(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    """Its journal goes with it: whoever has typed the command types it again."""
    away = ClosedDatabase(postgres_url, postgres_server)

    async def command() -> None:
        async with record_beside(postgres_url) as beside:
            away.begin()
            await beside.store.commit(PutThread(new_id(), ADA, beside.now()))

    with pytest.raises(DatabaseError, match="try again"):
        await command()
    away.end()


@pytest.mark.parametrize("number", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_pieces_hold_everything_once_and_in_order(number: int) -> None:
    """And none holds more than a question may."""
    pieces = list(in_chunks(range(number)))
    assert [one for piece in pieces for one in piece] == list(range(number))
    assert all(0 < len(piece) <= CHUNK for piece in pieces)
