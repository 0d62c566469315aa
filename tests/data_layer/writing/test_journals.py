"""Processes that share a data folder have a journal each; what the gone have left is written all the same."""

import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.batch import Unit
from data_layer.writing.journal import Journal
from data_layer.writing.journals import Journals
from data_layer.writing.writes import DeleteThread, PutThread
from tests.data_layer.rows import ADA, new_id, rows
from tests.fakes import HandClock

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
async def second(record: Record, database_url: str, clock: HandClock) -> AsyncIterator[Record]:
    """Another process on the same database and data folder; not begun."""
    made = Record(open_database(database_url), record.data_dir, record.defaults, clock)
    yield made
    await made.close()


def unit_of(record: Record, thread_id: str) -> Unit:
    """A thread that waits for the database."""
    return Unit([PutThread(thread_id, ADA, record.now())], [record.take_order()])


async def test_a_start_leaves_the_journal_of_one_who_lives(record: Record, second: Record) -> None:
    """What the first keeps while the database is away for it alone stays its own, and is counted."""
    record.journal.append([unit_of(record, new_id())])
    await second.start()
    assert len(record.journal.read()) == 1
    assert second.journals.count_waiting() == 1


@pytest.mark.parametrize("how", ["at its start", "at its next look"])
async def test_what_the_gone_have_left_is_written(record: Record, second: Record, how: str) -> None:
    """A killed process's journal goes into the record, by the next start or by whoever lives; once."""
    if how == "at its next look":
        await second.start()
    thread_id = new_id()
    record.journal.append([unit_of(record, thread_id)])
    record.processes.end()
    await (second.start() if how == "at its start" else second.look_around())
    assert len(await rows(second, "threads", thread_id=thread_id)) == 1
    assert second.journals.count_waiting() == 0
    assert not record.journal.path.parent.exists()


async def test_a_journal_of_an_earlier_version_is_written(record: Record, second: Record) -> None:
    """There was one a data folder, in no folder of a process."""
    thread_id = new_id()
    Journal(record.data_dir / "journal").append([unit_of(record, thread_id)])
    await second.start()
    assert len(await rows(second, "threads", thread_id=thread_id)) == 1


def test_a_withdrawal_takes_lines_from_a_journal_that_another_writes(tmp_path: Path) -> None:
    """Not one line of the others is lost, whenever it comes, and none of the withdrawn one's stays."""
    gone, stays = new_id(), new_id()
    ours, theirs = (Journals(tmp_path / "journal", new_id()) for _ in range(2))
    enough = threading.Event()
    kept = 0

    def keep() -> None:
        nonlocal kept
        while not enough.is_set():
            theirs.own.append([Unit([DeleteThread(one, NOW, ADA)], [1]) for one in (stays, gone)])
            kept += 1

    thread = threading.Thread(target=keep)
    thread.start()
    while kept < 20:
        ours.forget([gone])
    enough.set()
    thread.join()
    ours.forget([gone])
    left = [write.thread_id for unit in theirs.own.read() for write in unit.writes]  # type: ignore[union-attr]
    assert left == [stays] * kept


def test_two_processes_set_aside_in_one_file(tmp_path: Path) -> None:
    """A person looks in one place, whichever process it was that the database took nothing from."""
    ours, theirs = (Journals(tmp_path / "journal", new_id()) for _ in range(2))
    for one in (ours, theirs):
        one.own.append_failed(Unit([DeleteThread(new_id(), NOW, ADA)], [1]), "why")
    assert ours.count_failed() == theirs.count_failed() == 2
    assert (tmp_path / "journal" / "failed.jsonl").read_text().count("\n") == 2
