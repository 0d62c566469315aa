"""Proving exports whose tables are cut into buckets."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from exports.columns.field import Field
from exports.documents.manifest import Manifest, PartitionedManifest, PartitionedTable
from exports.partitions.buckets import Buckets
from exports.partitions.writing import root_of
from exports.progress import ExportProgress
from exports.rows.digest import Digest
from exports.verify.difference import Difference, Finding


def buckets_of(manifest: Manifest) -> Buckets | None:
    """How an export's tables are cut; None where they are whole."""
    return Buckets(manifest.partitions) if isinstance(manifest, PartitionedManifest) else None


def wrong_roots(manifest: Manifest) -> list[Difference]:
    """Tables whose digest is not that of their buckets, or that lack a bucket; of a whole manifest."""
    if not isinstance(manifest, PartitionedManifest):
        return []
    buckets, found = Buckets(manifest.partitions), list[Difference]()
    for table in manifest.partitioned:
        there = [(one.bucket, one.path) for one in table.buckets]
        if there != [(one, buckets.path(table.name, one)) for one in range(buckets.count)]:
            detail = "the manifest does not name each of its buckets once"
        elif table.rows != sum(one.rows for one in table.buckets):
            detail = "the manifest's number of rows is not that of its buckets"
        elif table.digest != root_of(one.digest for one in table.buckets):
            detail = "the manifest's digest is not that of its buckets"
        else:
            continue
        found.append(Difference(Finding.ROWS_CHANGED, table.name, detail))
    return found


def differing(
    batches: Iterable[pa.RecordBatch],
    columns: tuple[Field, ...],
    buckets: Buckets,
    entry: PartitionedTable,
    progress: ExportProgress,
) -> list[int]:
    """The buckets whose rows are not those that the manifest says.

    Args:
        batches: The rows, in the order of their threads.
        columns: The table's.
        buckets: Of the export.
        entry: What the manifest says; buckets that it does not name are passed over.
        progress: Hears of the rows.
    """
    digests: dict[int, Digest] = {}
    for batch in batches:
        for bucket, rows in buckets.pieces(batch):
            digests.setdefault(bucket, Digest(columns)).add(rows)
        progress.advance(len(batch))
    empty = Digest(columns)
    found = ((one, digests.get(one.bucket, empty)) for one in entry.buckets)
    return [
        one.bucket for one, digest in found if (one.rows, one.digest) != (digest.rows, digest.hexdigest())
    ]


def in_buckets(found: Sequence[Difference], buckets: Buckets) -> list[Difference]:
    """Differences among rows, each with the buckets of the threads that it names."""
    told = []
    for one in found:
        threads = pa.array([thread for thread in one.threads if thread], pa.string())
        if len(threads):
            names = ", ".join(buckets.folder(int(bucket)) for bucket in sorted({*buckets.of(threads)}))
            one = replace(one, detail=f"{one.detail} ({names})")
        told.append(one)
    return told
