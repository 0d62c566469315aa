"""The files of an export beside its manifest: none missing, none extra, none changed; each read once more."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from exports.columns.column import Column
from exports.columns.table import ExportTable
from exports.documents.manifest import MANIFEST_NAME, FileEntry, Manifest, TableEntry
from exports.formats.registry import FORMATS_BY_NAME
from exports.progress import ExportProgress
from exports.rows.batches import empty_batch
from exports.rows.digest import Digest
from exports.verify.difference import Difference, Finding

_CHUNK: Final = 1 << 20
# A table this small is kept in memory once it was read, for it is read often: some 25 of them.
HELD_BYTES: Final = 1_000_000
# What the readers raise where a file holds anything: other shapes, types that do not fit, numbers too large.
UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class _Held:
    """A table's rows, as long as they are few; `batches` is None for many."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] | None = []
        self._size = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """More of them."""
        self._size += batch.nbytes
        if self._size > HELD_BYTES:
            self.batches = None
        elif self.batches is not None:
            self.batches.append(batch)


class TableFiles:
    """Looks into the files of an export's tables, one table after the other.

    Args:
        folder: The export.
        entries: Its tables, by name.
        spoilt: Files that are not those of the manifest.
        progress: Hears of the rows.
    """

    def __init__(
        self, folder: Path, entries: dict[str, TableEntry], spoilt: set[str], progress: ExportProgress
    ) -> None:
        self._folder = folder
        self._entries = entries
        self._spoilt = spoilt
        self._progress = progress
        self.sound: dict[str, Path] = {}  # of each table a file that can be trusted
        self._held: dict[str, pa.Table] = {}  # of those that are small, for they are read often

    def look_into(self, table: ExportTable) -> list[Difference]:
        """Read a table's files again, and find what is wrong with them."""
        entry, found = self._entries[table.name], list[Difference]()
        # What is for office programs is proved by its bytes: the same rows are read from what keeps all.
        for name, file in entry.whole.items():
            if file.path in self._spoilt:
                continue
            self._progress.begin(file.path, entry.rows)
            path, held = self._folder / file.path, _Held()
            wrong = _read_again(path, table, name, entry, self._progress, held)
            found += wrong
            if not wrong and table.name not in self.sound:
                self.sound[table.name] = path
                if held.batches is not None:
                    batches = held.batches or [empty_batch(table.columns)]
                    self._held[table.name] = pa.Table.from_batches(batches)
        return found

    def rows(self, name: str, columns: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
        """Some columns of a table that can be trusted."""
        held = self._held.get(name)
        if held is None:
            return rows_in(self.sound[name], columns)
        return iter(held.select([column.name for column in columns]).to_batches())


def rows_in(path: Path, columns: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
    """Some columns of a table's file."""
    return FORMATS_BY_NAME[path.suffix.removeprefix(".")].read(path, columns)


def missing_and_changed(folder: Path, manifest: Manifest) -> Iterator[Difference]:
    """Files that are not as the manifest says."""
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


def extra(folder: Path, manifest: Manifest) -> Iterator[Difference]:
    """Files that the manifest does not know."""
    known = {MANIFEST_NAME, *(file.path for file in manifest.files)}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in known:
            yield Difference(Finding.FILE_EXTRA, name, "the manifest does not know this file")


def _read_again(
    path: Path,
    table: ExportTable,
    format_name: str,
    entry: TableEntry,
    progress: ExportProgress,
    held: "_Held",
) -> list[Difference]:
    digest = Digest(table.columns)
    try:
        for batch in FORMATS_BY_NAME[format_name].read(path, table.columns, whole=True):
            digest.add(batch)
            held.add(batch)
            progress.advance(len(batch))
    except UNREADABLE as error:
        return [Difference(Finding.FILE_UNREADABLE, path.name, f"the file cannot be read: {error}")]
    if digest.rows != entry.rows:
        detail = f"the file has {digest.rows:,} rows, the manifest says {entry.rows:,}"
        return [Difference(Finding.ROWS_CHANGED, path.name, detail, abs(digest.rows - entry.rows))]
    if digest.hexdigest() != entry.digest:
        return [Difference(Finding.ROWS_CHANGED, path.name, "its rows are not those of the manifest")]
    return []
