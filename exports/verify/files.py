"""The files of an export beside its manifest: none missing, none extra, none changed; each read once more."""

import hashlib
from collections.abc import Container, Iterator, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

import pyarrow as pa

from exports.columns.column import Column
from exports.columns.table import ExportTable
from exports.documents.manifest import (
    MANIFEST_NAME,
    BucketEntry,
    FileEntry,
    Manifest,
    PartitionedTable,
    TableEntry,
)
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
        self,
        folder: Path,
        entries: Mapping[str, TableEntry | PartitionedTable],
        spoilt: set[str],
        progress: ExportProgress,
    ) -> None:
        self._folder = folder
        self._entries = entries
        self._spoilt = spoilt
        self._progress = progress
        # Of each table what can be trusted: a file, or those of its buckets.
        self.sound: dict[str, dict[int | None, Path]] = {}
        self._held: dict[str, pa.Table] = {}  # of those that are small, for they are read often

    def look_into(self, table: ExportTable) -> list[Difference]:
        """Read a table's files again, and find what is wrong with them."""
        entry, found = self._entries[table.name], list[Difference]()
        if isinstance(entry, PartitionedTable):
            return self._look_into_buckets(table, entry)
        # What is for office programs is proved by its bytes: the same rows are read from what keeps all.
        for name, file in entry.whole.items():
            if file.path in self._spoilt:
                continue
            self._progress.begin(file.path, entry.rows)
            path, held = self._folder / file.path, _Held()
            wrong = _read_again(path, table, name, entry, self._progress, held)
            found += wrong
            if not wrong and table.name not in self.sound:
                self.sound[table.name] = {None: path}
                if held.batches is not None:
                    batches = held.batches or [empty_batch(table.columns)]
                    self._held[table.name] = pa.Table.from_batches(batches)
        return found

    def _look_into_buckets(self, table: ExportTable, entry: PartitionedTable) -> list[Difference]:
        found = list[Difference]()
        sound: dict[int | None, Path] = {}
        self._progress.begin(table.name, sum(one.rows for one in entry.buckets))
        for one in entry.buckets:
            if one.path in self._spoilt:
                continue
            path = self._folder / one.path
            wrong = _read_again(path, table, "parquet", one, self._progress, _Held(), name=one.path)
            found += wrong
            if not wrong:
                sound[one.bucket] = path
        # Of a table that is not whole nothing is compared: what is missing would look like forgery.
        if len(sound) == len(entry.buckets):
            self.sound[table.name] = sound
        return found

    def rows(
        self, name: str, columns: tuple[Column, ...], buckets: Container[int | None] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Some columns of a table that can be trusted.

        Args:
            name: Which table.
            columns: Which columns.
            buckets: Only of these buckets; all when None.
        """
        held = self._held.get(name)
        if held is None:
            files = self.sound[name].items()
            return chain.from_iterable(
                rows_in(path, columns) for bucket, path in files if buckets is None or bucket in buckets
            )
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


def extra(folder: Path, manifest: Manifest, within: str | None = None) -> Iterator[Difference]:
    """Files that the manifest does not know.

    Args:
        folder: The export.
        manifest: Its manifest.
        within: The name of the bucket's folders that alone are looked into.
    """
    known = {MANIFEST_NAME, *(file.path for file in manifest.files)}
    known |= {parent.as_posix() for name in known for parent in PurePosixPath(name).parents}
    for path in sorted(folder.rglob("*") if within is None else folder.glob(f"*/{within}/**/*")):
        name = path.relative_to(folder).as_posix()
        if name not in known:
            yield Difference(Finding.FILE_EXTRA, name, "the manifest does not know this file")


def _read_again(
    path: Path,
    table: ExportTable,
    format_name: str,
    entry: TableEntry | BucketEntry,
    progress: ExportProgress,
    held: "_Held",
    name: str = "",
) -> list[Difference]:
    name = name or path.name
    digest = Digest(table.columns)
    try:
        for batch in FORMATS_BY_NAME[format_name].read(path, table.columns, whole=True):
            digest.add(batch)
            held.add(batch)
            progress.advance(len(batch))
    except UNREADABLE as error:
        return [Difference(Finding.FILE_UNREADABLE, name, f"the file cannot be read: {error}")]
    if digest.rows != entry.rows:
        detail = f"the file has {digest.rows:,} rows, the manifest says {entry.rows:,}"
        return [Difference(Finding.ROWS_CHANGED, name, detail, abs(digest.rows - entry.rows))]
    if digest.hexdigest() != entry.digest:
        return [Difference(Finding.ROWS_CHANGED, name, "its rows are not those of the manifest")]
    return []
