"""The pieces of work of an export: a table, or some buckets of one, each done alone by whoever is free."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyarrow as pa

from exports.columns.derived import DerivedTable
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.documents.manifest import BucketEntry, FileEntry, TableEntry
from exports.formats.base import FormatWriter, HashingFile
from exports.formats.fitting import Cut
from exports.formats.registry import FORMATS_BY_NAME
from exports.options import OFFICE
from exports.partitions.buckets import Buckets, is_cut
from exports.partitions.writing import BucketWriter, EarlierBuckets
from exports.progress import ExportProgress
from exports.registry import TABLES
from exports.rows.digest import Digest
from exports.rows.snapshot import Snapshot
from exports.sources import source_of

# Batches that may wait for the writer while the reader goes on. One would do; two even out the long ones.
WAITING: Final = 2
# The tables that take longest, the longest first.
_LONG: Final = ("messages", "llm_calls", "revisions", "runs", "prompts", "events", "steps", "embeddings")


@dataclass(frozen=True)
class ExportWork:
    """What all jobs of an export have in common.

    Args:
        part: The folder that is filled.
        scope: What is exported.
        buckets: Where tables are cut.
        earlier: An export of which buckets are kept whose rows are the same.
    """

    part: Path
    scope: Scope
    buckets: Buckets | None = None
    earlier: Path | None = None


@dataclass(frozen=True)
class ExportJob:
    """One piece of it.

    Args:
        table: The table's name.
        first: The first bucket; None for a table that stays whole.
        last: The last.
    """

    table: str
    first: int | None = None
    last: int | None = None


@dataclass
class DoneJob:
    """What came of one.

    Args:
        job: Which.
        missing: How many values of each column are missing.
        entry: Of a whole table.
        buckets: Of one that is cut.
        cuts: What formats could not hold, by format.
    """

    job: ExportJob
    missing: dict[str, int]
    entry: TableEntry | None = None
    buckets: list[BucketEntry] = field(default_factory=list)
    cuts: dict[str, list[Cut]] = field(default_factory=dict)


def jobs_of(tables: Iterable[ExportTable], buckets: Buckets | None, workers: int) -> list[ExportJob]:
    """The jobs of an export.

    Args:
        tables: What is exported.
        buckets: Where tables are cut.
        workers: How many do them.

    Returns:
        In the order of the tables for one; for several those first that take longest.
    """
    jobs = [job for table in tables for job in _jobs_of(table, buckets, workers)]
    if workers > 1:
        jobs.sort(key=lambda job: _LONG.index(job.table) if job.table in _LONG else len(_LONG))
    return jobs


def _jobs_of(table: ExportTable, buckets: Buckets | None, workers: int) -> Iterator[ExportJob]:
    if buckets is None or not is_cut(table):
        yield ExportJob(table.name)
        return
    # What comes of other tables is made once; of the rest a few jobs for each, so that all end together.
    count = 1 if table.derive or workers == 1 else min(buckets.count, 2 * workers)
    ends = [buckets.count * place // count for place in range(count + 1)]
    for first, end in pairwise(ends):
        yield ExportJob(table.name, first, end - 1)


def do_job(job: ExportJob, work: ExportWork, snapshot: Snapshot, progress: ExportProgress) -> DoneJob:
    """Write the files of a job.

    Args:
        job: Which.
        work: The export.
        snapshot: Of the database.
        progress: Hears of rows, and of what takes long.
    """
    table = next(one for one in TABLES if one.name == job.table)
    if job.first is None or job.last is None or work.buckets is None:
        return _whole(job, work, source_of(snapshot, table, work.scope), progress)
    if table.derive is None:
        table = work.buckets.rows_of(table, range(job.first, job.last + 1))
    source = source_of(snapshot, table, work.scope)
    earlier = None if work.earlier is None else EarlierBuckets(work.earlier, table.name)
    writer = BucketWriter(
        work.part, table.name, source.table.columns, work.buckets, job.first, job.last, earlier
    )
    try:
        for rows in _alongside(writer.take, source.rows()):
            progress.advance(rows)
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    return DoneJob(job, writer.missing, buckets=writer.entries)


def _whole(job: ExportJob, work: ExportWork, source: DerivedTable, progress: ExportProgress) -> DoneJob:
    table, formats = source.table, work.scope.options.formats
    digest = Digest(table.columns)
    missing = dict.fromkeys((column.name for column in table.columns), 0)
    with ExitStack() as files:
        writers = {name: files.enter_context(_writer(work.part, table, name)) for name in formats}

        def take(batch: pa.RecordBatch) -> None:
            digest.add(batch)
            for name, array in zip(batch.schema.names, batch.columns, strict=True):
                missing[name] += array.null_count
            for writer in writers.values():
                writer.write(batch)

        for rows in _alongside(take, source.rows()):
            progress.advance(rows)
        if set(writers) & set(OFFICE):
            progress.stage(f"saving {table.name} as {' and '.join(one for one in writers if one in OFFICE)}")
    entries = {name: _entry(writer) for name, writer in writers.items()}
    entry = TableEntry(name=table.name, rows=digest.rows, digest=digest.hexdigest(), files=entries)
    return DoneJob(job, missing, entry, cuts={name: writer.cut for name, writer in writers.items()})


def _alongside(take: Callable[[pa.RecordBatch], None], source: Iterator[pa.RecordBatch]) -> Iterator[int]:
    """Let one thread write while this one reads: SQLite, Arrow and SHA-256 all work without the GIL.

    Yields:
        How many rows were read, a batch at a time.
    """
    waiting: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="export") as writer:
        for batch in source:
            waiting.append(writer.submit(take, batch))
            if len(waiting) > WAITING:
                waiting.popleft().result()
            yield batch.num_rows
        for future in waiting:
            future.result()


@contextmanager
def _writer(part: Path, table: ExportTable, format_name: str) -> Iterator[FormatWriter]:
    with HashingFile(part / f"{table.name}.{format_name}") as file:
        writer = FORMATS_BY_NAME[format_name].writer(file, table.columns)
        try:
            yield writer
            writer.finish()
        except BaseException:
            writer.abandon()
            raise


def _entry(writer: FormatWriter) -> FileEntry:
    file = writer.file
    return FileEntry(path=file.path.name, bytes=file.size, sha256=file.sha256, cut=len(writer.cut))
