"""A commit whose answer is lost: its writes go in once, of whatever kind, wherever the connection broke."""

import asyncio
from collections.abc import AsyncIterator
from typing import get_args

import pytest
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs

from data_layer.database.engine import open_database
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.coding_writes import PutCode
from data_layer.writing.journal import Journal
from data_layer.writing.outcome import Outcome
from data_layer.writing.people_writes import AppendAudit, Withdraw
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writer import Writer
from data_layer.writing.writes import InsertRow, PutStep, PutThread, RenameThread, Write
from tests.data_layer.kinds_of_writes import KINDS
from tests.data_layer.lost_answers import Cut, Fragile, fragile
from tests.data_layer.outages import back, told
from tests.data_layer.rows import ADA, begin_thread, count, new_id, rows
from tests.data_layer.said_by_ada import everything_kept

MARKS = ("processes", "journal_applied")


@pytest.fixture
async def broken(database_url: str) -> AsyncIterator[Fragile]:
    """The database again, for the writer under test: its answers can be lost."""
    async with fragile(database_url) as opened:
        yield opened


@pytest.fixture
async def lonely(
    broken: Fragile, journal: Journal, defaults: ThreadDefaults, record: Record
) -> AsyncIterator[Writer]:
    """A writer that reaches the database through what can break, and has reached it once."""
    made = Writer(broken.database, journal, defaults, record.writer.order, retry_s=0.01)
    await made.submit(PutThread(new_id(), ADA, record.now()))
    yield made
    broken.release()
    await made.close()


async def kept(record: Record) -> dict[str, list[Row]]:
    """Every row but the marks."""
    return {name: found for name, found in (await everything_kept(record)).items() if name not in MARKS}


async def lose(broken: Fragile, writer: Writer, cut: Cut, *writes: Write) -> "asyncio.Future[Outcome]":
    """Submit a unit whose commit meets a fault, and wait until it has."""
    broken.arm(cut)
    future = writer.submit(*writes)
    await broken.cut.wait()
    return future


async def come_back(broken: Fragile, writer: Writer) -> None:
    """Let the writer in again, and wait until it has replayed."""
    broken.release()
    await back(writer)
    await writer.flush()


def line(record: Record, action: str = "once") -> AppendAudit:
    """A line of the audit log: twice is seen at once."""
    return AppendAudit(record.now(), "Grace", action)


def test_every_kind_is_tried() -> None:
    """A new kind of write is a new entry there."""
    assert set(KINDS) == set(get_args(Write))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_what_went_in_is_not_applied_again(
    kind: type, lonely: Writer, broken: Fragile, record: Record, journal: Journal
) -> None:
    """COMMIT took effect and its answer was lost: after the replay not a letter is other than before it."""
    write = await KINDS[kind](record)
    before = await kept(record)
    with capture_logs():
        outcome = await (await lose(broken, lonely, Cut.AFTER, write))
        once = await kept(record)
        await come_back(broken, lonely)
    assert outcome.journaled
    assert before != once
    assert await kept(record) == once
    assert not journal


@pytest.mark.parametrize("kind", [PutStep, AppendAudit, PutCode, Withdraw], ids=lambda kind: kind.__name__)
async def test_what_did_not_go_in_is_applied(
    kind: type, lonely: Writer, broken: Fragile, record: Record, journal: Journal
) -> None:
    """COMMIT never arrived: nothing is there until the replay, and then as much as without a fault."""
    lost, straight = await KINDS[kind](record), await KINDS[kind](record)
    before = await kept(record)
    with capture_logs():
        outcome = await (await lose(broken, lonely, Cut.BEFORE, lost))
        assert await kept(record) == before
        await come_back(broken, lonely)
    replayed = await kept(record)
    await record.writer.submit(straight)
    both = await kept(record)
    grown = {name: len(replayed[name]) - len(before[name]) for name in before}
    assert grown == {name: len(both[name]) - len(replayed[name]) for name in before}
    assert outcome.journaled
    assert replayed != before
    assert not journal


async def test_a_bad_row_and_a_lost_answer_in_one_batch(
    lonely: Writer, broken: Fragile, record: Record, journal: Journal
) -> None:
    """The batch fails for its row and is tried unit by unit; the first of these is answered by nobody."""
    thread_id = await begin_thread(record)
    bad = InsertRow("events", {"event_id": new_id(), "seq": 1, "type": None})
    with capture_logs():
        broken.arm(Cut.AFTER)
        rename = RenameThread(thread_id, "Otherwise", record.now(), ADA)
        outcomes = await asyncio.gather(
            lonely.submit(line(record, "one")),
            lonely.submit(bad),
            lonely.submit(line(record, "two"), rename),
        )
        await come_back(broken, lonely)
    assert [outcome.journaled for outcome in outcomes] == [True, True, True]
    assert [one["action"] for one in await rows(record, "audit_log")] == ["one", "two"]
    assert len(await rows(record, "events", type="thread_renamed")) == 1
    assert (lonely.health.failed, journal.count_failed()) == (1, 1)
    assert not journal


async def test_a_replay_hides_no_try_that_it_has_not_reached(
    lonely: Writer, broken: Fragile, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that did not go in is replayed in two transactions: the first does not speak for the second."""
    with capture_logs():
        broken.arm(Cut.BEFORE)
        await asyncio.gather(*(lonely.submit(line(record, f"line {number}")) for number in range(3)))
        monkeypatch.setattr("data_layer.writing.writer.MAX_BATCH", 2)
        await come_back(broken, lonely)
    assert [one["action"] for one in await rows(record, "audit_log")] == ["line 0", "line 1", "line 2"]


async def test_an_answer_lost_while_the_writer_closes(
    lonely: Writer, broken: Fragile, record: Record, journal: Journal, defaults: ThreadDefaults
) -> None:
    """The next start finds it in the journal, and in the database."""
    with capture_logs():
        broken.arm(Cut.AFTER)
        lonely.submit(line(record))
        await lonely.close()
        assert len(journal.read()) == 1
        await Writer(record.database, journal, defaults).start()
    assert await count(record, "audit_log") == 1
    assert not journal


async def test_an_answer_lost_while_a_writer_starts(
    lonely: Writer, broken: Fragile, record: Record, journal: Journal, defaults: ThreadDefaults
) -> None:
    """The replay of a start commits and is not answered: that start fails, and the next finds it done."""
    with capture_logs():
        await (await lose(broken, lonely, Cut.BEFORE, line(record)))
        await lonely.close()
        broken.release()
        broken.arm(Cut.AFTER)
        with pytest.raises((SQLAlchemyError, OSError)):
            await Writer(broken.database, journal, defaults).start()
        assert journal
        await Writer(record.database, journal, defaults).start()
    assert await count(record, "audit_log") == 1
    assert not journal


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER])
async def test_what_the_disk_does_not_take_either_goes_in_once(
    cut: Cut, lonely: Writer, broken: Fragile, record: Record, journal: Journal
) -> None:
    """Held in memory, for the journal cannot be written: when the database is back it is asked first."""
    journal.path.parent.write_text("in the way")
    with capture_logs() as logs:
        future = await lose(broken, lonely, cut, line(record))
        await told(logs, "critical")
        broken.release()
        outcome = await future
    assert (outcome.refused, outcome.journaled) == (None, cut is Cut.AFTER)
    assert await count(record, "audit_log") == 1


async def test_silence_after_a_commit_counts_as_a_lost_answer(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory, journal: Journal, defaults: ThreadDefaults
) -> None:
    """The connection stands, and nothing comes any more: after its patience the writer asks elsewhere."""
    record = Record(open_database(postgres_url), tmp_path_factory.mktemp("kept"), defaults)
    async with fragile(postgres_url, patience_s=0.5) as broken:
        writer = Writer(broken.database, journal, defaults, retry_s=0.01)
        with capture_logs():
            outcome = await (await lose(broken, writer, Cut.SILENT, line(record)))
            await come_back(broken, writer)
        await writer.close()
    assert outcome.journaled
    assert await count(record, "audit_log") == 1
    await record.close()
