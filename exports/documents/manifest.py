"""The manifest: what an export holds, so that anybody can prove that it still does."""

import json
from collections.abc import Container
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exports.options import FORMATS, ExportOptions
from study.errors import ExportError

MANIFEST_NAME: Final = "manifest.json"
# Raised whenever a table, a column or the meaning of one changes; verify/earlier.py has what it was before.
FORMAT_VERSION: Final = 4
# The same tables, cut into buckets. What raises FORMAT_VERSION next goes beyond both.
PARTITIONED_VERSION: Final = 5
_NEWEST: Final = max(FORMAT_VERSION, PARTITIONED_VERSION)
# The oldest that is still read and proved.
OLDEST_VERSION: Final = 2


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Part):
    """A file of the export."""

    path: str = Field(pattern=r"^(\w[\w.-]*/){0,2}\w[\w.-]*$")  # beside the manifest or below, nowhere else
    bytes: int
    sha256: str
    cut: int = 0  # texts that the format could not hold whole; cut.csv names them


class TableEntry(_Part):
    """A table of the export.

    `digest` is SHA-256 over the rows themselves (exports/rows/digest.py): the same for every format, and for
    the database as it stood.
    """

    name: str
    rows: int
    digest: str
    files: dict[str, FileEntry]

    @property
    def whole(self) -> dict[str, FileEntry]:
        """The files that keep all, and can be read again; those for office programs are neither."""
        return {name: file for name, file in self.files.items() if name in FORMATS}


class BucketEntry(FileEntry):
    """The file of a table's rows in one bucket; `digest` is over these rows."""

    path: str = Field(pattern=r"^\w+/bucket=\d{2,3}/part-0\.parquet$")
    bucket: int = Field(ge=0, lt=256)
    rows: int
    digest: str


class PartitionedTable(_Part):
    """A table that is cut into buckets by thread (exports/partitions/buckets.py).

    `digest` is SHA-256 over the digests of all its buckets (exports/partitions/writing.py).
    """

    name: str
    rows: int
    digest: str
    buckets: list[BucketEntry]


class StudyEntry(_Part):
    """A study that exported threads belong to, as it was when they were made."""

    study_id: str
    fingerprints: list[str]
    app_versions: list[str]


class Filters(_Part):
    """What was asked for; the same names as ExportOptions."""

    tables: list[str] = []
    since: datetime | None = None
    until: datetime | None = None
    agent: str | None = None
    participant: str | None = None
    where: dict[str, str] = {}
    view: str | None = None
    include_deleted: bool = False
    include_identities: bool = False
    include_vectors: bool = False


class ExportChoice(_Part):
    """The threads that were looked for: which of the documents lists them, one thread_id a line."""

    path: str
    threads: int


class Manifest(_Part):
    """What an export holds."""

    kind: Literal["verbatim-export"] = "verbatim-export"
    format_version: int = FORMAT_VERSION
    app_version: str
    snapshot_at: datetime
    database: Literal["sqlite", "postgresql"]
    studies: list[StudyEntry]
    filters: Filters
    chosen: ExportChoice | None = None
    withdrawals: int = 0  # applied before the snapshot: nothing of these participants is in it
    tables: list[TableEntry]
    documents: list[FileEntry]

    @property
    def options(self) -> ExportOptions:
        """The options that make this export; its list of threads goes with them."""
        given: dict[str, Any] = self.filters.model_dump()
        formats = tuple(dict.fromkeys(name for table in self.tables for name in table.files))
        return ExportOptions(formats=formats or ("parquet",), **{**given, "tables": tuple(given["tables"])})

    @property
    def all_tables(self) -> "list[TableEntry | PartitionedTable]":
        """Those that are whole, and those that are cut."""
        return [*self.tables]

    @property
    def files(self) -> list[FileEntry]:
        """All files but the manifest itself."""
        return [*(one for table in self.tables for one in table.files.values()), *self.documents]


class PartitionedManifest(Manifest):
    """What an export holds whose tables are cut; `tables` are those that are whole."""

    format_version: int = PARTITIONED_VERSION
    partitions: int = Field(ge=1, le=256)
    partitioned: list[PartitionedTable]

    @property
    def all_tables(self) -> list[TableEntry | PartitionedTable]:
        """Those that are whole, and those that are cut."""
        return [*self.tables, *self.partitioned]

    def of_bucket(self, bucket: int, documents: Container[str]) -> "PartitionedManifest":
        """What it says of one bucket alone.

        Args:
            bucket: Which.
            documents: The documents that are needed beside it.

        Raises:
            ExportError: There is no such bucket.
        """
        if not 0 <= bucket < self.partitions:
            raise ExportError(
                f"--bucket: there is no bucket {bucket}; the export has 0 to {self.partitions - 1}. "
                "Write it like: --bucket 0"
            )
        cut = [
            one.model_copy(update={"buckets": [part for part in one.buckets if part.bucket == bucket]})
            for one in self.partitioned
        ]
        kept = [one for one in self.documents if one.path in documents]
        return self.model_copy(update={"tables": [], "partitioned": cut, "documents": kept})

    @property
    def files(self) -> list[FileEntry]:
        """All files but the manifest itself."""
        return [*super().files, *(one for table in self.partitioned for one in table.buckets)]


def filters_of(options: ExportOptions) -> Filters:
    """The part of the options that says which rows."""
    return Filters(
        tables=list(options.tables),
        since=options.since,
        until=options.until,
        agent=options.agent,
        participant=options.participant,
        where=dict(options.where),
        view=options.view,
        include_deleted=options.include_deleted,
        include_identities=options.include_identities,
        include_vectors=options.include_vectors,
    )


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an export.

    Raises:
        ExportError: There is none, or it is not one that this version can read.
    """
    path = folder / MANIFEST_NAME
    try:
        content = path.read_bytes()
        manifest = _kind_of(content).model_validate_json(content)
    except FileNotFoundError:
        raise ExportError(
            f"{folder} holds no {MANIFEST_NAME}, so it is not an export, or not a whole one. "
            f"Name the folder that was exported to, or export again: python -m exports {folder}"
        ) from None
    except (OSError, ValidationError) as error:
        raise ExportError(f"{path} cannot be read: {_first_line(error)}. Export again.") from error
    if not OLDEST_VERSION <= manifest.format_version <= _NEWEST:
        raise ExportError(
            f"{path} is of format {manifest.format_version}, this Verbatim knows the formats "
            f"{OLDEST_VERSION} to {_NEWEST}. "
            f"Use Verbatim {manifest.app_version}, which made it, or export again."
        )
    return manifest


def _kind_of(content: bytes) -> type[Manifest]:
    """Which of the two it is."""
    try:
        return PartitionedManifest if "partitions" in json.loads(content) else Manifest
    except (ValueError, TypeError):
        return Manifest  # whose validation says what is wrong


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'it'}: {first['msg']}"
    return str(error)
