"""A power cut: what was called durable is on the disk, by its name and with all its bytes."""

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_layer.conversations.attachments import AttachmentStore, Pending
from data_layer.database.durable import make_folder, put_in_place, sync_file, sync_folder
from data_layer.database.files import FileStore
from data_layer.writing.batch import Unit
from data_layer.writing.journal import FAILED_NAME, Journal
from data_layer.writing.writes import DeleteThread
from secret_key import read_or_make
from tests.data_layer.rows import ADA, BOB, new_id
from tests.fakes import HandClock
from tests.power import Disk

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder, empty."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def disk(data: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk that it lies on."""
    return Disk(data, monkeypatch)


def unit_of(thread_id: str, by: str = ADA) -> Unit:
    """A unit that names a thread."""
    return Unit([DeleteThread(thread_id, NOW, by)], [1])


def test_what_nobody_asked_the_disk_to_write_is_gone(data: Path, disk: Disk, tmp_path: Path) -> None:
    """The disk of these tests forgets."""
    (data / "file").write_text("words")
    assert list(disk.after_power_cut(tmp_path / "after").iterdir()) == []


def test_the_journals_first_line_is_there(data: Path, disk: Disk, tmp_path: Path) -> None:
    """A journal that did not exist before has its folder's name, its own and its bytes on the disk."""
    Journal(data / "journal").append([unit_of("t")])
    after = Journal(disk.after_power_cut(tmp_path / "after") / "journal")
    assert [list(unit.writes) for unit in after.read()] == [[DeleteThread("t", NOW, ADA)]]


def test_each_further_line_is_there(data: Path, disk: Disk, tmp_path: Path) -> None:
    """append() has returned: a power cut takes none of what it was given."""
    journal = Journal(data / "journal")
    for number in range(3):
        journal.append([unit_of(f"t{number}"), unit_of(f"u{number}")])
        after = Journal(disk.after_power_cut(tmp_path / f"after {number}") / "journal")
        assert len(after.read()) == 2 * (number + 1)


def test_a_line_that_failed_is_there(data: Path, disk: Disk, tmp_path: Path) -> None:
    """What the database will never take waits for a person, and is not lost with the power."""
    Journal(data / "journal").append_failed(unit_of("t"), "why")
    line = (disk.after_power_cut(tmp_path / "after") / "journal" / FAILED_NAME).read_text()
    assert json.loads(line)["reason"] == "why"


def test_what_was_forgotten_does_not_come_back(data: Path, disk: Disk, tmp_path: Path) -> None:
    """A withdrawal has taken lines out of the journal, and left the others."""
    journal, gone, stays = Journal(data / "journal"), new_id(), new_id()
    journal.append([unit_of(gone), unit_of(stays, BOB)])
    assert journal.forget([gone]) == 1
    after = Journal(disk.after_power_cut(tmp_path / "after") / "journal")
    assert [list(unit.writes) for unit in after.read()] == [[DeleteThread(stays, NOW, BOB)]]


def test_a_cleared_journal_does_not_come_back(data: Path, disk: Disk, tmp_path: Path) -> None:
    """It holds participants' words, and what has been erased since would be in it."""
    journal = Journal(data / "journal")
    journal.append([unit_of("t")])
    journal.clear()
    assert Journal(disk.after_power_cut(tmp_path / "after") / "journal").read() == []


def test_a_kept_file_is_there(data: Path, disk: Disk, tmp_path: Path) -> None:
    """keep() has returned: its row may be committed."""
    element_id = new_id()
    FileStore(data / "files").keep(element_id, b"bytes")
    after = FileStore(disk.after_power_cut(tmp_path / "after") / "files")
    path = after.path_of(f"{element_id[:2]}/{element_id}")
    assert path is not None
    assert path.read_bytes() == b"bytes"


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_file_that_could_not_be_kept_leaves_nothing(
    data: Path, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses at any of its steps: no row will name it, and no withdrawal would find it."""
    fsync, calls = os.fsync, iter(range(1, 100))

    def refusing(descriptor: int) -> None:
        if next(calls) == nth:
            raise OSError(errno.EIO, "the disk refuses")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refusing)
    with pytest.raises(OSError, match="the disk refuses"):
        FileStore(data / "files").keep(new_id(), b"bytes")
    assert [path for path in data.rglob("*") if path.is_file()] == []


def test_an_attached_file_is_there(data: Path, disk: Disk, tmp_path: Path) -> None:
    """take() has moved an upload to where it stays: the message that has it may be committed."""
    files = FileStore(data / "files")
    attachments = AttachmentStore(data / "pending", files, HandClock())
    pending = Pending(new_id(), ADA, new_id(), "notes.txt", "text", "text/plain", 5, "0" * 64)
    place = attachments.begin(ADA, pending.attachment_id)
    place.write_bytes(b"words")
    sync_file(place)
    attachments.put(pending, most=10)
    kept = attachments.take(pending)
    assert kept is not None
    path = FileStore(disk.after_power_cut(tmp_path / "after") / "files").path_of(kept)
    assert path is not None
    assert path.read_bytes() == b"words"


def test_a_file_that_has_moved_is_in_one_place(data: Path, disk: Disk, tmp_path: Path) -> None:
    """Where it has gone, and no more where it was: a withdrawal looks for it there alone."""
    for name in ("old", "new"):
        make_folder(data / name)
    part = data / "old" / "part"
    part.write_bytes(b"words")
    sync_file(part)
    sync_folder(part.parent)
    put_in_place(part, data / "new" / "whole")
    after = disk.after_power_cut(tmp_path / "after")
    files = [path for path in after.rglob("*") if path.is_file()]
    assert [path.relative_to(after).as_posix() for path in files] == ["new/whole"]


def test_a_secret_that_was_made_is_there(data: Path, disk: Disk, tmp_path: Path) -> None:
    """Personal links that were sent out are signed with it."""
    secret = read_or_make(data / "secret")
    assert read_or_make(disk.after_power_cut(tmp_path / "after") / "secret") == secret
