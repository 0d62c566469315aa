"""Proving an export: files against manifest, ids against each other, rows against the database."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from exports.assignment.seeds import seeds_in
from exports.choosing import read_listed
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.documents.datapackage import PACKAGE_NAME, columns_in
from exports.documents.manifest import (
    Manifest,
    PartitionedManifest,
    PartitionedTable,
    TableEntry,
    read_manifest,
)
from exports.partitions.buckets import Buckets
from exports.progress import ExportProgress, Silent
from exports.registry import tables_for
from exports.rows.batches import batches
from exports.rows.digest import Digest
from exports.rows.snapshot import Snapshot
from exports.rows.taking import take_snapshot
from exports.verify.buckets import buckets_of, differing, in_buckets, wrong_roots
from exports.verify.derived import made_again, same_rows
from exports.verify.difference import Difference
from exports.verify.earlier import as_of
from exports.verify.files import TableFiles, extra, missing_and_changed
from exports.verify.joins import orphans
from exports.verify.listed import never_there
from exports.verify.replayed import replayed, report_again
from exports.verify.since import chosen_now, happened_since, replayed_since
from exports.verify.withdrawn import Withdrawn, withdrawn_since
from exports.verify.words import ExportProof
from study.errors import ExportError

if TYPE_CHECKING:
    from exports.verify.numbered import Batches, Now

Entry = TableEntry | PartitionedTable
Names = Mapping[str, Sequence[str]]


def prove(
    folder: Path, url: str | None, progress: ExportProgress | None = None, bucket: int | None = None
) -> ExportProof:
    """Check an export.

    Files are checked against the manifest: none missing, none extra, sizes, SHA-256; each table is read
    again, its rows counted and their digest taken. What comes of other tables is made of them once more.
    Every id that says it joins is looked up. Then the same rows are taken from the database and compared,
    count and digest, and row by row where these differ. Ledgers whose seed is known are replayed.

    Args:
        folder: The export.
        url: The database's address; None leaves out the last part.
        progress: Hears how far it is.
        bucket: Only this bucket, of an export whose tables are cut: what else the folder holds, or lacks, is
            passed over but for the manifest, the data package and a list of threads.

    Returns:
        What was found.

    Raises:
        ExportError: It is no export, or one of another format.
        DatabaseError: The database cannot be read.
    """
    manifest = read_manifest(folder)
    hears, buckets = progress or Silent(), buckets_of(manifest)
    found = wrong_roots(manifest)
    if bucket is not None:
        manifest = _of_bucket(folder, manifest, bucket)
    entries = {entry.name: entry for entry in manifest.all_tables}
    tables = [
        one for one in tables_for(replace(manifest.options, tables=tuple(entries))) if one.name in entries
    ]
    hears.plan(sum(_to_be_read(table, entries[table.name], url) for table in tables))
    within = None if bucket is None or buckets is None else buckets.folder(bucket)
    found += [*missing_and_changed(folder, manifest), *extra(folder, manifest, within)]
    spoilt = {one.where for one in found}
    if spoilt & {PACKAGE_NAME, manifest.chosen.path if manifest.chosen else PACKAGE_NAME}:
        return ExportProof(found, manifest.snapshot_at, with_database=False)
    names = {name: [column.name for column in columns] for name, columns in columns_in(folder).items()}
    stored = _same_columns(folder, [table for table in tables if table.derive is None], manifest, names)
    files = TableFiles(folder, entries, spoilt, hears)
    for table in stored:
        found += files.look_into(table)
    whole = [table for table in stored if table.name in files.sound]
    # One bucket does not say which columns come of all of them.
    made = [table for table in tables if table.derive and bucket is None]
    derived, wrong = _derived(made, whole, names, files, entries, buckets)
    found += wrong
    joining = [*whole, *derived]
    found += orphans(joining, {table.name: partial(files.rows, table.name) for table in joining})
    acts: dict[str, int] = {}
    seeds: dict[str, str] = {}
    if url is not None:
        scope = Scope(manifest.options, read_listed(folder, manifest))
        with take_snapshot(url) as snapshot:
            found += never_there(snapshot, scope.listed)
            against = _Against(snapshot, scope, manifest.snapshot_at, whole, files, buckets)
            for table in whole:
                hears.begin(table.name, entries[table.name].rows)
                found += against.differences(table, entries[table.name], hears)
            acts = against.acts
            seeds = seeds_in(snapshot)
    if bucket is None:
        read = {table.name: partial(files.rows, table.name) for table in whole}
        found += replayed(folder, manifest, spoilt, read, seeds)
        found += report_again(folder, manifest, spoilt, read)
    return ExportProof(found, manifest.snapshot_at, url is not None, acts)


def _of_bucket(folder: Path, manifest: Manifest, bucket: int) -> Manifest:
    if not isinstance(manifest, PartitionedManifest):
        raise ExportError(
            f"--bucket: the tables of {folder} are whole. Leave --bucket out, or export with --partitions."
        )
    chosen = [manifest.chosen.path] if manifest.chosen else []
    return manifest.of_bucket(bucket, [PACKAGE_NAME, *chosen])


def _to_be_read(table: ExportTable, entry: Entry, url: str | None) -> int:
    """How many rows of a table are read: in its files, and in the database where they stand there."""
    if isinstance(entry, PartitionedTable):
        return sum(one.rows for one in entry.buckets) * (1 + (url is not None and table.derive is None))
    return entry.rows * (len(entry.whole) + (url is not None and table.derive is None))


def _derived(
    tables: Iterable[ExportTable],
    whole: Collection[ExportTable],
    names: Names,
    files: TableFiles,
    entries: Mapping[str, Entry],
    buckets: Buckets | None,
) -> tuple[list[ExportTable], list[Difference]]:
    """Prove the tables that come of others.

    Returns:
        Those that can be looked into, and what is wrong with them.
    """
    read = {table.name: partial(files.rows, table.name) for table in whole}
    sound, found = list[ExportTable](), list[Difference]()
    for table in tables:
        made, wrong = made_again(table, names.get(table.name, ()), read)
        found += wrong
        if made is not None:
            found += [*files.look_into(made.table), *same_rows(made, entries[table.name], buckets)]
            sound += [made.table] if table.name in files.sound else []
    return sound, found


def _same_columns(
    folder: Path, tables: Iterable[ExportTable], manifest: Manifest, names: Names
) -> list[ExportTable]:
    """The tables as the export's format has them."""
    found = [as_of(table, manifest.format_version, names.get(table.name, ())) for table in tables]
    for table in found:
        if names.get(table.name) != [c.name for c in table.columns]:
            raise ExportError(
                f"{folder}: the table {table.name} has other columns than this Verbatim's. "
                f"Use Verbatim {manifest.app_version}, which made it, or export again."
            )
    return found


class _Against:
    """The database, beside an export; what has happened since is asked once, when a table differs."""

    def __init__(
        self,
        snapshot: Snapshot,
        scope: Scope,
        taken_at: datetime,
        exported: Sequence[ExportTable],
        files: TableFiles,
        buckets: Buckets | None = None,
    ) -> None:
        self._buckets = buckets
        self._snapshot = snapshot
        self._scope = scope
        self._taken_at = taken_at
        self._exported = exported
        self._files = files
        self.acts: dict[str, int] = {}

    def differences(self, table: ExportTable, entry: Entry, progress: ExportProgress) -> list[Difference]:
        if isinstance(entry, PartitionedTable):
            return self._of_buckets(table, entry, progress)
        # Where something has happened already, most tables differ: they are compared at once, and read once.
        if "_now" not in self.__dict__:
            digest = Digest(table.columns)
            for batch in batches(self._snapshot.open(table.rows(self._scope)), table.columns):
                digest.add(batch)
                progress.advance(len(batch))
            if (digest.rows, digest.hexdigest()) == (entry.rows, entry.digest):
                return []
            progress = Silent()
        return self._compared(table, partial(self._files.rows, table.name, table.columns), progress)

    def _of_buckets(
        self, table: ExportTable, entry: PartitionedTable, progress: ExportProgress
    ) -> list[Difference]:
        assert self._buckets is not None
        asked = [one.bucket for one in entry.buckets]
        if "_now" not in self.__dict__:
            ordered = self._buckets.rows_of(table, asked)
            rows = batches(self._snapshot.open(ordered.rows(self._scope)), table.columns)
            asked = differing(rows, table.columns, self._buckets, entry, progress)
            if not asked:
                return []
            progress = Silent()
        # Only of these buckets: the others are proved, whatever has happened to their threads and back.
        exported = partial(self._files.rows, table.name, table.columns, frozenset(asked))
        found = self._compared(self._buckets.rows_of(table, asked), exported, progress)
        return in_buckets(found, self._buckets)

    def _compared(
        self, table: ExportTable, exported: "Batches", progress: ExportProgress
    ) -> list[Difference]:
        # Seldom needed, and it brings pandas: a second and 60 MB.
        from exports.verify.compare import compare_rows

        now = replace(self._now, withdrawn=self._gone.keys(table, exported()))
        return compare_rows(table, exported, now, progress)

    @cached_property
    def _now(self) -> "Now":
        from exports.verify.compare import IN_FLIGHT
        from exports.verify.numbered import Now

        begin = self._taken_at - IN_FLIGHT
        if replayed_since(self._snapshot, begin):
            begin = min(begin, self._newest)
        since = happened_since(self._snapshot, begin, self._taken_at)
        held = frozenset().union(*(_threads_in(table, self._files) for table in self._exported))
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
        for table in self._exported:
            for column in table.columns:
                if column.name == "seq":
                    for batch in self._files.rows(table.name, (column,)):
                        newest = max(newest, pc.max(batch.column(0)).as_py() or 0)
        return datetime.fromtimestamp(newest / 1_000_000, UTC)


def _threads_in(table: ExportTable, files: TableFiles) -> Iterator[str]:
    """The threads that a table's rows are in. A connection names only the last that it was in."""
    if table.name == "connections":
        return
    for column in table.columns:
        if column.name == "thread_id":
            for batch in files.rows(table.name, (column,)):
                yield from (one for one in pc.unique(batch.column(0)).to_pylist() if one is not None)
