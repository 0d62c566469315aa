"""A writer that closes: what comes late is kept, and nobody waits for ever."""

import asyncio
from collections.abc import Callable

from structlog.testing import capture_logs

from data_layer.database.engine import Database, open_database
from data_layer.record import Record
from data_layer.writing.journal import Journal
from data_layer.writing.outcome import Outcome
from data_layer.writing.writer import Writer
from tests.data_layer.outages import outputs
from tests.data_layer.rows import message, new_id

MakeWriter = Callable[[], Writer]


async def test_what_comes_after_the_database_is_closed_is_kept(
    make_writer: MakeWriter, impatient: Database, record: Record, journal: Journal
) -> None:
    """A reply that a server's end has overtaken: the next start has its end, and nothing is set aside."""
    first = make_writer()
    thread_id = new_id()
    await first.submit(message(record, thread_id, "in time"))
    await first.close()
    await impatient.close()
    with capture_logs():
        outcome = await first.submit(message(record, thread_id, "late"))
        await first.close()
    assert (outcome.reason, journal.count_failed()) == (None, 0)
    opened = open_database(record.database.url)
    second = Writer(opened, journal, record.defaults)
    await second.start()
    assert await outputs(record) == ["in time", "late"]
    await second.close()
    await opened.close()


async def test_who_submits_as_soon_as_the_last_is_committed_hears_of_it(
    writer: Writer, record: Record
) -> None:
    """The writer has just ended then, and whoever closes it has not yet gone on."""
    thread_id = new_id()

    async def one_after_the_other() -> list[Outcome]:
        first = await writer.submit(message(record, thread_id, "one"))
        return [first, await writer.submit(message(record, thread_id, "two"))]

    speaking = asyncio.create_task(one_after_the_other())
    await asyncio.sleep(0)
    await writer.close()
    async with asyncio.timeout(20):
        assert [outcome.reason for outcome in await speaking] == [None, None]
    assert await outputs(record) == ["one", "two"]
