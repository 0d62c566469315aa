"""What a withdrawal erases: every row that names the participant or a thread of theirs, in one transaction.

Two kinds of rows stay, emptied, so that what others said of them still joins and numbers still add up: the
participant's own, which holds a pseudonym that leads to nobody any more, and their threads', with the times
at which they began and the state "withdrawn". A third is added: the withdrawal, with what is gone in numbers.
The ledger of places stays whole, and names them no more.
docs/decisions/0018 says why.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, delete, exists, insert, select, text, update
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row, in_chunks
from data_layer.writing.apply import assigning
from data_layer.writing.exports_held import may_have_held
from data_layer.writing.people_writes import Withdraw
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import MESSAGE_TYPES, ExportState, ThreadState

# What stays: see above. What researchers and the journal keep names no participant, or does on purpose. A
# ledger of places stays whole, for places are decided from all of its rows; nobody is named in it any more.
_STAY: Final = frozenset({"participants", "threads", "withdrawals", "assignments"})
# Embeddings come last: what embeds a message locks its row, and puts none beside one that is gone.
TABLES: Final[tuple[Table, ...]] = tuple(
    table
    for table in sorted(schema.metadata.sorted_tables, key=lambda table: table.name == "embeddings")
    if table.name not in _STAY and {"thread_id", "participant_id"} & set(table.c.keys())
)
# An export while it is written (exports/folder.py), whole, and as a zip.
_COPIES: Final = ("exports/.{}.part-*", "exports/{}", "exports/{}.part", "exports/{}.zip")
_EMPTY_THREAD: Final[Row] = {
    "title": "",
    "renamed": False,
    "preview": "",
    "opening": "",
    "message_count": 0,
    "turn_count": 0,
    "state": ThreadState.WITHDRAWN.value,
    "archived_at": None,
    "tags": None,
    "metadata": None,
    "open_form_id": None,
    "last_activity_at": schema.threads.c.created_at,
}


@dataclass
class _Theirs:
    """What belongs to a participant.

    Args:
        participant_id: The pseudonym.
        threads: Their threads, with what tells which exports may have held them.
        erased: Ids of rows that are gone: what the journal knows them by.
        counts: How much is gone, by table.
    """

    participant_id: str
    threads: list[Row] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def thread_ids(self) -> list[str]:
        return [thread["thread_id"] for thread in self.threads]


def erase(connection: Connection, order: int, write: Withdraw) -> frozenset[str]:
    """Erase a participant.

    Args:
        connection: In the batch's transaction; what came before in the batch has been flushed.
        order: Of the write.
        write: Who.

    Returns:
        The threads that were theirs.

    Raises:
        WriteRefused: There is no such participant, or they have withdrawn already.
    """
    people, gone = schema.participants, schema.withdrawals
    person = select(people).where(people.c.participant_id == write.participant_id)
    found = connection.execute(person).mappings().first()
    if found is None:
        raise WriteRefused(Reason.NO_PARTICIPANT)
    already = select(gone.c.withdrawal_id).where(gone.c.participant_id == write.participant_id)
    if connection.scalar(already) is not None:
        raise WriteRefused(Reason.WITHDRAWN_ALREADY)
    with overwriting(connection):
        return _erase_all(connection, order, write, dict(found))


@contextmanager
def overwriting(connection: Connection) -> Iterator[None]:
    """Overwrite pages that become free, too, with zeros; otherwise they stay in SQLite's file until reused.

    What is freed within a page always is (engine.py): that costs nothing but a little of the processor.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete = FAST")


def _erase_all(connection: Connection, order: int, write: Withdraw, found: Row) -> frozenset[str]:
    theirs = _Theirs(write.participant_id, _threads_of(connection, write.participant_id))
    files = _files_of(connection, theirs)
    theirs.counts = {"threads": len(theirs.threads), **_said(connection, theirs), "files": len(files)}
    hashes = _prompts_of(connection, theirs)
    _erase_search(connection, theirs)
    assigning.forget(connection, write.participant_id, write.at)
    for table in TABLES:
        theirs.counts[table.name] = _erase_rows(connection, table, theirs)
    theirs.counts["prompts"] = _erase_prompts(connection, hashes)
    for chunk in in_chunks(theirs.thread_ids):
        emptied = {**_EMPTY_THREAD, "ended_at": write.at, "version": order}
        connection.execute(
            update(schema.threads).where(schema.threads.c.thread_id.in_(chunk)).values(emptied)
        )
    held = _exports_that_held(connection, theirs, found)
    _mark_copies_deleted(connection, held, write.at)
    row = {
        "withdrawal_id": write.withdrawal_id,
        "participant_id": write.participant_id,
        "study_id": found["study_id"],
        "requested_by": write.requested_by,
        "researcher_id": write.researcher_id,
        "withdrawn_at": write.at,
        "counts": theirs.counts,
        "export_ids": [row["export_id"] for row in held if row["state"] != ExportState.FAILED.value],
        "leftovers": {
            "paths": _paths(write.participant_id, files, held),
            "ids": sorted({write.participant_id, *theirs.thread_ids, *theirs.erased}),
        },
    }
    connection.execute(insert(schema.withdrawals).values(row))
    return frozenset(theirs.thread_ids)


def _threads_of(connection: Connection, participant_id: str) -> list[Row]:
    """Theirs, and those without an owner in which only they were connected."""
    threads, connections = schema.threads, schema.connections
    columns = [threads.c[name] for name in ("thread_id", "seq", "agent", "created_at", "last_activity_at")]
    # Two selects, for each of the two indices by participant holds but one kind of threads.
    there = [threads.c.deleted_at.is_(None), threads.c.deleted_at.is_not(None)]
    found: list[Row] = []
    for kind in there:
        query = select(*columns).where(threads.c.participant_id == participant_id, kind)
        found += [dict(row) for row in connection.execute(query).mappings()]
    seen = select(connections.c.thread_id).where(connections.c.participant_id == participant_id)
    nobodys = select(*columns).where(threads.c.participant_id.is_(None), threads.c.thread_id.in_(seen))
    return found + [dict(row) for row in connection.execute(nobodys).mappings()]


def _said(connection: Connection, theirs: _Theirs) -> dict[str, int]:
    steps = schema.steps
    kinds = [kind.value for kind in MESSAGE_TYPES]
    messages = 0
    for chunk in in_chunks(theirs.thread_ids):
        query = select(steps.c.step_id).where(steps.c.thread_id.in_(chunk), steps.c.type.in_(kinds))
        messages += len(connection.execute(query).all())
    return {"messages": messages}


def _files_of(connection: Connection, theirs: _Theirs) -> list[str]:
    table = schema.elements
    files: list[str] = []
    for chunk in in_chunks(theirs.thread_ids):
        query = select(table.c.file).where(table.c.thread_id.in_(chunk), table.c.file.is_not(None))
        files += connection.scalars(query)
    return files


def _prompts_of(connection: Connection, theirs: _Theirs) -> list[str]:
    table = schema.llm_calls
    hashes: set[str] = set()
    for chunk in in_chunks(theirs.thread_ids):
        hashes.update(connection.scalars(select(table.c.prompt_hash).where(table.c.thread_id.in_(chunk))))
    return sorted(hashes)


def _erase_search(connection: Connection, theirs: _Theirs) -> None:
    """A row of the index is numbered by its message's seq, a title's below zero (fold_state.index_title)."""
    steps = schema.steps
    numbers = [-thread["seq"] for thread in theirs.threads]
    for chunk in in_chunks(theirs.thread_ids):
        numbers += connection.scalars(select(steps.c.seq).where(steps.c.thread_id.in_(chunk)))
    key = "rowid" if connection.dialect.name == "sqlite" else "number"
    statement = text(f"DELETE FROM search_index WHERE {key} = :number")  # noqa: S608  # one of two names
    if numbers:
        connection.execute(statement, [{"number": number} for number in numbers])


def _erase_rows(connection: Connection, table: Table, theirs: _Theirs) -> int:
    key = next(iter(table.primary_key))
    count = 0
    for where in _rows_of(table, theirs):
        ids = list(connection.scalars(delete(table).where(where).returning(key)))
        theirs.erased.update(ids)
        count += len(ids)
    return count


def _rows_of(table: Table, theirs: _Theirs) -> Iterator[ColumnElement[bool]]:
    if "thread_id" in table.c:
        for chunk in in_chunks(theirs.thread_ids):
            yield table.c.thread_id.in_(chunk)
    if "participant_id" in table.c:
        yield table.c.participant_id == theirs.participant_id


def _erase_prompts(connection: Connection, hashes: Sequence[str]) -> int:
    """Those that no call of anybody else's was asked with."""
    prompts, calls = schema.prompts, schema.llm_calls
    still_used = exists().where(calls.c.prompt_hash == prompts.c.prompt_hash)
    count = 0
    for chunk in in_chunks(hashes):
        statement = delete(prompts).where(prompts.c.prompt_hash.in_(chunk), ~still_used)
        count += len(connection.scalars(statement.returning(prompts.c.prompt_hash)).all())
    return count


def _exports_that_held(connection: Connection, theirs: _Theirs, participant: Row) -> list[Row]:
    table = schema.exports
    rows = connection.execute(select(table).order_by(table.c.created_at)).mappings()
    return [dict(row) for row in rows if may_have_held(dict(row), participant, theirs.threads)]


def _mark_copies_deleted(connection: Connection, held: Iterable[Row], at: datetime) -> None:
    """One that still runs fails over it, or has not begun to read and will not hold them."""
    table = schema.exports
    copies = [row["export_id"] for row in held if row["state"] == ExportState.DONE.value]
    for chunk in in_chunks(copies):
        here = update(table).where(table.c.export_id.in_(chunk), table.c.deleted_at.is_(None))
        connection.execute(here.values(deleted_at=at))


def _paths(participant_id: str, files: Iterable[str], exports: Iterable[Row]) -> list[str]:
    """What lies below the data folder and has to go; of an export in the order in which it comes to be."""
    kept = [f"files/{file}" for file in files]
    made = [path.format(row["export_id"]) for row in exports for path in _COPIES]
    return [*kept, f"pending/{participant_id}", *made]
