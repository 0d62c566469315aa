"""A backup: made beside a server that writes, whole or not at all, and restored as the how-to says."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from data_layer.database import schema
from data_layer.database.engine import open_database
from exports.backup import make as backups
from exports.backup.make import MANIFEST_NAME, PasswordFile, check, make_backup
from exports.backup.verify import verify_backup
from study.errors import DatabaseError, ExportError
from tests.exports.story import story
from tests.house.tree import ROOT
from tests.postgres import PostgresServer

PAGE = ROOT / "docs" / "how-to" / "back-up-and-restore.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
ELEMENT = "ab/abcdef00-0000-4000-8000-000000000000"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a file, a waiting write, the secret; an export, and a file that is being written."""
    folder = tmp_path / "data"
    for name, content in {
        f"files/{ELEMENT}": "attached",
        "files/ab/half.part": "half",
        "journal/failed.jsonl": "{}\n",
        "secret": "s" * 40,
        "exports/some/messages.csv": "said",
        "pending/x": "never sent",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


@pytest.fixture(scope="module", autouse=True)
def programs(postgres_server: PostgresServer) -> Iterator[Path]:
    """PostgreSQL's own programs, of its server's version, stand first on the path."""
    with pytest.MonkeyPatch.context() as here:
        here.setenv("PATH", f"{postgres_server.programs}:{os.environ['PATH']}")
        yield postgres_server.programs


@pytest.fixture
def made(story_url: str, data: Path, tmp_path: Path) -> Path:
    """A backup of a study with a story in it, on either database."""
    out = tmp_path / "backups" / "monday"
    make_backup(story_url, data, out)
    return out


def wrong(folder: Path) -> list[str]:
    """What a look finds."""
    return verify_backup(folder)


async def counts(url: str) -> dict[str, int]:
    """How many rows each table has, whichever database it is."""
    database = open_database(url)
    try:
        async with database.engine.connect() as connection:
            return {
                name: (await connection.exec_driver_sql(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in schema.metadata.tables
            }
    finally:
        await database.close()


def test_a_backup_proves_itself(made: Path) -> None:
    """It holds the database and what was kept, nothing else, and nothing is wrong with it."""
    held = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    database = {"verbatim.db"} if (made / "verbatim.db").exists() else {"verbatim.dump"}
    assert held == database | {f"files/{ELEMENT}", "journal/failed.jsonl", "secret", MANIFEST_NAME}
    assert wrong(made) == []
    assert made.stat().st_mode & 0o077 == 0


def test_a_change_is_found(made: Path) -> None:
    """Whatever was changed, taken out or put in, each has its sentence."""
    (made / "files" / ELEMENT).write_text("otherwise")
    (made / "secret").unlink()
    (made / "more").write_text("more")
    assert wrong(made) == [
        "more is not in the manifest.",
        f"files/{ELEMENT} was changed after the backup was made.",
        "secret is missing.",
    ]


def test_a_damaged_database_is_found(made: Path) -> None:
    """Also by somebody who has brought the manifest into line."""
    name = "verbatim.db" if (made / "verbatim.db").exists() else "verbatim.dump"
    content = bytearray((made / name).read_bytes())
    content[100 if name.endswith("db") else 0 : 6000] = b"\0" * 5900
    (made / name).write_bytes(content)
    manifest = json.loads((made / MANIFEST_NAME).read_text())
    for file in manifest["files"]:
        path = made / file["path"]
        file |= {"bytes": path.stat().st_size, "sha256": backups.sha256_of(path)}
    (made / MANIFEST_NAME).write_text(json.dumps(manifest))
    assert any(name in sentence for sentence in wrong(made))


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """A folder without a manifest, or with one that leads elsewhere."""
    with pytest.raises(ExportError, match="is no backup"):
        wrong(tmp_path)
    outside = {"path": "../secret", "bytes": 1, "sha256": ""}
    said = {"made_at": "2026-11-25T00:00:00Z", "app_version": "0", "database": "sqlite", "files": [outside]}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(said))
    with pytest.raises(ExportError, match="is no backup"):
        wrong(tmp_path)


def test_a_backup_overwrites_nothing(story_url: str, data: Path, made: Path, tmp_path: Path) -> None:
    """Neither a backup nor anything else; and the database has to be there."""
    for function in (check, make_backup):
        with pytest.raises(ExportError, match="a backup never overwrites"):
            function(story_url, data, made)
    with pytest.raises(DatabaseError, match="There is no database"):
        check(f"sqlite+aiosqlite:///{tmp_path}/none.db", data, tmp_path / "new")
    assert wrong(made) == []


def test_a_failed_backup_leaves_nothing(data: Path, tmp_path: Path) -> None:
    """A database that cannot be read is a sentence, and no half folder stays."""
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 1000)
    out = tmp_path / "backups" / "monday"
    with pytest.raises(DatabaseError, match="could not be copied"):
        make_backup(f"sqlite+aiosqlite:///{broken}", data, out)
    assert list(out.parent.iterdir()) == []


def test_a_disk_that_is_too_small_is_told_before(
    sqlite_story: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is needed and what is there."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(ExportError, match=r"needs \d+ MB, and .* has 0 MB left"):
        check(sqlite_story, data, tmp_path / "new")


def test_a_backup_is_of_one_moment(sqlite_story: str, data: Path, tmp_path: Path) -> None:
    """While another writes pairs of rows in one transaction each, the copy never holds half a pair."""
    path = make_url(sqlite_story).database or ""
    stop = threading.Event()

    def write() -> None:
        with sqlite3.connect(path, timeout=30) as database:
            number = 0
            while not stop.is_set():
                number += 1
                for side in "ab":
                    database.execute(
                        "INSERT INTO journal_applied VALUES (?, '2026-11-25 00:00:00.000000')",
                        (f"{number}{side}",),
                    )
                database.commit()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(5):
            make_backup(sqlite_story, data, tmp_path / f"copy{number}")
    finally:
        stop.set()
        writing.join()
    for number in range(5):
        with sqlite3.connect(tmp_path / f"copy{number}" / "verbatim.db") as copy:
            sides = copy.execute(
                "SELECT sum(entry_id LIKE '%a'), sum(entry_id LIKE '%b') FROM journal_applied"
            ).fetchone()
        assert sides[0] == sides[1]
        assert wrong(tmp_path / f"copy{number}") == []


def test_a_backup_of_postgresql_is_of_one_moment(
    postgres_url: str, data: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """While another writes pairs of rows in one transaction each, a restored copy never holds half a pair."""
    stop, wrote = threading.Event(), threading.Event()
    numbers: list[int] = []
    writing = threading.Thread(
        target=lambda: asyncio.run(write_pairs(postgres_url, numbers, wrote, stop)), daemon=True
    )
    writing.start()
    try:
        assert wrote.wait(30)
        before = len(numbers)
        make_backup(postgres_url, data, tmp_path / "copy")
        assert len(numbers) > before  # nobody waited for the backup
    finally:
        stop.set()
        writing.join()
    assert wrong(tmp_path / "copy") == []
    name = postgres_server.make_database("template0")
    url = postgres_server.url_of(name)
    try:
        with PasswordFile(url, tmp_path / "password") as address:
            follow(BLOCKS[2], BACKUP=tmp_path / "copy", DATA=tmp_path / "again", DATABASE=address)
        sides = asyncio.run(sides_of(url))
    finally:
        postgres_server.drop_database(name)
    assert sides["a"] == sides["b"]
    assert before <= sides["a"] <= len(numbers)


async def write_pairs(url: str, numbers: list[int], wrote: threading.Event, stop: threading.Event) -> None:
    """Write rows in pairs, each pair in a transaction, until told to stop."""
    database = open_database(url)
    try:
        while not stop.is_set():
            number = len(numbers)
            async with database.engine.begin() as connection:
                for side in "ab":
                    await connection.exec_driver_sql(
                        f"INSERT INTO journal_applied VALUES ('{number}{side}', now())"
                    )
            numbers.append(number)
            wrote.set()
    finally:
        await database.close()


async def sides_of(url: str) -> dict[str, int]:
    """How many halves of pairs there are, by their side."""
    database = open_database(url)
    query = "SELECT right(entry_id, 1), count(*) FROM journal_applied GROUP BY 1"
    try:
        async with database.engine.connect() as connection:
            return {str(row[0]): int(row[1]) for row in await connection.exec_driver_sql(query)}
    finally:
        await database.close()


def test_without_pg_dump_there_is_a_sentence(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the repair; and a failure of pg_dump's is told in its own words, without the password."""
    url = "postgresql+asyncpg://somebody:hush-hush@/none?host=/nowhere"
    with monkeypatch.context() as without:
        without.setattr(shutil, "which", lambda _: None)
        with pytest.raises(ExportError, match="apt install postgresql-client"):
            make_backup(url, data, tmp_path / "new")
    with pytest.raises(ExportError, match="pg_dump failed") as failed:
        make_backup(url, data, tmp_path / "new")
    assert "hush" not in str(failed.value)
    assert not (tmp_path / "new").exists()


def test_a_password_stands_in_a_file_alone(tmp_path: Path) -> None:
    """No other account reads it off the command line or the disk, and it is gone afterwards."""
    path = tmp_path / "password"
    url = "postgresql+asyncpg://ann:p%3A%5Cw%27@db.example:5433/study"
    with PasswordFile(url, path) as address:
        assert address == f"host='db.example' port='5433' user='ann' dbname='study' passfile='{path}'"
        assert path.read_text() == "*:*:*:*:p\\:\\\\w'\n"
        assert path.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_the_how_to_restores_sqlite(sqlite_story: str, data: Path, tmp_path: Path) -> None:
    """Its block runs as it stands, and all rows and files are there again."""
    make_backup(sqlite_story, data, tmp_path / "copy")
    follow(BLOCKS[1], BACKUP=tmp_path / "copy", DATA=tmp_path / "again")
    url = f"sqlite+aiosqlite:///{tmp_path}/again/verbatim.db"
    assert asyncio.run(counts(url)) == asyncio.run(counts(sqlite_story))
    for name in (f"files/{ELEMENT}", "journal/failed.jsonl", "secret"):
        assert (tmp_path / "again" / name).read_bytes() == (data / name).read_bytes()
    assert {path.name for path in (tmp_path / "again").iterdir()} == {
        "verbatim.db",
        "files",
        "journal",
        "secret",
    }


def test_the_how_to_restores_postgresql(
    postgres_url: str, data: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """Its block runs as it stands, into an empty database."""
    story().write(postgres_url)
    make_backup(postgres_url, data, tmp_path / "copy")
    name = postgres_server.make_database("template0")
    url = postgres_server.url_of(name)
    with PasswordFile(url, tmp_path / "password") as address:
        follow(BLOCKS[2], BACKUP=tmp_path / "copy", DATA=tmp_path / "again", DATABASE=address)
    assert asyncio.run(counts(url)) == asyncio.run(counts(postgres_url))
    assert not (tmp_path / "again" / "verbatim.dump").exists()
    postgres_server.drop_database(name)


def test_there_are_no_other_blocks() -> None:
    """Each block of shell on the page is run above, or shows the commands that tests/cli runs."""
    assert len(BLOCKS) == 3
    assert all("cli.py backup" in line for line in BLOCKS[0].splitlines())


def follow(block: str, **names: object) -> None:
    """Do what the page says, where its reader stands."""
    given = {name: str(value) for name, value in names.items()}
    done = subprocess.run(
        ["bash", "-c", block],
        cwd=ROOT,
        env=os.environ | given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
