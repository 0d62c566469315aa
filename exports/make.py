"""Making an export: one snapshot, one pass over it, all formats at once."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from data_layer.database import schema
from exports.assignment.files import assignment_files
from exports.assignment.kept import kept_ledgers
from exports.assignment.seeds import revealed_seeds
from exports.beside import write_documents
from exports.checks import check_options, check_partitioned, check_rows
from exports.choosing import chosen_of, read_listed, scope_of
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.crew import Crew, crew
from exports.documents.cuts import Cuts
from exports.documents.manifest import (
    PARTITIONED_VERSION,
    BucketEntry,
    Manifest,
    PartitionedManifest,
    PartitionedTable,
    StudyEntry,
    TableEntry,
    filters_of,
    read_manifest,
)
from exports.folder import part_folder, replaced_folder
from exports.jobs import DoneJob, ExportWork, jobs_of
from exports.options import OFFICE, ExportOptions
from exports.partitions.buckets import Buckets
from exports.partitions.writing import table_of
from exports.progress import ExportProgress, Silent
from exports.registry import tables_for
from exports.report.counted import READ
from exports.report.files import report_files
from exports.rows.snapshot import Snapshot
from exports.sources import readers_of, source_of
from study.errors import ExportError
from version import app_version


def export(
    url: str,
    out: Path,
    *,
    options: ExportOptions | None = None,
    progress: ExportProgress | None = None,
    partitions: int | None = None,
    workers: int = 1,
) -> Manifest:
    """Export a study, or what of it is asked for.

    Blocks until it is done: from a coroutine, call it by `asyncio.to_thread`.

    Args:
        url: The database's address.
        out: A folder that is not there yet, or empty.
        options: What is asked for; by default all tables, to Parquet.
        progress: Hears how far it is.
        partitions: Into how many buckets, by thread, tables are cut; None leaves each a file.
        workers: How many processes write, this one among them.

    Returns:
        The manifest, which also lies in the folder.

    Raises:
        ExportError: The options or the folder will not do.
        DatabaseError: The database cannot be read.
    """
    options = options or ExportOptions()
    buckets = None if partitions is None else Buckets(partitions)
    if buckets is not None:
        check_partitioned(options)
    tables = tables_for(options)
    with part_folder(out) as part, crew(url, workers) as together:
        check_options(together.snapshot, options)
        work = ExportWork(part, scope_of(together.snapshot, options), buckets)
        return _filled(work, tables, together, progress)


def update(
    url: str, out: Path, *, progress: ExportProgress | None = None, workers: int = 1
) -> PartitionedManifest:
    """Bring an export whose tables are cut to the state of the database.

    What is exported, and how it is cut, stays as it was asked for. Buckets whose rows are the same stay byte
    for byte, as the same files; all else is written anew, and takes its place when it is whole.

    Args:
        url: The database's address.
        out: The export.
        progress: Hears how far it is.
        workers: How many processes write, this one among them.

    Returns:
        The manifest, which also lies in the folder.

    Raises:
        ExportError: There is no such export, or its place cannot be written to.
        DatabaseError: The database cannot be read.
    """
    with replaced_folder(out) as part:
        earlier = read_manifest(out)
        if not isinstance(earlier, PartitionedManifest):
            raise ExportError(
                f"--update: the tables of {out} are whole. Export to a new folder; one that can be "
                "brought up to date is made with --partitions."
            )
        options = earlier.options
        with crew(url, workers) as together:
            # A list of threads is taken as it stands: who has withdrawn since is no mistake in it.
            listed = options.where == {} and options.view is None and earlier.chosen is not None
            scope = (
                Scope(options, read_listed(out, earlier)) if listed else scope_of(together.snapshot, options)
            )
            work = ExportWork(part, scope, Buckets(earlier.partitions), out)
            manifest = _filled(work, tables_for(options), together, progress)
    assert isinstance(manifest, PartitionedManifest)
    return manifest


def _filled(
    work: ExportWork, tables: Sequence[ExportTable], together: Crew, progress: ExportProgress | None
) -> Manifest:
    """Write all files of an export."""
    scope, snapshot, hears = work.scope, together.snapshot, progress or Silent()
    planned = _planned(snapshot, tables, scope, progress)
    check_rows(scope.options, planned)
    # What depends on the rows of other tables has its columns from here on.
    described = tuple(source_of(snapshot, table, scope).table for table in tables)
    done = together.do(jobs_of(tables, work.buckets, together.size), work, planned, hears)
    hears.stage("writing codebook and manifest")
    entries, missing, cuts = _gathered(done, tables)
    manifest = Manifest(
        app_version=app_version(),
        snapshot_at=snapshot.taken_at,
        database=snapshot.dialect,
        studies=_studies(snapshot, scope),
        filters=filters_of(scope.options),
        chosen=chosen_of(scope),
        withdrawals=snapshot.number(select(func.count()).select_from(schema.withdrawals)),
        tables=[one for one in entries if isinstance(one, TableEntry)],
        documents=[],
    )
    if work.buckets is not None:
        cut = [one for one in entries if isinstance(one, PartitionedTable)]
        given = dict(manifest) | {"format_version": PARTITIONED_VERSION}
        manifest = PartitionedManifest(**given, partitions=work.buckets.count, partitioned=cut)
    more = _of_whole_study(snapshot, tables, scope)
    return write_documents(work.part, described, manifest, scope, missing, cuts, more)


def _of_whole_study(snapshot: Snapshot, tables: Sequence[ExportTable], scope: Scope) -> dict[str, bytes]:
    """What replays the assignment, where its seed may be known, and the report: of no part of a study."""
    read = readers_of(snapshot, tables, scope)
    if scope.filtered or not {"ledgers", "assignments"} <= read.keys():
        return {}
    seeds = revealed_seeds(snapshot)
    files = assignment_files(kept_ledgers(read), seeds) if seeds else {}
    return files | (report_files(read, seeds.keys()) if set(READ) <= read.keys() else {})


def _gathered(
    done: Sequence[DoneJob], tables: Sequence[ExportTable]
) -> tuple[list[TableEntry | PartitionedTable], dict[str, dict[str, int]], Cuts]:
    """What all jobs came to: the tables' entries, what is missing in them, and what was cut."""
    entries: dict[str, TableEntry | PartitionedTable] = {}
    buckets: dict[str, list[BucketEntry]] = {}
    missing, cuts = dict[str, Counter[str]](), Cuts()
    for one in done:
        name = one.job.table
        missing.setdefault(name, Counter()).update(one.missing)
        for format_name, cut in one.cuts.items():
            cuts.add(name, format_name, cut)
        if one.entry is not None:
            entries[name] = one.entry
        else:
            buckets.setdefault(name, []).extend(one.buckets)
            entries[name] = table_of(name, buckets[name])
    # Each in the order of the tables, whoever was first.
    return (
        [entries[table.name] for table in tables],
        {name: dict(counts) for name, counts in missing.items()},
        cuts,
    )


def _planned(
    snapshot: Snapshot, tables: Sequence[ExportTable], scope: Scope, progress: ExportProgress | None
) -> dict[str, int]:
    """How many rows each table has; counted for whoever hears of it, and where a format has a limit."""
    if progress is None and not set(scope.options.formats) & set(OFFICE):
        return dict.fromkeys((table.name for table in tables), 0)
    if progress is not None:
        progress.stage("counting rows")
    rows = {table.name: snapshot.number(table.count(scope)) for table in tables}
    if progress is not None:
        progress.plan(sum(rows.values()))
    return rows


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
