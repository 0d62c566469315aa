import os
import platform
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from exports.documents.manifest import read_manifest
from exports.folder import clear_leftovers, part_folder
from exports.options import FORMATS
from study.errors import DatabaseError, ExportError
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.exports.seed import Seed

ROOT = Path(__file__).resolve().parents[2]
# Exports, and is killed in the middle of its second table.
KILLED = """
import os, signal, sys
from pathlib import Path
from exports.make import export

class Killer:
    tables = 0
    def stage(self, words):
        pass
    def plan(self, rows):
        pass
    def begin(self, table, rows):
        self.tables += 1
    def advance(self, rows):
        if self.tables == 2:
            os.kill(os.getpid(), signal.SIGKILL)

export(sys.argv[1], Path(sys.argv[2]), progress=Killer())
"""


def killed_export(url: str, out: Path) -> None:
    """Let a process export until it is killed."""
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(out)], cwd=ROOT, timeout=60)
    assert done.returncode == -signal.SIGKILL


def test_a_killed_export_leaves_nothing_that_looks_whole(sqlite_story: str, out: Path) -> None:
    """Not at its place, and what it left beside it has no manifest."""
    killed_export(sqlite_story, out)
    assert not out.exists()
    (left,) = out.parent.glob(".out.part-*")
    with pytest.raises(ExportError, match="not a whole one"):
        read_manifest(left)


def test_the_next_export_clears_away_what_a_killed_one_left(sqlite_story: str, out: Path) -> None:
    """Nobody has to know about it."""
    killed_export(sqlite_story, out)
    export_to(sqlite_story, out)
    assert [path.name for path in out.parent.glob("*out*")] + list(out.parent.glob(".out*")) == ["out"]
    assert verify_export(out, sqlite_story) == []


def test_an_export_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    """Its folder bears its process's number, and that process lives."""
    running = tmp_path / f".out.part-{platform.node()}-{os.getpid()}-01234567"
    running.mkdir()
    assert clear_leftovers(tmp_path / "out") == []
    assert running.is_dir()


def test_another_exports_leftovers_are_left_alone(tmp_path: Path) -> None:
    """A name that begins alike is another export's."""
    other = tmp_path / f".out-2.part-{platform.node()}-999999999-01234567"
    other.mkdir()
    assert clear_leftovers(tmp_path / "out") == []


def test_an_export_that_fails_leaves_nothing(sqlite_url: str, out: Path) -> None:
    """Neither at its place nor beside it."""
    with pytest.raises(ExportError):
        export_to(sqlite_url, out, agent="nobody")
    assert list(out.parent.glob("*out*")) + list(out.parent.glob(".out*")) == []


def test_an_export_never_overwrites(sqlite_story: str, out: Path) -> None:
    """A folder with something in it is refused, and stays as it is."""
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match="out-2"):
        export_to(sqlite_story, out)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_a_file_at_its_place_is_refused(sqlite_story: str, out: Path) -> None:
    """The message says so."""
    out.write_text("mine")
    with pytest.raises(ExportError, match="is a file"):
        export_to(sqlite_story, out)


def test_an_empty_folder_is_taken(sqlite_story: str, out: Path) -> None:
    """Somebody made it for this."""
    out.mkdir()
    export_to(sqlite_story, out)
    assert (out / "manifest.json").is_file()


def test_folders_above_it_are_made(sqlite_story: str, out: Path) -> None:
    """As far as they are missing."""
    export_to(sqlite_story, out / "2026" / "march")
    assert (out / "2026" / "march" / "manifest.json").is_file()


def test_a_place_that_cannot_be_written_to_is_named(sqlite_story: str, out: Path) -> None:
    """A file where a folder should be, here."""
    out.write_text("mine")
    with pytest.raises(ExportError, match="may write"):
        export_to(sqlite_story, out / "below")


def test_what_came_there_meanwhile_is_not_overwritten(out: Path) -> None:
    """Whoever was first keeps it."""
    filling = part_folder(out)
    filling.__enter__()
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match="never overwrites"):
        filling.__exit__(None, None, None)
    assert (out / "notes.txt").read_text() == "mine"


def test_only_this_account_may_read_it(sqlite_story: str, out: Path) -> None:
    """What participants said is not for everybody on the machine."""
    export_to(sqlite_story, out)
    assert out.stat().st_mode & 0o077 == 0


def test_a_database_that_is_not_there_is_named(tmp_path: Path, out: Path) -> None:
    """The message says where it was looked for, and makes none."""
    missing = tmp_path / "nowhere.db"
    with pytest.raises(DatabaseError, match="--database"):
        export_to(f"sqlite+aiosqlite:///{missing}", out)
    assert not missing.exists()
    assert not out.exists()


def test_a_database_without_tables_is_named(tmp_path: Path, out: Path) -> None:
    """The message says how they are made."""
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(DatabaseError, match=r"cli\.py migrate"):
        export_to(f"sqlite+aiosqlite:///{empty}", out)


def test_a_postgresql_that_does_not_answer_is_named(out: Path) -> None:
    """One sentence, no traceback."""
    with pytest.raises(DatabaseError, match="running"):
        export_to("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", out)


@pytest.mark.parametrize(
    ("name", "database"), [*((name, "sqlite_url") for name in FORMATS), ("csv", "postgres_url")]
)
def test_a_full_disk_is_a_sentence(
    name: str, database: str, request: pytest.FixtureRequest, out: Path
) -> None:
    """Whichever database is read: the disk is blamed, and nothing is left behind."""
    database_url = request.getfixturevalue(database)
    seed = Seed()
    seed.thread("thread", None, 0)
    for number in range(300):
        words = random.Random(number).randbytes(1000).hex()
        seed.step(f"message {number}", "thread", number, "user_message", output=words)
    seed.write(database_url)
    command = f'ulimit -f 200; exec "$0" -m exports "$1" --format {name} --database "$2"'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, str(out), database_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == ExportError.exit_code, done.stderr
    assert done.stderr.startswith("The export could not be written (File too large)")
    assert len(done.stderr.splitlines()) == 1
    assert list(out.parent.glob("*out*")) + list(out.parent.glob(".out*")) == []
