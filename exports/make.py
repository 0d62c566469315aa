"""Making an export: one snapshot, one pass over it, all formats at once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
from sqlalchemy import func, select

from data_layer.database import schema
from exports.checks import check_options, check_rows
from exports.choosing import CHOSEN_NAME, chosen_of, listed_bytes, scope_of
from exports.columns.derived import DerivedTable
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.documents.codebook import codebook_csv, codebook_md
from exports.documents.cuts import CUTS_NAME, Cuts
from exports.documents.datapackage import PACKAGE_NAME, package
from exports.documents.manifest import MANIFEST_NAME, FileEntry, Manifest, StudyEntry, TableEntry, filters_of
from exports.documents.value_labels import VALUE_LABELS_NAME, value_labels_csv
from exports.documents.writing import json_bytes, write_file
from exports.folder import part_folder
from exports.formats.base import FormatWriter, HashingFile
from exports.formats.registry import FORMATS_BY_NAME
from exports.loaders import LOADERS, loader
from exports.options import OFFICE, ExportOptions
from exports.progress import ExportProgress
from exports.registry import tables_for
from exports.rows.digest import Digest
from exports.rows.snapshot import Snapshot
from exports.rows.taking import take_snapshot
from exports.sources import source_of
from version import app_version

# Batches that may wait for the writer while the reader goes on. One would do; two even out the long ones.
WAITING: Final = 2


def export(
    url: str, out: Path, *, options: ExportOptions | None = None, progress: ExportProgress | None = None
) -> Manifest:
    """Export a study, or what of it is asked for.

    Blocks until it is done: from a coroutine, call it by `asyncio.to_thread`.

    Args:
        url: The database's address.
        out: A folder that is not there yet, or empty.
        options: What is asked for; by default all tables, to Parquet.
        progress: Hears how far it is.

    Returns:
        The manifest, which also lies in the folder.

    Raises:
        ExportError: The options or the folder will not do.
        DatabaseError: The database cannot be read.
    """
    options = options or ExportOptions()
    tables = tables_for(options)
    with part_folder(out) as part, take_snapshot(url) as snapshot:
        check_options(snapshot, options)
        scope = scope_of(snapshot, options)
        planned = _planned(snapshot, tables, scope, progress)
        check_rows(options, {table.name: rows for table, rows in zip(tables, planned, strict=True)})
        cuts = Cuts()
        sources = [source_of(snapshot, table, scope) for table in tables]
        tables = tuple(one.table for one in sources)
        made = [
            _table(part, source, options, progress, rows, cuts)
            for source, rows in zip(sources, planned, strict=True)
        ]
        if progress is not None:
            progress.stage("writing codebook and manifest")
        manifest = Manifest(
            app_version=app_version(),
            snapshot_at=snapshot.taken_at,
            database=snapshot.dialect,
            studies=_studies(snapshot, scope),
            filters=filters_of(options),
            chosen=chosen_of(scope),
            withdrawals=snapshot.number(select(func.count()).select_from(schema.withdrawals)),
            tables=[entry for entry, _ in made],
            documents=[],
        )
        missing = {entry.name: gaps for entry, gaps in made}
        rows = {entry.name: entry.rows for entry, _ in made}
        documents = {
            "codebook.csv": codebook_csv(tables, missing),
            "codebook.md": (codebook_md(tables, rows) + cuts.markdown()).encode(),
            PACKAGE_NAME: json_bytes(package(tables, manifest)),
            **{name: loader(name) for name in LOADERS},
        }
        if labels := value_labels_csv(tables):
            documents[VALUE_LABELS_NAME] = labels
        if cuts:
            documents[CUTS_NAME] = cuts.csv()
        if scope.listed is not None:
            documents[CHOSEN_NAME] = listed_bytes(scope.listed)
        entries = [write_file(part / name, content) for name, content in documents.items()]
        manifest = manifest.model_copy(update={"documents": entries})
        write_file(part / MANIFEST_NAME, json_bytes(manifest.model_dump(mode="json")))
    return manifest


def _planned(
    snapshot: Snapshot, tables: Sequence[ExportTable], scope: Scope, progress: ExportProgress | None
) -> list[int]:
    """How many rows each table has; counted for whoever hears of it, and where a format has a limit."""
    if progress is None and not set(scope.options.formats) & set(OFFICE):
        return [0] * len(tables)
    if progress is not None:
        progress.stage("counting rows")
    rows = [snapshot.number(table.count(scope)) for table in tables]
    if progress is not None:
        progress.plan(sum(rows))
    return rows


def _table(
    part: Path,
    source: DerivedTable,
    options: ExportOptions,
    progress: ExportProgress | None,
    planned: int,
    cuts: Cuts,
) -> tuple[TableEntry, dict[str, int]]:
    table = source.table
    if progress is not None:
        progress.begin(table.name, planned)
    digest = Digest(table.columns)
    missing = dict.fromkeys((column.name for column in table.columns), 0)

    with ExitStack() as files:
        writers = {name: files.enter_context(_writer(part, table, name)) for name in options.formats}

        def take(batch: pa.RecordBatch) -> None:
            digest.add(batch)
            for name, array in zip(batch.schema.names, batch.columns, strict=True):
                missing[name] += array.null_count
            for writer in writers.values():
                writer.write(batch)

        for rows in _alongside(take, source.rows()):
            if progress is not None:
                progress.advance(rows)
        if progress is not None and set(writers) & set(OFFICE):
            progress.stage(f"saving {table.name} as {' and '.join(one for one in writers if one in OFFICE)}")
    entries = {name: _entry(writer) for name, writer in writers.items()}
    for name, writer in writers.items():
        cuts.add(table.name, name, writer.cut)
    return TableEntry(name=table.name, rows=digest.rows, digest=digest.hexdigest(), files=entries), missing


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


def _studies(snapshot: Snapshot, scope: Scope) -> list[StudyEntry]:
    threads, runs = schema.threads, schema.runs
    seen: dict[str, tuple[set[str], set[str]]] = {}
    of_threads = select(threads.c.study_id, threads.c.study_fingerprint, threads.c.app_version)
    of_runs = select(threads.c.study_id, runs.c.study_fingerprint, runs.c.app_version).select_from(
        runs.join(threads, threads.c.thread_id == runs.c.thread_id)
    )
    for query in (of_threads, of_runs):
        for study_id, fingerprint, version in snapshot.all(query.where(*scope.threads()).distinct()):
            fingerprints, versions = seen.setdefault(study_id, (set(), set()))
            fingerprints.update([fingerprint] if fingerprint else [])
            versions.update([version] if version else [])
    return [
        StudyEntry(study_id=name, fingerprints=sorted(fingerprints), app_versions=sorted(versions))
        for name, (fingerprints, versions) in sorted(seen.items())
    ]
