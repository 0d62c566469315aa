"""Proving an export: files against manifest, ids against each other, rows against the database."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from exports.columns.column import Column
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.documents.datapackage import PACKAGE_NAME, columns_in
from exports.documents.manifest import MANIFEST_NAME, FileEntry, Manifest, TableEntry, read_manifest
from exports.formats.registry import FORMATS_BY_NAME
from exports.progress import ExportProgress, Silent
from exports.registry import tables_for
from exports.rows.batches import batches
from exports.rows.digest import Digest
from exports.rows.snapshot import Snapshot
from exports.rows.taking import take_snapshot
from exports.verify.difference import Difference, Finding
from exports.verify.earlier import as_of
from exports.verify.joins import orphans
from exports.verify.listed import never_there, read_listed
from exports.verify.since import chosen_now, happened_since, replayed_since
from exports.verify.withdrawn import Withdrawn, withdrawn_since
from exports.verify.words import ExportProof
from study.errors import ExportError

if TYPE_CHECKING:
    from exports.verify.compare import Now

_CHUNK: Final = 1 << 20
# What the readers raise where a file holds anything: other shapes, types that do not fit, numbers too large.
_UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def prove(folder: Path, url: str | None, progress: ExportProgress | None = None) -> ExportProof:
    """Check an export.

    Files are checked against the manifest: none missing, none extra, sizes, SHA-256; each table is read
    again, its rows counted and their digest taken. Every id that says it joins is looked up. Then the same
    rows are taken from the database and compared, count and digest, and row by row where these differ.

    Args:
        folder: The export.
        url: The database's address; None leaves out the last part.
        progress: Hears how far it is.

    Returns:
        What was found.

    Raises:
        ExportError: It is no export, or one of another format.
        DatabaseError: The database cannot be read.
    """
    manifest = read_manifest(folder)
    hears = progress or Silent()
    hears.plan(sum(table.rows * (len(table.whole) + (url is not None)) for table in manifest.tables))
    found = [*_missing_and_changed(folder, manifest), *_extra(folder, manifest)]
    entries = {entry.name: entry for entry in manifest.tables}
    tables = tables_for(replace(manifest.options, tables=tuple(entries)))
    spoilt = {one.where for one in found}
    if spoilt & {PACKAGE_NAME, manifest.chosen.path if manifest.chosen else PACKAGE_NAME}:
        return ExportProof(found, manifest.snapshot_at, with_database=False)
    tables = _same_columns(folder, tables, manifest)
    sound: dict[str, Path] = {}
    for table in tables:
        # What is for office programs is proved by its bytes: the same rows are read from what keeps all.
        for name, file in entries[table.name].whole.items():
            if file.path in spoilt:
                continue
            hears.begin(file.path, entries[table.name].rows)
            wrong = _read_again(folder / file.path, table, name, entries[table.name], hears)
            found += wrong
            if not wrong:
                sound.setdefault(table.name, folder / file.path)
    whole = [table for table in tables if table.name in sound]
    found += orphans(whole, {table.name: partial(_rows, sound[table.name]) for table in whole})
    acts: dict[str, int] = {}
    if url is not None:
        scope = Scope(manifest.options, read_listed(folder, manifest))
        with take_snapshot(url) as snapshot:
            found += never_there(snapshot, scope.listed)
            against = _Against(
                snapshot, scope, manifest.snapshot_at, [(one, sound[one.name]) for one in whole]
            )
            for table in whole:
                hears.begin(table.name, entries[table.name].rows)
                found += against.differences(table, entries[table.name], sound[table.name], hears)
            acts = against.acts
    return ExportProof(found, manifest.snapshot_at, url is not None, acts)


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


def _same_columns(
    folder: Path, tables: tuple[ExportTable, ...], manifest: Manifest
) -> tuple[ExportTable, ...]:
    """The tables as the export's format has them."""
    names = {name: [column.name for column in columns] for name, columns in columns_in(folder).items()}
    tables = tuple(as_of(table, manifest.format_version, names.get(table.name, ())) for table in tables)
    for table in tables:
        if names.get(table.name) != [c.name for c in table.columns]:
            raise ExportError(
                f"{folder}: the table {table.name} has other columns than this Verbatim's. "
                f"Use Verbatim {manifest.app_version}, which made it, or export again."
            )
    return tables


def _read_again(
    path: Path, table: ExportTable, format_name: str, entry: TableEntry, progress: ExportProgress
) -> list[Difference]:
    digest = Digest(table.columns)
    try:
        for batch in FORMATS_BY_NAME[format_name].read(path, table.columns, whole=True):
            digest.add(batch)
            progress.advance(len(batch))
    except _UNREADABLE as error:
        return [Difference(Finding.FILE_UNREADABLE, path.name, f"the file cannot be read: {error}")]
    if digest.rows != entry.rows:
        detail = f"the file has {digest.rows:,} rows, the manifest says {entry.rows:,}"
        return [Difference(Finding.ROWS_CHANGED, path.name, detail, abs(digest.rows - entry.rows))]
    if digest.hexdigest() != entry.digest:
        return [Difference(Finding.ROWS_CHANGED, path.name, "its rows are not those of the manifest")]
    return []


def _rows(path: Path, columns: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
    return FORMATS_BY_NAME[path.suffix.removeprefix(".")].read(path, columns)


class _Against:
    """The database, beside an export; what has happened since is asked once, when a table differs."""

    def __init__(
        self, snapshot: Snapshot, scope: Scope, taken_at: datetime, exported: list[tuple[ExportTable, Path]]
    ) -> None:
        self._snapshot = snapshot
        self._scope = scope
        self._taken_at = taken_at
        self._exported = exported
        self.acts: dict[str, int] = {}

    def differences(
        self, table: ExportTable, entry: TableEntry, path: Path, progress: ExportProgress
    ) -> list[Difference]:
        # Where something has happened already, most tables differ: they are compared at once, and read once.
        if "_now" not in self.__dict__:
            digest = Digest(table.columns)
            for batch in batches(self._snapshot.open(table.rows(self._scope)), table.columns):
                digest.add(batch)
                progress.advance(len(batch))
            if (digest.rows, digest.hexdigest()) == (entry.rows, entry.digest):
                return []
            progress = Silent()
        # Seldom needed, and it brings pandas: a second and 60 MB.
        from exports.verify.compare import compare_rows

        exported = partial(_rows, path, table.columns)
        now = replace(self._now, withdrawn=self._gone.keys(table, exported()))
        return compare_rows(table, exported, now, progress)

    @cached_property
    def _now(self) -> "Now":
        from exports.verify.compare import IN_FLIGHT, Now

        begin = self._taken_at - IN_FLIGHT
        if replayed_since(self._snapshot, begin):
            begin = min(begin, self._newest)
        since = happened_since(self._snapshot, begin, self._taken_at)
        held = frozenset().union(*(_threads_in(table, path) for table, path in self._exported))
        chosen = chosen_now(self._snapshot, self._scope)
        self.acts = since.acts_in(held | chosen)
        return Now(self._snapshot, self._scope, since, held, chosen)

    @cached_property
    def _gone(self) -> Withdrawn:
        return withdrawn_since(self._snapshot, self._taken_at - timedelta(seconds=60))

    @property
    def _newest(self) -> datetime:
        """The newest that the export holds: what waited in a journal meanwhile came after it."""
        newest = 0
        for table, path in self._exported:
            for column in table.columns:
                if column.name == "seq":
                    for batch in _rows(path, (column,)):
                        newest = max(newest, pc.max(batch.column(0)).as_py() or 0)
        return datetime.fromtimestamp(newest / 1_000_000, UTC)


def _threads_in(table: ExportTable, path: Path) -> Iterator[str]:
    """The threads that a table's rows are in. A connection names only the last that it was in."""
    if table.name == "connections":
        return
    for column in table.columns:
        if column.name == "thread_id":
            for batch in _rows(path, (column,)):
                yield from (one for one in pc.unique(batch.column(0)).to_pylist() if one is not None)
