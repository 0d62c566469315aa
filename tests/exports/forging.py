"""Forging an export so that its own manifest agrees: only the database can tell."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from exports.columns.table import ExportTable
from exports.registry import TABLES
from exports.rows.digest import Digest
from study.errors import ExportError

Rows = list[dict[str, Any]]
TABLE: Final = {table.name: table for table in TABLES}


def forge(out: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest."""
    manifest = json.loads((out / "manifest.json").read_bytes())
    change(manifest)
    (out / "manifest.json").write_text(json.dumps(manifest))


def forge_file(out: Path, name: str, content: bytes) -> None:
    """Exchange a file, with its size and its SHA-256 in the manifest."""
    (out / name).write_bytes(content)

    def change(manifest: dict[str, Any]) -> None:
        files = [file for table in manifest["tables"] for file in table["files"].values()]
        entry = next(file for file in [*files, *manifest["documents"]] if file["path"] == name)
        entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    forge(out, change)


def rows_of(out: Path, table: str) -> Rows:
    """A table's rows, as the Parquet file has them."""
    found: Rows = pq.read_table(out / f"{table}.parquet").to_pylist()
    return found


def forge_rows(out: Path, name: str, change: Callable[[Rows], Rows]) -> None:
    """Change a table's rows, with all that the manifest says of them."""
    table, path = TABLE[name], out / f"{name}.parquet"
    rows = pa.Table.from_pylist(change(rows_of(out, name)), schema=table.schema)
    pq.write_table(rows, path)
    digest = Digest(table.columns)
    for batch in rows.to_batches():
        digest.add(batch)
    say_rows(out, name, rows=digest.rows, digest=digest.hexdigest())
    forge_file(out, path.name, path.read_bytes())


def say_rows(out: Path, name: str, **said: Any) -> None:
    """Let the manifest say otherwise of a table."""
    forge(out, lambda manifest: next(t for t in manifest["tables"] if t["name"] == name).update(said))


def forge_list(out: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change the list of the chosen threads, with all that the manifest says of it."""
    manifest = json.loads((out / "manifest.json").read_bytes())
    path = out / manifest["chosen"]["path"]
    ids = change(path.read_text().split())
    path.write_text("".join(f"{one}\n" for one in ids))
    content = path.read_bytes()
    manifest["chosen"]["threads"] = len(ids)
    for file in manifest["documents"]:
        if file["path"] == path.name:
            file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (out / "manifest.json").write_text(json.dumps(manifest))


# What may be done to a list of threads, with one that is not in it.
LISTS: Final[dict[str, Callable[[list[str], str], list[str]]]] = {
    "one left out": lambda ids, other: ids[1:],
    "one more": lambda ids, other: [*ids, other],
    "one exchanged": lambda ids, other: [*ids[1:], other],
    "one made up": lambda ids, other: [*ids, "00000000-0000-4000-8000-000000000000"],
}


def drop(table: ExportTable, rows: Rows, place: int) -> Rows:
    """Leave a row out."""
    return rows[:place] + rows[place + 1 :]


def add(table: ExportTable, rows: Rows, place: int) -> Rows:
    """Make a row up."""
    made_up = rows[place] | {table.key[0]: "00000000-0000-4000-8000-000000000000"}
    return [*rows[: place + 1], made_up, *rows[place + 1 :]]


def repeat(table: ExportTable, rows: Rows, place: int) -> Rows:
    """Let a row stand twice."""
    return rows[: place + 1] + rows[place:]


def swap(table: ExportTable, rows: Rows, place: int) -> Rows:
    """Let a row change places with its neighbour."""
    other = place + 1 if place + 1 < len(rows) else place - 1
    if other < 0:
        raise ExportError("there is only one row")
    swapped = list(rows)
    swapped[place], swapped[other] = rows[other], rows[place]
    return swapped


def reword(table: ExportTable, rows: Rows, place: int) -> Rows:
    """Change a text; an id where there is no other."""
    texts = [c.name for c in table.columns if c.arrow_type == pa.string() and c.name not in table.key]
    filled = [name for name in texts if rows[place][name] is not None]
    if not filled:
        raise ExportError("there is no text in it")
    name = filled[place % len(filled)]
    return [row | {name: f"{row[name]}!"} if row is rows[place] else row for row in rows]


def redate(table: ExportTable, rows: Rows, place: int) -> Rows:
    """Move a moment by an hour."""
    times = [c.name for c in table.columns if pa.types.is_timestamp(c.arrow_type)]
    filled = [name for name in times if rows[place][name] is not None]
    if not filled:
        raise ExportError("there is no moment in it")
    name = filled[place % len(filled)]
    hour = timedelta(hours=1)
    return [row | {name: row[name] + hour} if row is rows[place] else row for row in rows]


def otherwise(name: str, table: ExportTable, rows: Rows, place: int) -> Rows:
    """Let one column of a row say something else."""
    if name not in rows[place]:
        raise ExportError("there is no such column")
    is_time = pa.types.is_timestamp(table.column(name).arrow_type)
    said = datetime(2026, 1, 1, tzinfo=UTC) if is_time else "another"
    return [row | {name: said} if row is rows[place] else row for row in rows]


FORGERIES: Final = {one.__name__: one for one in (drop, add, repeat, swap, reword, redate)}
