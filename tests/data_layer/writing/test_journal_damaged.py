"""The journal when the disk is full, torn or damaged: what is whole is read, what is half is nobody's."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_layer.writing.batch import Unit
from data_layer.writing.journal import Journal
from data_layer.writing.writes import DeleteThread, InsertRow, PatchRow
from tests.data_layer.rows import ADA, BOB, new_id

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal."""
    return Journal(tmp_path / "journal")


def unit_of(thread_id: str, by: str = ADA) -> Unit:
    """A unit that names a thread."""
    return Unit([DeleteThread(thread_id, NOW, by)], [1])


FULL_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from data_layer.writing.batch import Unit
from data_layer.writing.journal import Journal
from data_layer.writing.writes import DeleteThread
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal, at = Journal(Path(sys.argv[1])), datetime(2026, 11, 29, 12, tzinfo=UTC)
journal.append([Unit([DeleteThread("first", at, "ada")], [1])])
room = journal.path.stat().st_size + 40
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
try:
    journal.append([Unit([DeleteThread("second", at, "ada")], [2])])
except OSError:
    pass
else:
    sys.exit("there was room for it")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append([Unit([DeleteThread("third", at, "ada")], [3])])
"""


def test_a_disk_that_fills_up_in_a_line_leaves_no_half_of_it(journal: Journal) -> None:
    """The file may not grow on, after 40 bytes of the second line: first and third are whole, alone."""
    subprocess.run([sys.executable, "-c", FULL_DISK, str(journal.path.parent)], check=True)
    assert [unit.orders for unit in journal.read()] == [[1], [3]]
    assert len(journal.path.read_bytes().splitlines()) == 2


def test_a_torn_byte_is_a_torn_line(journal: Journal) -> None:
    """One byte without a line end is half a line too."""
    journal.path.parent.mkdir()
    journal.path.write_bytes(b"{")
    journal.append([unit_of("t")])
    assert [unit.orders for unit in journal.read()] == [[1]]


def test_a_whole_last_line_is_followed_at_once(journal: Journal) -> None:
    """No empty line stands between two lines that are whole."""
    journal.append([unit_of("t")])
    journal.append([unit_of("u")])
    assert [bool(line) for line in journal.path.read_text().split("\n")] == [True, True, False]


def test_a_failed_unit_keeps_the_name_that_it_was_tried_under(journal: Journal) -> None:
    """A replay that is begun again sees that it was set aside; one that never had a name gets one."""
    named, nameless = unit_of("t"), unit_of("u")
    named.entry_id = "e1"
    journal.append_failed(named, "why")
    journal.append_failed(nameless, "why")
    first, second = (json.loads(line)["id"] for line in journal.failed_path.read_text().splitlines())
    assert first == "e1"
    assert len(second) == len(new_id())


def test_it_counts_what_waits_and_what_failed(journal: Journal) -> None:
    """For health and the room: lines, whether or not somebody can read them."""
    assert (journal.count_waiting(), journal.count_failed()) == (0, 0)
    journal.append([unit_of("t"), unit_of("u")])
    journal.append_failed(unit_of("v"), "why")
    assert (journal.count_waiting(), journal.count_failed()) == (2, 1)


def test_forgetting_takes_damaged_lines_along(journal: Journal) -> None:
    """What cannot be read names nobody for sure; the others stay, whatever bytes stood between."""
    gone = new_id()
    journal.append([unit_of(gone), unit_of("stays, with spaces", BOB), unit_of("stays too", BOB)])
    journal.path.write_bytes(b"\xff\xfe\x00\n" + journal.path.read_bytes() + b'{"half')
    assert journal.forget([gone]) == 3
    threads = [write.thread_id for unit in journal.read() for write in unit.writes]
    assert threads == ["stays, with spaces", "stays too"]


def test_nothing_to_forget_leaves_the_file_alone(journal: Journal) -> None:
    """A withdrawal of somebody else's rewrites nothing."""
    journal.append([unit_of("t")])
    before = journal.path.stat()
    assert journal.forget([new_id()]) == 0
    assert (journal.path.stat().st_ino, journal.path.stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    )


def test_a_value_that_json_does_not_know_is_kept_as_it_shows(journal: Journal) -> None:
    """A row that the database refuses is set aside in any case."""
    odd = Unit([InsertRow("events", {"payload": {1, 2} - {2}})], [1])
    journal.append_failed(odd, "no JSON holds a set")
    assert "{1}" in journal.failed_path.read_text()


def test_a_patch_comes_back_with_its_condition(journal: Journal) -> None:
    """The column that must still be null is not forgotten on the way."""
    write = PatchRow("runs", {"run_id": "r"}, {"ended_at": NOW}, "ended_at")
    journal.append([Unit([write], [1])])
    assert journal.read()[0].writes == [write]
