"""A withdrawal: nothing of the participant stays, nothing comes back, and nobody else loses a letter."""

import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from data_layer.database.engine import Database, open_database, sqlite_path
from data_layer.record import Record
from data_layer.writing.batch import Unit
from data_layer.writing.journal import Journal
from data_layer.writing.people_writes import Withdraw
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import (
    InsertRow,
    MergeThreadMetadata,
    PutThread,
    RenameThread,
    ReturnThread,
    TagThread,
)
from study.errors import WriteRefused
from study.reasons import Reason
from tests.data_layer.outages import Outage
from tests.data_layer.rows import ADA, BOB, begin_thread, count, message, new_id, one, reply, rows
from tests.data_layer.said_by_ada import (
    EXPORT,
    MARKER,
    OWN_PROMPT,
    SHARED_PROMPT,
    database_folder,
    everything_kept,
    files_with,
    leave_files,
    rows_with,
    say_everything,
)
from tests.fakes import HandClock

BOBS_PROMPT = "c" * 64
HOUR = timedelta(hours=1)


@pytest.fixture
async def thread_id(record: Record) -> str:
    """ADA's thread, after she has left MARKER in everything; BOB has said other words in the same way."""
    thread = await say_everything(record, ADA, MARKER, OWN_PROMPT)
    await say_everything(record, BOB, "bobolink", BOBS_PROMPT)
    await leave_files(record)
    return thread


async def test_no_row_holds_a_word_of_theirs(record: Record, thread_id: str) -> None:
    """On both databases no table and no search row holds the marker; before, two dozen places did."""
    before = await rows_with(record, MARKER)
    assert {"steps", "step_revisions", "threads", "prompts", "ratings", "annotations", "elements"} < {*before}
    assert {"identities", "events", "connections", "runs", "passwords", "search_index"} < {*before}
    await record.withdrawals.withdraw(ADA, "participant")
    assert await rows_with(record, MARKER) == []


async def test_no_row_names_them_but_the_empty_ones(record: Record, thread_id: str) -> None:
    """Of their ids only the participant's row, the threads' and the withdrawal's are left."""
    await record.withdrawals.withdraw(ADA, "participant")
    await record.withdrawals.finish()
    naming = {
        name
        for name, kept in (await everything_kept(record)).items()
        for row in kept
        if ADA in row.values() or thread_id in row.values()
    }
    assert naming == {"participants", "threads", "withdrawals"}


async def test_nobody_else_loses_a_letter(record: Record, thread_id: str) -> None:
    """Row for row, what BOB has is what he had; of the exports only the copies are marked."""
    before = await everything_kept(record)
    await record.withdrawals.withdraw(ADA, "participant")
    after = await everything_kept(record)
    hers = {row["thread_id"] for row in before["threads"] if row["participant_id"] == ADA}
    for name in set(before) - {"withdrawals", "exports", "threads", "processes"}:
        bobs = [row for row in before[name] if not _is_hers(name, row, hers)]
        if name == "participants":
            bobs = before[name]
        assert sorted(after[name], key=repr) == sorted(bobs, key=repr), name
    assert [row for row in after["threads"] if row["participant_id"] == BOB] == [
        row for row in before["threads"] if row["participant_id"] == BOB
    ]


def _is_hers(table: str, row: dict[str, object], threads: set[str]) -> bool:
    if table == "prompts":
        return row["prompt_hash"] == OWN_PROMPT
    return row.get("participant_id") == ADA or row.get("thread_id") in threads


async def test_a_prompt_that_another_was_asked_with_stays(record: Record, thread_id: str) -> None:
    """It goes with the last call that was asked with it."""
    await record.withdrawals.withdraw(ADA, "participant")
    left = {row["prompt_hash"] for row in await rows(record, "prompts")}
    assert left == {SHARED_PROMPT, BOBS_PROMPT}
    await record.withdrawals.withdraw(BOB, "participant")
    assert await rows(record, "prompts") == []


async def test_an_empty_row_of_each_thread_stays(record: Record, thread_id: str) -> None:
    """It says that a conversation was there, when it began, and that it was withdrawn."""
    before = await one(record, "threads", thread_id=thread_id)
    row = await record.withdrawals.withdraw(ADA, "participant")
    after = await one(record, "threads", thread_id=thread_id)
    assert (after["title"], after["preview"], after["tags"], after["metadata"]) == ("", "", None, None)
    assert (after["message_count"], after["turn_count"], after["state"]) == (0, 0, "withdrawn")
    assert (after["created_at"], after["ended_at"]) == (before["created_at"], row["withdrawn_at"])
    assert after["version"] > before["version"]


async def test_the_tombstone_counts(record: Record, thread_id: str) -> None:
    """It holds how much is gone, by table, and which exports may have held it."""
    row = await record.withdrawals.withdraw(ADA, "researcher", "r" * 36)
    assert (row["participant_id"], row["requested_by"], row["researcher_id"]) == (ADA, "researcher", "r" * 36)
    expected = {"threads": 1, "messages": 3, "files": 1, "steps": 4, "ratings": 1, "prompts": 1, "shares": 1}
    assert {name: row["counts"][name] for name in expected} == expected
    assert row["export_ids"] == [EXPORT]
    assert (await one(record, "exports"))["deleted_at"] == row["withdrawn_at"]


async def test_no_file_of_theirs_stays(record: Record, thread_id: str) -> None:
    """Attachments sent and waiting, lines of the journal, exports' copies: all are gone, BOB's are not."""
    assert len(files_with(record.data_dir, MARKER)) == 6
    await record.withdrawals.withdraw(ADA, "participant")
    assert files_with(record.data_dir, MARKER) == []
    failed = (record.data_dir / "journal" / "failed.jsonl").read_text()
    assert failed.count("\n") == 1
    assert BOB in failed
    assert files_with(record.data_dir / "files", "bobolink") != []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_grep_of_the_database_file_finds_nothing(record: Record, thread_id: str) -> None:
    """Not in the file after VACUUM, not beside it; the search index has forgotten the word as well."""
    await record.withdrawals.withdraw(ADA, "participant")
    await record.withdrawals.finish()
    path = sqlite_path(record.database.url)
    assert path is not None
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert files_with(database_folder(record), "bobolink") != []
    assert files_with(database_folder(record), MARKER) == []
    assert files_with(record.data_dir, MARKER) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_erased_is_overwritten_without_a_vacuum(record: Record) -> None:
    """The rows' own bytes are zeros, the log is cut off, and the index is merged, while others write on."""
    await say_everything(record, ADA, MARKER, OWN_PROMPT)
    assert files_with(database_folder(record), MARKER) != []
    await record.withdrawals.withdraw(ADA, "participant")
    await record.withdrawals.finish()
    assert files_with(database_folder(record), MARKER) == []
    await begin_thread(record, "others go on", BOB)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_pages_that_were_free_before_are_overwritten_too(record: Record) -> None:
    """As the index leaves its old parts in the file when it merges them, while nobody has withdrawn yet."""
    await say_everything(record, ADA, MARKER, OWN_PROMPT)
    path = sqlite_path(record.database.url)
    assert path is not None
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA secure_delete = FAST")  # as the writer's connection has it
    connection.execute("CREATE TABLE old_parts (words TEXT)")
    connection.execute("INSERT INTO old_parts VALUES (?)", (MARKER * 100_000,))
    connection.execute("DROP TABLE old_parts")
    assert connection.execute("PRAGMA freelist_count").fetchone()[0] > 200
    await record.withdrawals.withdraw(ADA, "participant")
    await record.withdrawals.finish()
    assert files_with(database_folder(record), MARKER) == []
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'free_pages'").fetchone() is None
    connection.close()


async def test_a_file_without_a_row_goes_after_a_week(record: Record, thread_id: str) -> None:
    """A kill came between the file and its row; what is younger, or waits for its row, stays."""
    there = files_with(record.data_dir / "files", MARKER)
    names = ("old", "young")
    paths = [record.files.path_of(record.files.keep(new_id(), name.encode()).file) for name in names]
    old, young = (path for path in paths if path is not None)
    os.utime(old, (0, 0))
    for name in there:
        os.utime(record.data_dir / "files" / name, (0, 0))
    record.journal.append([Unit([message(record, thread_id, "waits")], [1])])
    await record.withdrawals.finish()
    assert old.exists()
    record.journal.clear()
    await record.withdrawals.finish()
    assert (old.exists(), young.exists()) == (False, True)
    assert files_with(record.data_dir / "files", MARKER) == there


async def test_files_are_erased_after_a_crash(record: Record, thread_id: str) -> None:
    """A process that dies after the commit leaves a list; the next one erases what is on it."""
    folder = record.data_dir / "exports"
    await record.writer.submit(_withdrawal(record))
    assert files_with(folder, MARKER) != []
    again = Record(record.database, record.data_dir, record.defaults, record.now)
    await again.start()
    assert await again.withdrawals.finish()
    assert files_with(record.data_dir, MARKER) == []
    assert (await one(record, "withdrawals"))["leftovers"] is None
    await again.writer.close()


async def test_it_is_in_order_with_other_writes(record: Record) -> None:
    """What was called for before it in the same transaction is erased; what comes after it is refused."""
    thread_id = await begin_thread(record)
    await _enter(record, ADA)
    before = record.writer.submit(message(record, thread_id, f"first {MARKER}"))
    withdrawal = record.writer.submit(_withdrawal(record))
    after = record.writer.submit(message(record, thread_id, f"later {MARKER}"))
    bobs = record.writer.submit(PutThread(new_id(), BOB, record.now(), "Bob's"))
    assert [(await one).refused for one in (before, withdrawal, after, bobs)] == [
        None,
        None,
        Reason.HAS_WITHDRAWN,
        None,
    ]
    assert await rows_with(record, MARKER) == []


LATE: dict[str, Callable[[Record, str], object]] = {
    "a message": lambda record, thread: message(record, thread, MARKER),
    "a reply that was being given": lambda record, thread: reply(record, thread, MARKER),
    "a new thread": lambda record, _: PutThread(new_id(), ADA, record.now(), MARKER),
    "a message in a new thread": lambda record, _: message(record, new_id(), MARKER),
    "the thread again": lambda record, thread: PutThread(thread, ADA, record.now(), MARKER),
    "a title": lambda record, thread: RenameThread(thread, MARKER, record.now(), ADA),
    "tags": lambda record, thread: TagThread(thread, (MARKER,), record.now(), ADA),
    "metadata": lambda record, thread: MergeThreadMetadata(thread, {"a": MARKER}, record.now()),
    "a restore": lambda record, thread: ReturnThread(thread, record.now(), "r"),
    "an identity": lambda record, _: InsertRow(
        "identities",
        {"identity_id": new_id(), "participant_id": ADA, "study_id": "example", "kind": "user_name"}
        | {"value": MARKER, "value_key": MARKER, "created_at": record.now()},
    ),
    "an event": lambda record, thread: record.event("typed", payload={"a": MARKER}, thread_id=thread),
    "an event of no thread": lambda record, _: record.event("x", payload={"a": MARKER}, participant_id=ADA),
}


@pytest.mark.parametrize("late", LATE)
async def test_what_comes_later_is_refused(record: Record, database_url: str, late: str) -> None:
    """In this process, in another that has not heard of it, and from a journal that is replayed later."""
    thread_id = await begin_thread(record)
    await _enter(record, ADA)
    elsewhere = open_database(database_url)
    other = Record(elsewhere, record.data_dir / "other", record.defaults, record.now)
    await other.writer.submit(message(record, thread_id, "the other has met it"))
    await record.withdrawals.withdraw(ADA, "participant")
    write = LATE[late](record, thread_id)
    assert (await record.writer.submit(write)).refused == Reason.HAS_WITHDRAWN  # type: ignore[arg-type]
    assert (await other.writer.submit(write)).refused == Reason.HAS_WITHDRAWN  # type: ignore[arg-type]
    Journal(record.data_dir / "other" / "journal").append([Unit([write], [record.take_order()])])  # type: ignore[list-item]
    await other.start()
    assert await rows_with(record, MARKER) == []
    await other.close()


async def test_a_prompt_is_refused_with_its_call(record: Record) -> None:
    """A prompt names nobody: what is written with a call of theirs is theirs."""
    thread_id = await begin_thread(record)
    await _enter(record, ADA)
    await record.withdrawals.withdraw(ADA, "participant")
    prompt = {"prompt_hash": OWN_PROMPT, "messages": MARKER, "created_at": record.now()}
    call = {"llm_call_id": new_id(), "thread_id": thread_id, "prompt_hash": OWN_PROMPT}
    outcome = await record.writer.submit(InsertRow("prompts", prompt), InsertRow("llm_calls", call))
    assert outcome.refused == Reason.HAS_WITHDRAWN
    assert await count(record, "prompts") == 0


async def test_a_file_that_comes_later_is_not_kept(record: Record) -> None:
    """The bytes are written before the row; when the row is refused, they go."""
    thread_id = await begin_thread(record)
    await _enter(record, ADA)
    await record.withdrawals.withdraw(ADA, "participant")
    element = {"element_id": new_id(), "thread_id": thread_id, "type": "file", "name": "x"}
    await record.elements.put(None, record.take_order(), element, MARKER.encode())
    assert files_with(record.data_dir, MARKER) == []


async def test_nobody_withdraws_twice(record: Record) -> None:
    """The first time and its numbers stay; who was never here cannot leave either."""
    await _enter(record, ADA)
    row = await record.withdrawals.withdraw(ADA, "participant")
    with pytest.raises(WriteRefused):
        await record.withdrawals.withdraw(ADA, "researcher")
    with pytest.raises(WriteRefused):
        await record.withdrawals.withdraw(BOB, "participant")
    assert [one["withdrawal_id"] for one in await record.withdrawals.all()] == [row["withdrawal_id"]]


async def test_it_does_not_wait_for_a_database_that_is_away(
    impatient: Database, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock, outage: Outage
) -> None:
    """Erased would be untrue: whoever asks is told to try again, and nothing of it is in the journal."""
    record = Record(impatient, tmp_path / "kept", defaults, clock)
    await _enter(record, ADA)
    outage.begin()
    await record.writer.submit(PutThread(new_id(), ADA, record.now(), "waits"))
    assert record.writer.health.away
    with pytest.raises(OSError, match="journal"):
        await record.withdrawals.withdraw(ADA, "participant")
    assert "Withdraw" not in record.journal.path.read_text()
    outage.end()
    await record.writer.close()


async def test_sign_ins_end_at_once(record: Record, database_url: str) -> None:
    """In this process and, without their rows, in another one too."""
    await _enter(record, ADA)
    sign_in = await record.sign_ins.begin(ADA, "name", lasts=HOUR)
    elsewhere = open_database(database_url)
    other = Record(elsewhere, record.data_dir / "other", record.defaults, record.now)
    assert await other.sign_ins.holds(sign_in, ADA)
    before = record.now()
    await record.withdrawals.withdraw(ADA, "participant")
    assert not await record.sign_ins.holds(sign_in, ADA)
    assert sign_in in await other.sign_ins.ended_since(before)
    assert not await other.sign_ins.holds(sign_in, ADA)
    await elsewhere.close()


async def test_a_name_that_comes_back_is_somebody_new(record: Record) -> None:
    """The identity is gone, so the same name makes a new pseudonym, under which everything can be said."""
    first = await record.enter("Ada", "ada")
    await record.withdrawals.withdraw(first.participant_id, "participant")
    second = await record.enter("Ada", "ada")
    assert second.participant_id != first.participant_id
    outcome = await record.writer.submit(PutThread(new_id(), second.participant_id, record.now(), "Hello"))
    assert outcome.refused is None


async def test_a_thread_whose_owner_was_not_known_goes_with_its_page(record: Record) -> None:
    """A thread of nobody's in which the participant was connected is theirs."""
    thread_id = new_id()
    await record.writer.submit(message(record, thread_id, MARKER, by=None))
    await _enter(record, ADA)
    connection = {"connection_id": new_id(), "session_id": "s", "opened_at": record.now()}
    await record.writer.submit(
        InsertRow("connections", {**connection, "participant_id": ADA, "thread_id": thread_id})
    )
    await record.withdrawals.withdraw(ADA, "participant")
    assert await rows_with(record, MARKER) == []


def _withdrawal(record: Record) -> Withdraw:
    return Withdraw(ADA, new_id(), record.now(), "participant")


async def _enter(record: Record, participant_id: str) -> None:
    row = {"participant_id": participant_id, "study_id": "example", "source": "login"}
    await record.writer.submit(InsertRow("participants", {**row, "created_at": record.now()}))
