"""One transaction of the writer: load what the writes name, fold them in order, flush the rest.

Plain, blocking code: it runs where Database.transact puts it, in one piece.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Executable, Select, func, select
from sqlalchemy.engine import Connection

from data_layer import fold_steps, fold_threads, schema, statements
from data_layer.fold_state import State, ThreadDefaults
from data_layer.order import utc_now
from data_layer.statements import Prepared
from data_layer.writes import (
    DeleteSteps,
    DeleteThread,
    InsertRow,
    MergeThreadMetadata,
    PatchRow,
    PutStep,
    PutThread,
    RenameThread,
    Row,
    Write,
)
from study.errors import WriteRefused
from study.vocabulary import StepType

# Bound parameters of one IN list. SQLite allows 32,766 in a statement since 3.32; 500 keeps the
# compiled statements few and small.
_CHUNK: Final = 500


@dataclass
class Outcome:
    """What became of a unit of writes.

    Args:
        refused: Why a write was refused, when one was; the others of its unit went in.
        journaled: It waits, fsynced, in the local journal because the database is away.
        step: The last step that the unit put, as it now stands.
        thread: The last thread that the unit made sure of, likewise.
        gone: Steps that left the screen.
    """

    refused: str | None = None
    journaled: bool = False
    step: Row | None = None
    thread: Row | None = None
    gone: list[str] = field(default_factory=list)


@dataclass
class Unit:
    """Writes that belong together: all in one transaction, or none.

    Args:
        orders: One for each write, taken when the unit was submitted.
        entry_id: The journal's name of it, when it comes from there.
    """

    writes: Sequence[Write]
    orders: Sequence[int]
    entry_id: str | None = None


class Batch:
    """Applies units on an open transaction.

    Args:
        connection: In a transaction that the caller commits or rolls back.
        defaults: For threads that are born here.
    """

    def __init__(self, connection: Connection, defaults: ThreadDefaults) -> None:
        self._connection = connection
        self._sql = statements.of_dialect(connection.dialect)
        self._state = State(defaults)
        self._rows = statements.RowQueue()

    def apply(self, units: Sequence[Unit]) -> list[Outcome]:
        """Apply all units.

        Returns:
            One outcome a unit, in order.
        """
        self._load([write for unit in units for write in unit.writes])
        outcomes = [self._fold(unit) for unit in units]
        self._flush()
        return outcomes

    def _load(self, writes: Sequence[Write]) -> None:
        steps: set[str] = set()
        threads: set[str] = set()
        spoken: set[str] = set()
        for write in writes:
            if isinstance(write, PutStep):
                steps.add(write.row["step_id"])
                threads.add(write.row["thread_id"])
                spoken.add(write.row["thread_id"])
            elif isinstance(write, DeleteSteps):
                steps.update(write.step_ids)
                threads.update([write.thread_id] if write.thread_id else [])
            elif isinstance(write, PutThread | RenameThread | MergeThreadMetadata | DeleteThread):
                threads.add(write.thread_id)
        self._state.steps = dict.fromkeys(steps)
        self._load_steps(select(schema.steps), schema.steps.c.step_id, steps)
        for write in writes:
            if isinstance(write, DeleteSteps) and write.after_seq is not None:
                behind = schema.steps.c.seq > write.after_seq
                self._load_steps(
                    select(schema.steps).where(behind), schema.steps.c.thread_id, [write.thread_id]
                )
        threads.update(step["thread_id"] for step in self._state.steps.values() if step)
        self._state.threads = dict.fromkeys(threads)
        for row in self._rows_in(select(schema.threads), schema.threads.c.thread_id, threads):
            self._state.threads[row["thread_id"]] = row
        self._load_turns(spoken)

    def _load_steps(self, query: Select[Any], column: Any, ids: Iterable[Any]) -> None:
        for row in self._rows_in(query, column, ids):
            self._state.steps.setdefault(row["step_id"], None)
            self._state.steps[row["step_id"]] = self._state.steps[row["step_id"]] or row

    def _load_turns(self, threads: set[str]) -> None:
        known = [thread_id for thread_id in threads if self._state.threads.get(thread_id)]
        living = (schema.steps.c.type == StepType.USER_MESSAGE.value) & schema.steps.c.deleted_at.is_(None)
        query = (
            select(schema.steps.c.thread_id, func.max(schema.steps.c.turn).label("turn"))
            .where(living)
            .group_by(schema.steps.c.thread_id)
        )
        for row in self._rows_in(query, schema.steps.c.thread_id, known):
            self._state.last_turns[row["thread_id"]] = row["turn"] or 0

    def _rows_in(self, query: Select[Any], column: Any, ids: Iterable[Any]) -> list[Row]:
        wanted = sorted(i for i in ids if isinstance(i, str))
        rows: list[Row] = []
        for start in range(0, len(wanted), _CHUNK):
            result = self._connection.execute(query.where(column.in_(wanted[start : start + _CHUNK])))
            names = tuple(result.keys())
            rows += [dict(zip(names, row, strict=True)) for row in result]
        return rows

    def _fold(self, unit: Unit) -> Outcome:
        outcome = Outcome()
        if unit.entry_id is not None:
            self._rows.insert("journal_applied", {"entry_id": unit.entry_id, "applied_at": utc_now()})
        for order, write in zip(unit.orders, unit.writes, strict=True):
            try:
                self._fold_one(order, write, outcome)
            except WriteRefused as refusal:
                outcome.refused = str(refusal)
        return outcome

    def _fold_one(self, order: int, write: Write, outcome: Outcome) -> None:
        match write:
            case PutStep():
                outcome.step = fold_steps.put_step(self._state, order, write)
            case DeleteSteps():
                outcome.gone += fold_steps.delete_steps(self._state, order, write)
            case PutThread():
                fold_threads.put_thread(self._state, order, write)
                outcome.thread = self._state.threads[write.thread_id]
            case RenameThread():
                fold_threads.rename_thread(self._state, order, write)
            case MergeThreadMetadata():
                fold_threads.merge_thread_metadata(self._state, order, write)
            case DeleteThread():
                fold_threads.delete_thread(self._state, order, write)
            case InsertRow():
                self._rows.insert(write.table, write.row)
            case PatchRow():
                self._rows.patch(write.table, write.key, write.changes, write.while_null)

    def _flush(self) -> None:
        state, sql = self._state, self._sql
        # Sorted, so that two processes on one PostgreSQL take their row locks in the same order.
        self._many(sql.put_thread, [state.threads[i] for i in sorted(state.changed_threads)])
        self._many(sql.put_step, [state.steps[i] for i in sorted(state.changed_steps)])
        self._many(sql.put_revision, list(state.revisions.values()))
        self._many(sql.put_search, [{"number": n, **row} for n, row in state.searchable.items()])
        self._many(sql.refresh_thread, [{"b_thread_id": i} for i in sorted(state.refresh)])
        for statement, rows in self._rows.grouped(sql):
            self._many(statement, rows)
        self._many(sql.delete_runs, state.dead_runs)
        self._many(sql.insert("events"), state.events)

    def _many(self, statement: Executable | Prepared, rows: Sequence[Any]) -> None:
        if not rows:
            return
        if isinstance(statement, Prepared):
            self._connection.exec_driver_sql(statement.sql, [statement.values(row) for row in rows])
        else:
            self._connection.execute(statement, rows)
