"""What must hold of a record after a fault, whatever it was: held against what callers were told.

The numbers are those of docs/explanation/faults.md.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.database.text import words_to_index
from data_layer.people.audit import prove_chain
from data_layer.record import Record
from data_layer.writing.statements import of_dialect
from data_layer.writing.summaries import refresh_threads
from simulation.screen import ShownMessage
from study.vocabulary import MESSAGE_TYPES
from tests.data_layer.said_by_ada import everything_kept, files_with
from tests.faults.told import Call, Fact, Setting

Kept = dict[str, list[Row]]
_SUMMARY: Final = ("message_count", "turn_count", "preview", "opening")


async def violations(record: Record, calls: Sequence[Call], marker: str) -> list[str]:
    """Check a record that was opened again, whose journal was replayed and withdrawals finished.

    Args:
        record: Started.
        calls: What its callers were told.
        marker: The word of whoever withdraws, which nobody else says.

    Returns:
        What does not hold, a sentence each.
    """
    kept = await everything_kept(record)
    return [
        *_told(kept, calls),
        *_last_said(kept, calls),
        *_unsaid(kept, calls),
        *_erased(kept, calls, record, marker),
        *await incoherences(record),
    ]


async def incoherences(record: Record) -> list[str]:
    """Check that a record hangs together, whatever was said.

    Args:
        record: Started.

    Returns:
        What does not hold, a sentence each.
    """
    kept = await everything_kept(record)
    proof = await prove_chain(record.database)
    found = [
        *_in_order(kept),
        *_ended(kept),
        *await _summaries(record, kept),
        *(f"I7: {sentence}" for sentence in proof.wrong),
        *await _search(record, kept),
        *_files(kept, record),
    ]
    waiting, failed = record.journals.count_waiting(), _set_aside(record)
    if waiting or failed:
        found.append(f"I12: {waiting} wait in the journal; set aside: {failed}")
    return found


async def answered_twice(record: Record) -> list[str]:
    """I10: of one message no two answers stand, such as one that is whole and one that was interrupted."""
    runs = schema.runs
    least, greatest = func.min(runs.c.status), func.max(runs.c.status)
    query = select(runs.c.message_id, least, greatest).group_by(runs.c.message_id).having(func.count() > 1)
    query = query.where(runs.c.deleted_at.is_(None), runs.c.message_id.is_not(None))
    async with record.database.engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [f"I10: answers of {row[0]} stand that are {row[1]} and {row[2]}" for row in rows]


async def shown_alone(record: Record, seen: Mapping[str, Sequence[ShownMessage]]) -> list[str]:
    """I3: what stands on a screen stands in the record.

    Args:
        record: Started.
        seen: What stood on the screen at the end of each thread.

    Returns:
        Each entry that does not, with what the record has of it.
    """
    query = select(schema.steps)
    async with record.database.engine.connect() as connection:
        rows = {row["step_id"]: dict(row) for row in (await connection.execute(query)).mappings()}
    return [
        f"I3: {shown} stands on the screen of {thread_id} alone; the record has {rows.get(shown.id)}"
        for thread_id, screen in seen.items()
        for shown in screen
        if shown.id not in rows or rows[shown.id]["deleted_at"] is not None
    ]


def _set_aside(record: Record) -> list[str]:
    """Why, and of which kinds, entries were set aside. Torn lines lie there too, unconfirmed."""
    path = record.journal.failed_path
    found = []
    for line in path.read_text("utf-8", "replace").splitlines() if path.exists() else []:
        with suppress(ValueError, KeyError):
            entry = json.loads(line)
            found.append(f"{[write['kind'] for write in entry['writes']]}: {entry['reason']}")
    return found


def _told(kept: Kept, calls: Sequence[Call]) -> Iterator[str]:
    """I1, I7: what is ok is there once, what failed is not, what nobody knows of is not there twice."""
    allowed = {"ok": (1,), "fail": (0,), "unknown": (0, 1)}
    gone = _withdrawn(kept)
    for call in calls:
        for fact in call.facts:
            if fact.of in gone:
                continue
            times = sum(1 for row in kept[fact.table] if _fits(row, fact.where))
            if times not in allowed[call.how]:
                yield f"I1: {call.how}, and there {times} times: {fact}"


def _last_said(kept: Kept, calls: Sequence[Call]) -> Iterator[str]:
    """I2, I4: what was set last stands."""
    history: dict[tuple[str, str, str], list[tuple[Setting, str]]] = {}
    for call in calls:
        for one in call.settings:
            history.setdefault((one.table, str(one.key), one.column), []).append((one, call.how))
    for settings in history.values():
        one = settings[0][0]
        rows = [row for row in kept[one.table] if _fits(row, one.key)]
        heard = any(how == "ok" for _, how in settings)
        if not rows and heard:
            yield f"I1: no row for {one}"
        if len(rows) == 1 and heard:
            last = max(place for place, (_, how) in enumerate(settings) if how == "ok")
            may = [setting.value for setting, how in settings[last:] if how != "fail"]
            if not any(_equals(rows[0][one.column], value) for value in may):
                yield f"I2: {one.column} of {one.key} is {rows[0][one.column]!r}, not one of {may}"


def _unsaid(kept: Kept, calls: Sequence[Call]) -> Iterator[str]:
    """I3: nothing is there that nobody said."""
    facts = [fact for call in calls for fact in call.facts]
    for table, column in (("steps", "step_id"), ("audit_log", "action")):
        said = {fact.where.get(column) for fact in facts if fact.table == table}
        said |= {s.key.get(column) for call in calls for s in call.settings if s.table == table}
        for row in kept[table]:
            if row[column] not in said:
                yield f"I3: nobody said {table} {row[column]}"


def _in_order(kept: Kept) -> Iterator[str]:
    """I4: no two messages have one number, and turns count up along it."""
    for thread_id in {row["thread_id"] for row in kept["steps"]}:
        rows = [row for row in kept["steps"] if row["thread_id"] == thread_id]
        if len({row["seq"] for row in rows}) < len(rows):
            yield f"I4: two steps of {thread_id} have one number"
        said = [row for row in rows if row["type"] == "user_message" and row["deleted_at"] is None]
        turns = [row["turn"] for row in said]
        if turns != sorted(set(turns)):
            yield f"I4: turns of {thread_id} are {turns}"


def _ended(kept: Kept) -> Iterator[str]:
    """I5: nothing is open any more, and a reply ended as its run did."""
    runs = {row["run_id"]: row for row in kept["runs"]}
    for row in runs.values():
        if row["status"] == "streaming" or row["ended_at"] is None:
            yield f"I5: a run is open: {row['run_id']}"
    for step in kept["steps"]:
        run = runs.get(step["run_id"] or "")
        if step["status"] == "streaming":
            yield f"I5: a reply is open: {step['step_id']}"
        elif run is not None and step["type"] == "assistant_message" and step["status"] != run["status"]:
            yield f"I5: a {step['status']} reply of a run that is {run['status']}"


async def _summaries(record: Record, kept: Kept) -> list[str]:
    """I6: what threads say of their messages is what is computed from them anew."""
    sql = of_dialect(record.database.engine.dialect)
    table = schema.threads

    def anew(connection: Connection) -> list[Row]:
        refresh_threads(connection, sql, sorted(row["thread_id"] for row in kept["threads"]))
        rows = [dict(row) for row in connection.execute(table.select().order_by(table.c.seq)).mappings()]
        connection.rollback()
        return rows

    async with record.database.engine.connect() as connection:
        computed = await connection.run_sync(anew)
    return [
        f"I6: {name} of {row['thread_id']} is {row[name]!r}, not {new[name]!r}"
        for row, new in zip(kept["threads"], computed, strict=True)
        for name in _SUMMARY
        if row[name] != new[name]
    ]


async def _search(record: Record, kept: Kept) -> list[str]:
    """I8: the search finds what stands, for its owner, and nothing else."""
    owners = {row["thread_id"]: row for row in kept["threads"]}
    expected = {
        step["seq"]: (_owner(owners[step["thread_id"]]), _indexed(step["output"]))
        for step in kept["steps"]
        if step["type"] in MESSAGE_TYPES and step["deleted_at"] is None
    }
    expected |= {-row["seq"]: (_owner(row), _indexed(row["title"])) for row in owners.values()}
    expected = {number: row for number, row in expected.items() if row[1]}
    query = "SELECT rowid, owner, words FROM search_index"
    if record.database.dialect == "postgresql":
        query = "SELECT number, owner, words::text FROM search_index"
    async with record.database.engine.connect() as connection:
        index = {row[0]: (row[1], row[2]) for row in await connection.exec_driver_sql(query) if row[2]}
    if record.database.dialect == "postgresql":
        expected = {number: (owner, "") for number, (owner, _) in expected.items()}
        index = {number: (owner, "") for number, (owner, _) in index.items()}
    differing = {n for n in expected.keys() | index.keys() if expected.get(n) != index.get(n)}
    return [f"I8: the search has {index.get(n)}, not {expected.get(n)}" for n in sorted(differing)]


def _erased(kept: Kept, calls: Sequence[Call], record: Record, marker: str) -> list[str]:
    """I9: of whoever has withdrawn no byte is left."""
    gone = _withdrawn(kept)
    found = [
        f"I9: {call.erases} was told that all is erased, and it is not"
        for call in calls
        if call.erases and call.how == "ok" and call.erases not in gone
    ]
    if any(call.erases in gone for call in calls if call.erases):
        found += [f"I9: {name} has a word of theirs" for name in files_with(record.data_dir, marker)]
    return found


def _files(kept: Kept, record: Record) -> Iterator[str]:
    """I1: files that the record names are there, whole."""
    for row in kept["elements"]:
        path = record.files.path_of(row["file"]) if row["file"] else None
        if row["file"] and (path is None or hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]):
            yield f"I1: the file of {row['element_id']} is not whole"


def _withdrawn(kept: Kept) -> set[str]:
    return {row["participant_id"] for row in kept["withdrawals"]}


def _owner(thread: Row) -> str:
    return (thread["participant_id"] or "").replace("-", "")


def _indexed(text: str | None) -> str:
    return " ".join(words_to_index(text or ""))


def _fits(row: Row, where: Row) -> bool:
    return all(_equals(row.get(name), value) for name, value in where.items())


def _equals(kept: Any, said: Any) -> bool:
    if isinstance(said, dict) and isinstance(kept, dict):
        return all(kept.get(name) == value for name, value in said.items())
    return bool(json.dumps(kept, default=str) == json.dumps(said, default=str))


def same(first: Kept, second: Kept) -> list[str]:
    """I12: a second start changes nothing."""
    return [
        f"I12: a second start changed {name}"
        for name in first
        if name not in ("processes", "journal_applied") and first[name] != second[name]
    ]


__all__ = ["Fact", "Kept", "same", "violations"]
