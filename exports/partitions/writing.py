"""Writing rows that come in the order of their threads into the files of their buckets."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from data_layer.database.durable import sync_folder
from exports.columns.field import Field
from exports.documents.manifest import BucketEntry, PartitionedTable
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


class BucketWriter:
    """Writes some buckets of a table that follow each other; one without rows is a file without rows.

    Args:
        part: The folder of the export.
        name: The table's.
        columns: The table's.
        buckets: Of the export.
        first: The first bucket that is written.
        last: The last.
    """

    def __init__(
        self, part: Path, name: str, columns: tuple[Field, ...], buckets: Buckets, first: int, last: int
    ) -> None:
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
        sync_folder(writer.file.path.parent)
        self.entries.append(
            BucketEntry(
                path=self._buckets.path(self._name, self._bucket),
                bytes=writer.file.size,
                sha256=writer.file.sha256,
                bucket=self._bucket,
                rows=self._digest.rows,
                digest=self._digest.hexdigest(),
            )
        )
        self._writer = None
        self._bucket += 1
