"""Writing rows that come in the order of their threads into the files of their buckets."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from data_layer.database.durable import sync_folder
from exports.columns.field import Field
from exports.documents.manifest import (
    MANIFEST_NAME,
    BucketEntry,
    Manifest,
    PartitionedManifest,
    PartitionedTable,
    read_manifest,
)
from exports.formats.base import FormatWriter, HashingFile
from exports.formats.registry import FORMATS_BY_NAME
from exports.partitions.buckets import Buckets
from exports.rows.digest import Digest


def root_of(digests: Iterable[str]) -> str:
    """The digest of a table: SHA-256 over those of its buckets, in their order, a line each."""
    return hashlib.sha256("".join(f"{one}\n" for one in digests).encode()).hexdigest()


def table_of(name: str, entries: Iterable[BucketEntry]) -> PartitionedTable:
    """A table's entry in the manifest, by its buckets' in any order."""
    buckets = sorted(entries, key=lambda one: one.bucket)
    return PartitionedTable(
        name=name,
        rows=sum(one.rows for one in buckets),
        digest=root_of(one.digest for one in buckets),
        buckets=buckets,
    )


class EarlierBuckets:
    """The buckets of a table in an earlier export, to be kept where their rows are the same.

    Args:
        folder: The export.
        table: The table's name.
    """

    def __init__(self, folder: Path, table: str) -> None:
        self._folder = folder
        manifest = _manifest(folder, (folder / MANIFEST_NAME).stat().st_mtime_ns)
        assert isinstance(manifest, PartitionedManifest)
        tables = (one for one in manifest.partitioned if one.name == table)
        self._buckets = {one.bucket: one for found in tables for one in found.buckets}

    def keep(self, written: BucketEntry, path: Path) -> BucketEntry:
        """Put the earlier file in the place of one that was written, where it holds the same rows, whole.

        Args:
            written: What was written.
            path: Where.

        Returns:
            The entry of the file that stands there now.
        """
        earlier = self._buckets.get(written.bucket)
        if earlier is None or (earlier.rows, earlier.digest) != (written.rows, written.digest):
            return written
        file = self._folder / earlier.path
        if not file.is_file() or sha256_of(file) != earlier.sha256:
            return written
        path.unlink()
        try:
            os.link(file, path)
        except OSError:  # a disk without links
            shutil.copy2(file, path)
        return earlier


@lru_cache(maxsize=2)
def _manifest(folder: Path, _changed: int) -> Manifest:
    return read_manifest(folder)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class BucketWriter:
    """Writes some buckets of a table that follow each other; one without rows is a file without rows.

    Args:
        part: The folder of the export.
        name: The table's.
        columns: The table's.
        buckets: Of the export.
        first: The first bucket that is written.
        last: The last.
        earlier: Buckets that are kept where their rows are the same.
    """

    def __init__(
        self,
        part: Path,
        name: str,
        columns: tuple[Field, ...],
        buckets: Buckets,
        first: int,
        last: int,
        earlier: EarlierBuckets | None = None,
    ) -> None:
        self._earlier = earlier
        self.entries: list[BucketEntry] = []
        self.missing = dict.fromkeys((column.name for column in columns), 0)
        self._part, self._name, self._columns = part, name, columns
        self._buckets, self._last = buckets, last
        self._bucket = first
        self._writer: FormatWriter | None = None
        self._digest = Digest(columns)

    def take(self, batch: pa.RecordBatch) -> None:
        """Write rows; they come after those that came before."""
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            self.missing[name] += array.null_count
        for bucket, rows in self._buckets.pieces(batch):
            while self._bucket < bucket:
                self._close()
            self._open().write(rows)
            self._digest.add(rows)

    def finish(self) -> None:
        """Write the last bucket, and those that have no rows."""
        while self._bucket <= self._last:
            self._close()

    def abandon(self) -> None:
        """Let go without writing more."""
        if self._writer is not None:
            self._writer.abandon()
            self._writer.file.close()

    def _open(self) -> FormatWriter:
        if self._writer is None:
            path = self._part / self._buckets.path(self._name, self._bucket)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._writer = FORMATS_BY_NAME["parquet"].writer(HashingFile(path), self._columns)
            self._digest = Digest(self._columns)
        return self._writer

    def _close(self) -> None:
        writer = self._open()
        writer.finish()
        writer.file.close()
        entry = BucketEntry(
            path=self._buckets.path(self._name, self._bucket),
            bytes=writer.file.size,
            sha256=writer.file.sha256,
            bucket=self._bucket,
            rows=self._digest.rows,
            digest=self._digest.hexdigest(),
        )
        self.entries.append(entry if self._earlier is None else self._earlier.keep(entry, writer.file.path))
        sync_folder(writer.file.path.parent)
        self._writer = None
        self._bucket += 1
