"""A backup: all that was kept, as one folder that proves itself; made while the server runs.

FOLDER/
├── verbatim.db or verbatim.dump   the database, as it stood at one moment
├── files/                         what was attached
├── journal/                       writes that the database has not taken yet
├── secret                         what signs personal links and cookies
└── manifest.json                  the size and SHA-256 of each
"""

import asyncio
import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from data_layer.database.connecting import is_pooled
from data_layer.database.durable import sync_file, sync_folder
from data_layer.database.engine import PATIENCE_S, postgres_address, sqlite_path
from data_layer.database.files import FileStore
from data_layer.database.private import make_file
from exports.folder import part_folder, refuse_what_is_there
from exports.rows.snapshot import unreadable
from study.errors import DatabaseError, ExportError
from version import app_version

MANIFEST_NAME: Final = "manifest.json"
SQLITE_NAME: Final = "verbatim.db"
POSTGRESQL_NAME: Final = "verbatim.dump"
# Of the data folder. Exports can be made again, and what was uploaded but never sent is nobody's yet.
JOURNAL: Final = ("journal",)
FILES: Final = ("files", "secret")
_CHUNK: Final = 1024 * 1024


class BackedUp(BaseModel):
    """A file of a backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(pattern=r"^[\w-][\w.-]*(/[\w-][\w.-]*)*$")  # below the manifest, nowhere else
    bytes: int
    sha256: str


class BackupManifest(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    made_at: datetime
    app_version: str
    database: Literal["sqlite", "postgresql"]
    files: list[BackedUp]

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.bytes for file in self.files)


def check(database_url: str, data_dir: Path, out: Path) -> None:
    """See that a backup can be made, before anything is done.

    Raises:
        ExportError: The folder is there, its disk is too full, or a pooler stands before PostgreSQL.
        DatabaseError: There is no such SQLite file, or PostgreSQL does not answer.
    """
    refuse_what_is_there(out, "a backup")
    source = sqlite_path(database_url)
    if source is None:
        _refuse_pooler(database_url)
    if source is not None and not source.exists():
        raise DatabaseError(f"There is no database at {source} yet. VERBATIM_DATABASE_URL names it.")
    _check_space(out, source, data_dir)


def make_backup(
    database_url: str, data_dir: Path, out: Path, files: FileStore | None = None
) -> BackupManifest:
    """Copy all that was kept; the server may go on writing.

    Args:
        database_url: As VERBATIM_DATABASE_URL.
        data_dir: The data folder.
        out: A new folder; there whole, or not at all.
        files: Where files are kept, if not in the data folder.

    Returns:
        What it holds, as written into it.

    Raises:
        ExportError: The folder is there, the disk is full, or pg_dump is missing or failed.
        DatabaseError: The SQLite file cannot be read.
    """
    source = sqlite_path(database_url)
    with part_folder(out, "a backup") as part:
        # In this order nothing falls between: what leaves the journal goes into the database, and a
        # file is there before its row.
        for name in JOURNAL:
            _copy(data_dir / name, part / name)
        if source is not None:
            _copy_sqlite(source, part / SQLITE_NAME)
        else:
            _dump_postgresql(database_url, part / POSTGRESQL_NAME)
        for name in FILES:
            if name == "files" and files is not None:
                _copy_files(files, part / name)
            else:
                _copy(data_dir / name, part / name)
        manifest = BackupManifest(
            made_at=datetime.now(UTC),
            app_version=app_version(),
            database="sqlite" if source is not None else "postgresql",
            files=[_entry(path, part) for path in files_in(part)],
        )
        proof = part / MANIFEST_NAME
        make_file(proof)
        proof.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        for path in (*files_in(part), proof):
            sync_file(path)
        for folder in (path for path in part.rglob("*") if path.is_dir()):
            sync_folder(folder)
    return manifest


def files_in(folder: Path) -> Iterator[Path]:
    """The files of a backup but its manifest, in a fixed order."""
    yield from (
        path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / MANIFEST_NAME
    )


def sha256_of(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entry(path: Path, folder: Path) -> BackedUp:
    name = path.relative_to(folder).as_posix()
    return BackedUp(path=name, bytes=path.stat().st_size, sha256=sha256_of(path))


def _copy_files(files: FileStore, target: Path) -> None:
    try:
        files.copy_to(target)
    except OSError as error:
        raise ExportError(
            f"The files could not be copied from where VERBATIM_FILES_URL keeps them ({error}). Try again; "
            "nothing was left behind."
        ) from error


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        _copy_file(source, target)
        return
    if not source.is_dir():
        return
    target.mkdir(mode=0o700)
    for path in sorted(source.iterdir()):
        # A file that is being written has this name until it is whole.
        if path.suffix != ".part":
            _copy(path, target / path.name)


def _copy_file(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as given:
            make_file(target)
            with target.open("wb") as taken:
                shutil.copyfileobj(given, taken, _CHUNK)
    except FileNotFoundError:
        # Erased by a withdrawal since the folder was read, or a journal that the database has taken in.
        return


def _copy_sqlite(source: Path, target: Path) -> None:
    """All pages in one step of SQLite's backup: one moment of the database, whoever writes meanwhile.

    Not VACUUM INTO: it numbers rows anew, and the copy should be the very database.
    """
    make_file(target)
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as given,
            closing(sqlite3.connect(target)) as taken,
        ):
            given.backup(taken)
            # One file, complete without a log beside it; the server turns the log on again.
            taken.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise DatabaseError(
            f"The database {source} could not be copied ({error}). When its disk or the backup's is full, "
            "free some space and try again; nothing was left behind."
        ) from error


def _refuse_pooler(database_url: str) -> None:
    """pg_dump sets its session as it needs it; through a pooler it would set somebody else's, and ours."""
    try:
        pooled = asyncio.run(is_pooled(postgres_address(database_url), PATIENCE_S))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise DatabaseError(unreadable(error)) from error
    if pooled:
        raise ExportError(
            "A backup needs PostgreSQL itself, and VERBATIM_DATABASE_URL leads to a pooler before it. Give "
            "the server's own address for this command (mostly its port is 5432, and its host has no pooler "
            "in its name): VERBATIM_DATABASE_URL=postgresql://... python cli.py backup"
        )


def _dump_postgresql(database_url: str, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise ExportError(
            "PostgreSQL is backed up by its own program pg_dump, which is not installed here. Install the "
            "client of the server's version (on Debian: apt install postgresql-client), then try again."
        )
    make_file(target)
    with PasswordFile(database_url, target.with_suffix(".password")) as address:
        command = [program, "--format=custom", "--no-owner", f"--file={target}", f"--dbname={address}"]
        done = subprocess.run(  # noqa: S603  # a program of PostgreSQL's, no words of anybody's
            command, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise ExportError(
            f"pg_dump failed: {said[-1] if said else 'it said nothing'} See that the database runs and that "
            "pg_dump is of the server's version or newer, then try again; nothing was left behind."
        )


class PasswordFile:
    """The database's address as PostgreSQL's own programs read it, with the password in a file.

    On the command line every account of the machine could read it.

    Args:
        database_url: As VERBATIM_DATABASE_URL.
        path: A file that is removed again.
    """

    def __init__(self, database_url: str, path: Path) -> None:
        self._address = postgres_address(database_url)
        self._path = path

    def __enter__(self) -> str:
        """Give the address."""
        address = self._address
        ports = [str(port or "") for _, port in address.hosts]
        parts = {
            "host": ",".join(name for name, _ in address.hosts),
            "port": ",".join(ports) if any(ports) else "",
            "user": address.user,
            "dbname": address.database,
            "options": address.session.get("options"),
            **address.driver,
        }
        if address.password:
            make_file(self._path)
            # https://www.postgresql.org/docs/current/libpq-pgpass.html
            escaped = address.password.replace("\\", "\\\\").replace(":", "\\:")
            self._path.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
            parts["passfile"] = str(self._path)
        return " ".join(f"{name}={_quoted(str(value))}" for name, value in parts.items() if value)

    def __exit__(self, *_: object) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _check_space(out: Path, source: Path | None, data_dir: Path) -> None:
    needed = sum(path.stat().st_size for name in (*JOURNAL, *FILES) for path in _below(data_dir / name))
    needed += source.stat().st_size if source is not None else 0
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    if (free := shutil.disk_usage(there).free) < needed:
        raise ExportError(
            f"The backup needs {needed / 1e6:,.0f} MB, and {there} has {free / 1e6:,.0f} MB left. Free some "
            "space, or name a folder on another disk."
        )


def _below(path: Path) -> Iterator[Path]:
    yield from ([path] if path.is_file() else (one for one in path.rglob("*") if one.is_file()))
