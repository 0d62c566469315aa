"""Looking for threads, once, in the export's own snapshot: what is found is exported by its ids.

A search is no condition that a database could be asked again, and a code that is given tomorrow would change
which threads a filter finds. So the ids stand in the export, and verify takes the same threads.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Text, bindparam, cast, literal_column, select, text

from data_layer.database import schema
from data_layer.database.ids import is_uuid
from data_layer.database.text import search_words
from data_layer.review.filter_fields import FIELDS, filter_of
from data_layer.review.filters import conditions
from data_layer.review.index_query import index_query, is_said_by_index, matches
from data_layer.review.query import Node, parse
from exports.columns.scope import Scope, among
from exports.documents.manifest import ExportChoice, Manifest
from exports.options import ExportOptions
from exports.rows.snapshot import Snapshot
from study.errors import ExportError
from study.file_text import read_text

CHOSEN_NAME: Final = "chosen-threads.txt"
_FETCHED: Final = 1000
# How many ids a sentence names.
_NAMED: Final = 10
_MATCHING: Final = {
    "sqlite": "search_index MATCH :asked AND search_index.rowid > 0",
    "postgresql": "words @@ CAST(:asked AS tsquery) AND number > 0",
}


def scope_of(snapshot: Snapshot, options: ExportOptions) -> Scope:
    """What of a database an export holds.

    Args:
        snapshot: Of the database.
        options: What was asked for.

    Raises:
        ExportError: There is no such thread, code or view, or what is asked for contradicts itself.
        QueryError: A search, a date or a number cannot be read.
    """
    if not options.chooses:
        return Scope(options)
    fields = _fields(snapshot, options)
    if fields.get("deleted") == "yes" and not options.include_deleted:
        raise ExportError(
            "Deleted threads leave with what has left the screen only. Write it like: "
            "--where deleted=yes --include-deleted"
        )
    where: list[ColumnElement[bool]] = [*conditions(filter_of(fields), snapshot.dialect)]
    if options.threads is not None:
        where.append(_there(snapshot, options.threads))
    if fields.get("q"):
        where.append(among(schema.threads.c.thread_id, _saying(snapshot, parse(fields["q"]))))
    threads = schema.threads
    asked = select(threads.c.thread_id).where(*where, *Scope(options).threads())
    ids = snapshot.all(asked.order_by(threads.c.thread_id))
    return Scope(options, tuple(row[0] for row in ids))


def listed_bytes(listed: tuple[str, ...]) -> bytes:
    """The list of the chosen threads, as it stands in an export and as --threads-from reads it."""
    return "".join(f"{one}\n" for one in listed).encode()


def read_listed(folder: Path, manifest: Manifest) -> tuple[str, ...] | None:
    """The list of the chosen threads of an export; None when it has none."""
    if manifest.chosen is None:
        return None
    return tuple(read_text(folder / manifest.chosen.path).split())


def chosen_of(scope: Scope) -> ExportChoice | None:
    """The manifest's word of the list."""
    return ExportChoice(path=CHOSEN_NAME, threads=len(scope.listed)) if scope.listed is not None else None


def _fields(snapshot: Snapshot, options: ExportOptions) -> dict[str, str]:
    """The fields that were asked for: a view's, and over them those that were named."""
    fields = {**(_view(snapshot, options.view) if options.view is not None else {}), **options.where}
    code = fields.get("code")
    return fields if not code or is_uuid(code) else fields | {"code": _code(snapshot, code)}


def _view(snapshot: Snapshot, name: str) -> dict[str, str]:
    table = schema.saved_views
    query = select(table.c.name, cast(table.c.query, Text)).where(table.c.deleted_at.is_(None))
    living = snapshot.all(query)
    found = [row[1] for row in living if row[0].casefold() == name.casefold()]
    if len(found) != 1:
        there = ", ".join(sorted({repr(row[0]) for row in living})) or "none yet"
        many = f"there are {len(found)} views" if found else "there is no view"
        raise ExportError(
            f"--view: {many} with the name {name!r}. Save the one that is meant under a name of its own, on "
            f"the page of threads in the researchers' room. There are: {there}."
        )
    return {name: str(value) for name, value in json.loads(found[0]).items() if name in FIELDS and value}


def _code(snapshot: Snapshot, name: str) -> str:
    """The id of a code; it keeps the name that it had last, retired or not."""
    table = schema.codes
    rows = snapshot.all(select(table.c.name, table.c.code_id).order_by(table.c.codebook_version))
    newest = {code_id: spelt for spelt, code_id in rows}
    found = [code_id for code_id, spelt in newest.items() if spelt.casefold() == name.casefold()]
    if not found:
        there = ", ".join(sorted(map(repr, newest.values()))) or "none, for the codebook is empty"
        raise ExportError(f"--code: there is no code {name!r}. There are: {there}.")
    return str(found[-1])


def _there(snapshot: Snapshot, ids: Sequence[str]) -> ColumnElement[bool]:
    """Those of a list; all of them must be there."""
    column = schema.threads.c.thread_id
    found = {row[0] for row in snapshot.all(select(column).where(among(column, ids)))}
    if lost := [one for one in ids if one not in found]:
        named = ", ".join(lost[:_NAMED])
        raise ExportError(
            f"--threads-from: {len(lost):,} of {len(ids):,} threads are not in the database: {named}. "
            "Take ids from the column thread_id of an export of this study."
        )
    return among(column, ids)


def _saying(snapshot: Snapshot, node: Node) -> list[str]:
    """The threads with a message that a search finds, whether or not it has left the screen."""
    asked = index_query(node, snapshot.dialect)
    bound = f"words : ({asked})" if snapshot.dialect == "sqlite" else asked
    matching = text(_MATCHING[snapshot.dialect]).bindparams(bindparam("asked", bound, Text()))
    if is_said_by_index(node):
        index = literal_column("search_index.thread_id", Text())
        found = select(index).distinct().select_from(text("search_index")).where(matching)
        return [row[0] for row in snapshot.all(found)]
    steps = schema.steps
    candidates = (
        select(steps.c.thread_id, steps.c.type, steps.c.output)
        .select_from(text("search_index"))
        .join(steps, steps.c.step_id == literal_column("search_index.target_id"))
        .where(matching)
    )
    cursor, known = snapshot.open(candidates), dict[str, None]()
    while rows := cursor.fetch(_FETCHED):
        for thread_id, said, words in rows:
            if thread_id not in known and matches(node, search_words(words), said):
                known[thread_id] = None
    return list(known)
