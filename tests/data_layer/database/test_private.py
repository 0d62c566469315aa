"""Files and folders that others may open: closed where they are ours, named where they are not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer.database.files import FileStore
from data_layer.database.migrate import upgrade
from data_layer.database.private import close_ours
from data_layer.writing.batch import Unit
from data_layer.writing.journal import Journal
from exports.backup.make import make_backup
from tests.data_layer.rows import new_id

OPEN = 0o077


@pytest.fixture
def careless() -> Iterator[None]:
    """A process that keeps nothing from anybody by itself: a notebook that imports us."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Of all that is below a folder: what others may do with it."""
    return {str(path.relative_to(folder)): path.stat().st_mode & OPEN for path in folder.rglob("*")}


async def test_whatever_the_umask(careless: None, tmp_path: Path) -> None:
    """Database, logs, files, journal and backup are this account's alone, also where we are a library."""
    data = tmp_path / "data"
    await upgrade(url := f"sqlite+aiosqlite:///{data}/verbatim.db")
    FileStore(data / "files").keep(new_id(), b"x")
    journal = Journal(data / "journal")
    journal.append([Unit([], [])])
    journal.append_failed(Unit([], []), "why")
    make_backup(url, data, tmp_path / "backup")
    made = modes(tmp_path)
    assert {"data", "data/verbatim.db", "data/journal/failed.jsonl", "backup/manifest.json"} <= set(made)
    assert {name: mode for name, mode in made.items() if mode} == {}


def test_ours_is_closed_and_others_are_named(careless: None, tmp_path: Path) -> None:
    """Whatever an earlier version or a copy left open; a foreign file in the folder stays as it is."""
    data = tmp_path / "data"
    for name in (
        "files/ab/one",
        "journal/writes.jsonl",
        "secret",
        "exports/x/messages.csv",
        "cache/gzip/x.gz",
        "of.the.lab",
    ):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("x")
    for suffix in ("", "-wal", "-shm"):
        (data / f"verbatim.db{suffix}").write_text("x")
    closed, sentences = close_ours(data, data / "verbatim.db")
    assert {name for name, mode in modes(data).items() if mode} == {"of.the.lab"}
    assert closed == len(modes(data)) - 1
    assert sentences == [
        f"Other accounts of this machine may open {data} (mode 777), which holds what participants said. "
        f"Close it: chmod go= {data}"
    ]
    data.chmod(0o700)
    assert close_ours(data, data / "verbatim.db") == (0, [])


def test_what_a_link_leads_to_is_left_alone(careless: None, tmp_path: Path) -> None:
    """A nightly export is a link to its folder; a link out of the data folder leads to somebody else's."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").touch()
    (tmp_path / "data" / "exports").mkdir(parents=True)
    (tmp_path / "data" / "exports" / "latest").symlink_to(tmp_path / "theirs")
    close_ours(tmp_path / "data", None)
    assert modes(tmp_path / "theirs") == {"file": 0o066}
