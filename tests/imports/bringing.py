"""Bringing files and databases in, as the command does, into a record that a test holds."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data_layer.database.rows import Row
from data_layer.record import Record
from imports.files import digest_of
from imports.foreign import ForeignThread, SourceRequest
from imports.known import Naming
from imports.registry import source_of
from imports.remarks import Remarks
from imports.run import Importing, ImportSums
from imports.unit import Origin
from tests.data_layer.rows import rows

SECRET = "a secret of the tests, of no use elsewhere"
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def write(path: Path, content: Any) -> Path:
    """A file: text as it is, a list as lines of JSON, anything else as JSON."""
    if isinstance(content, list):
        content = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in content)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read(
    source: str, place: Path | str, told: Remarks | None = None, zone: str = "UTC"
) -> list[ForeignThread]:
    """What a reader yields, and nothing is written."""
    asked = SourceRequest(str(place), ZoneInfo(zone), told or Remarks())
    return list(source_of(source).make().threads(asked))


async def bring(
    record: Record,
    source: str,
    place: Path | str,
    told: Remarks | None = None,
    *,
    owner: str | None = None,
    at: datetime = AT,
    secret: str = SECRET,
) -> ImportSums:
    """Import."""
    told = told or Remarks()
    digest = digest_of(place) if isinstance(place, Path) else None
    naming = Naming(secret, record.defaults.study_id, source)
    work = Importing(record.database, record, naming, Origin(source, digest, at), told, owner)
    return await work.run(source_of(source).make(), SourceRequest(str(place), ZoneInfo("UTC"), told))


async def screen_of(record: Record, thread_id: str) -> list[tuple[str, str]]:
    """Type and words of what stands in a thread, in order."""
    found = await rows(record, "steps", thread_id=thread_id)
    standing = sorted((row for row in found if row["deleted_at"] is None), key=lambda row: row["seq"])
    return [(row["type"], row["output"]) for row in standing]


async def one_thread(record: Record) -> Row:
    """The only thread that there is."""
    (thread,) = await rows(record, "threads")
    return thread


def remarks(told: Remarks, *, left_out: bool | None = None) -> list[tuple[int, str]]:
    """Line and words of what was said."""
    return [(one.place, one.what) for one in told.first if left_out in (None, one.left_out)]
