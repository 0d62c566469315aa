"""Proving an export: files against manifest, ids against each other, rows against the database."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa

from exports.batches import batches
from exports.choosing import read_listed
from exports.column import Column
from exports.difference import Difference, Finding
from exports.digest import Digest
from exports.formats.registry import FORMATS_BY_NAME
from exports.joins import orphans
from exports.manifest import MANIFEST_NAME, FileEntry, Manifest, TableEntry, read_manifest
from exports.package import PACKAGE_NAME, columns_in
from exports.registry import tables_for
from exports.scope import Scope
from exports.snapshot import Snapshot
from exports.table import Table
from exports.taking import take_snapshot
from exports.withdrawn import withdrawn_since
from study.errors import ExportError

_CHUNK: Final = 1 << 20


def verify_export(folder: Path, url: str | None) -> list[Difference]:
    """Check an export.

    Files are checked against the manifest: none missing, none extra, sizes, SHA-256; each table is read
    again, its rows counted and their digest taken. Every id that says it joins is looked up. Then the same
    rows are taken from the database and compared, count and digest, and row by row where these differ.

    Args:
        folder: The export.
        url: The database's address; None leaves out the last part.

    Returns:
        What was found; an export is sound when none of it is `wrong`.

    Raises:
        ExportError: It is no export, or one of another format.
        DatabaseError: The database cannot be read.
    """
    manifest = read_manifest(folder)
    found = [*_missing_and_changed(folder, manifest), *_extra(folder, manifest)]
    entries = {entry.name: entry for entry in manifest.tables}
    tables = tables_for(replace(manifest.options, tables=tuple(entries)))
    spoilt = {one.where for one in found}
    if spoilt & {PACKAGE_NAME, manifest.chosen.path if manifest.chosen else PACKAGE_NAME}:
        return found
    _same_columns(folder, tables, manifest)
    sound: dict[str, Path] = {}
    for table in tables:
        for name, file in entries[table.name].files.items():
            if file.path in spoilt:
                continue
            wrong = _read_again(folder / file.path, table, name, entries[table.name])
            found += wrong
            if not wrong:
                sound.setdefault(table.name, folder / file.path)
    whole = [table for table in tables if table.name in sound]
    found += orphans(whole, {table.name: partial(_rows, sound[table.name]) for table in whole})
    if url is not None:
        scope = Scope(manifest.options, read_listed(folder, manifest))
        with take_snapshot(url) as snapshot:
            for table in whole:
                entry, path = entries[table.name], sound[table.name]
                found += _against(snapshot, table, scope, entry, path, manifest.snapshot_at)
    return found


def _missing_and_changed(folder: Path, manifest: Manifest) -> Iterator[Difference]:
    for file in manifest.files:
        path = folder / file.path
        if not path.is_file():
            yield Difference(Finding.FILE_MISSING, file.path, "the file is missing")
        elif reason := _changed(path, file):
            yield Difference(Finding.FILE_CHANGED, file.path, reason)


def _changed(path: Path, file: FileEntry) -> str | None:
    size = path.stat().st_size
    if size != file.bytes:
        return f"the file has {size:,} bytes, the manifest says {file.bytes:,}"
    found = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            found.update(chunk)
    return None if found.hexdigest() == file.sha256 else "its SHA-256 is not the manifest's"


def _extra(folder: Path, manifest: Manifest) -> Iterator[Difference]:
    known = {MANIFEST_NAME, *(file.path for file in manifest.files)}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in known:
            yield Difference(Finding.FILE_EXTRA, name, "the manifest does not know this file")


def _same_columns(folder: Path, tables: tuple[Table, ...], manifest: Manifest) -> None:
    described = columns_in(folder)
    for table in tables:
        if [c.name for c in described[table.name]] != [c.name for c in table.columns]:
            raise ExportError(
                f"{folder}: the table {table.name} has other columns than this Verbatim's. "
                f"Use Verbatim {manifest.app_version}, which made it, or export again."
            )


def _read_again(path: Path, table: Table, format_name: str, entry: TableEntry) -> list[Difference]:
    digest = Digest(table.columns)
    try:
        for batch in FORMATS_BY_NAME[format_name].read(path, table.columns):
            digest.add(batch)
    except (OSError, ValueError, KeyError) as error:
        return [Difference(Finding.FILE_UNREADABLE, path.name, f"the file cannot be read: {error}")]
    if digest.rows != entry.rows:
        detail = f"the file has {digest.rows:,} rows, the manifest says {entry.rows:,}"
        return [Difference(Finding.ROWS_CHANGED, path.name, detail, abs(digest.rows - entry.rows))]
    if digest.hexdigest() != entry.digest:
        return [Difference(Finding.ROWS_CHANGED, path.name, "its rows are not those of the manifest")]
    return []


def _rows(path: Path, columns: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
    return FORMATS_BY_NAME[path.suffix.removeprefix(".")].read(path, columns)


def _against(
    snapshot: Snapshot, table: Table, scope: Scope, entry: TableEntry, path: Path, taken_at: datetime
) -> list[Difference]:
    digest = Digest(table.columns)
    for batch in batches(snapshot.open(table.rows(scope)), table.columns):
        digest.add(batch)
    if (digest.rows, digest.hexdigest()) == (entry.rows, entry.digest):
        return []
    # Seldom needed, and it brings pandas: a second and 60 MB.
    from exports.compare import IN_FLIGHT, compare_rows

    theirs = withdrawn_since(snapshot, taken_at - IN_FLIGHT).keys(table, _rows(path, table.columns))
    return compare_rows(table, _rows(path, table.columns), snapshot, scope, taken_at, theirs)
