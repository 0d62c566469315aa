"""The proof that a backup still holds what was put into it, and that a database can be made of it."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from exports.backup.make import (
    MANIFEST_NAME,
    POSTGRESQL_NAME,
    SQLITE_NAME,
    BackupManifest,
    files_in,
    sha256_of,
)
from study.errors import ExportError


def read_backup_manifest(folder: Path) -> BackupManifest:
    """What a backup says that it holds.

    Raises:
        ExportError: It is no backup.
    """
    try:
        return BackupManifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise ExportError(
            f"{folder} is no backup, or not a whole one: its {MANIFEST_NAME} is missing or unreadable."
        ) from error


def verify_backup(folder: Path) -> list[str]:
    """Compare a backup with its manifest, and read its database through.

    Args:
        folder: The backup.

    Returns:
        What is wrong, a sentence each; empty when all is well.

    Raises:
        ExportError: It is no backup.
    """
    manifest = read_backup_manifest(folder)
    there = {path.relative_to(folder).as_posix() for path in files_in(folder)}
    wrong = [f"{name} is not in the manifest." for name in sorted(there - {f.path for f in manifest.files})]
    for file in manifest.files:
        if file.path not in there:
            wrong.append(f"{file.path} is missing.")
        elif (folder / file.path).stat().st_size != file.bytes or sha256_of(
            folder / file.path
        ) != file.sha256:
            wrong.append(f"{file.path} was changed after the backup was made.")
    if not wrong:
        sqlite = manifest.database == "sqlite"
        wrong += _sqlite(folder / SQLITE_NAME) if sqlite else _dump(folder / POSTGRESQL_NAME)
    return wrong


def _sqlite(path: Path) -> list[str]:
    try:
        # Immutable: nothing is written beside it, also where the folder could be written to.
        with closing(sqlite3.connect(f"file:{quote(str(path))}?immutable=1", uri=True)) as database:
            found = [str(row[0]) for row in database.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    return [f"{path.name} is damaged: {sentence}" for sentence in found if sentence != "ok"]


def _dump(path: Path) -> list[str]:
    program = shutil.which("pg_restore")
    if program is None:
        # The digests are right; what PostgreSQL makes of the file can be asked where it is installed.
        return []
    done = subprocess.run(  # noqa: S603  # a program of PostgreSQL's, no words of anybody's
        [program, "--list", str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return []
    said = done.stderr.strip().splitlines()
    return [f"{path.name} cannot be read by pg_restore: {said[-1] if said else 'it said nothing'}"]
