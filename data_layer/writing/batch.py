"""One transaction of the writer: load what the writes name, fold them in order, flush the rest.

Plain, blocking code: it runs where Database.transact puts it, in one piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.engine import Connection

from data_layer import (
    audit_chain,
    erasure,
    fold_branches,
    fold_codes,
    fold_coding,
    fold_returns,
    fold_steps,
    fold_threads,
    gone,
    loading,
    statements,
)
from data_layer.fold_state import HAS_WITHDRAWN, State, ThreadDefaults, own_thread
from data_layer.order import utc_now
from data_layer.statements import Prepared
from data_layer.writes import (
    AppendAudit,
    DeleteSteps,
    DeleteThread,
    InsertRow,
    MergeThreadMetadata,
    PatchRow,
    PutAnnotation,
    PutCode,
    PutStep,
    PutThread,
    RenameThread,
    RestoreThread,
    ReturnMessage,
    ReturnThread,
    Row,
    ShowBranch,
    TagThread,
    TakeCode,
    Withdraw,
    Write,
)
from study.errors import WriteRefused
from study.vocabulary import Status


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

    Attributes:
        touched: Threads that read otherwise in their participant's list now.
    """

    def __init__(self, connection: Connection, defaults: ThreadDefaults) -> None:
        self._connection = connection
        self._sql = statements.of_dialect(connection.dialect)
        self._defaults = defaults
        self._gone = gone.NOBODY
        self.touched: frozenset[str] = frozenset()
        self._begin()

    def apply(self, units: Sequence[Unit]) -> list[Outcome]:
        """Apply all units.

        Returns:
            One outcome a unit, in order.
        """
        alone = [any(isinstance(write, Withdraw) for write in unit.writes) for unit in units]
        gone.take_turn(self._connection, withdraws=any(alone))
        self._gone = gone.known(self._connection)
        outcomes = [Outcome() for _ in units]
        fresh = [place for place, unit in enumerate(units) if self._is_first(unit)]
        # A withdrawal erases what came before it in the same transaction too: it is applied on its own.
        for _, group in groupby(fresh, lambda place: place if alone[place] else -1):
            places = list(group)
            together = self._apply_together([units[place] for place in places])
            for place, outcome in zip(places, together, strict=True):
                outcomes[place] = outcome
        return outcomes

    def _is_first(self, unit: Unit) -> bool:
        """Whether nobody has applied a journal's entry before.

        Its mark goes in before all else, so that another transaction with it waits, and then sees it: one
        that a closing writer has given up on may still be under way when the next writer replays.
        """
        if unit.entry_id is None:
            return True
        mark = {"entry_id": unit.entry_id, "applied_at": utc_now()}
        return self._connection.execute(self._sql.insert("journal_applied"), mark).rowcount == 1

    def _begin(self) -> None:
        self._state = State(self._defaults, withdrawn=self._gone.participants)
        self._rows = statements.RowQueue()
        self._audits: list[AppendAudit] = []

    def _apply_together(self, units: Sequence[Unit]) -> list[Outcome]:
        self._begin()
        loading.load(self._connection, self._state, [write for unit in units for write in unit.writes])
        outcomes = [self._fold(unit) for unit in units]
        self._flush()
        self.touched |= self._changed()
        return outcomes

    def _changed(self) -> frozenset[str]:
        """Threads that these writes change the list of; a growing reply says no word."""
        state = self._state
        growing: set[str] = set()
        whole: set[str] = set()
        for step in (state.steps[i] for i in state.changed_steps):
            if step is not None:
                (growing if step["status"] == Status.STREAMING.value else whole).add(step["thread_id"])
        return frozenset(state.changed_threads | (state.refresh - (growing - whole)))

    def _fold(self, unit: Unit) -> Outcome:
        outcome = Outcome()
        if self._gone.any_of(unit.writes):
            outcome.refused = HAS_WITHDRAWN
            return outcome
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
                outcome.gone += fold_branches.delete_steps(self._state, write)
            case ShowBranch() | ReturnMessage():
                self._fold_back(order, write)
            case InsertRow():
                if write.by is not None:
                    own_thread(self._state, write.row["thread_id"], write.by)
                self._rows.insert(write.table, write.row)
                if write.table == "runs":
                    loading.know_run(self._state, write.row)
            case PatchRow():
                self._rows.patch(write.table, write.key, write.changes, write.while_null)
            case AppendAudit():
                self._audits.append(write)
            case TakeCode() | PutCode() | PutAnnotation():
                self._fold_apart(write)
            case _:
                self._fold_thread(order, write, outcome)

    def _fold_back(self, order: int, write: ShowBranch | ReturnMessage) -> None:
        if isinstance(write, ShowBranch):
            fold_branches.show_branch(self._state, order, write)
        else:
            fold_returns.return_message(self._state, order, write)

    def _fold_apart(self, write: TakeCode | PutCode | PutAnnotation) -> None:
        if isinstance(write, TakeCode):
            fold_codes.take_code(self._connection, write)
        elif isinstance(write, PutCode):
            fold_coding.put_code(self._connection, write)
        else:
            fold_coding.put_annotation(self._state, self._rows, write)

    def _fold_thread(self, order: int, write: Write, outcome: Outcome) -> None:
        match write:
            case PutThread():
                fold_threads.put_thread(self._state, order, write)
                outcome.thread = self._state.threads[write.thread_id]
            case RenameThread():
                fold_threads.rename_thread(self._state, order, write)
            case MergeThreadMetadata():
                fold_threads.merge_thread_metadata(self._state, order, write)
            case DeleteThread():
                fold_threads.delete_thread(self._state, order, write)
            case RestoreThread():
                fold_threads.restore_thread(self._state, order, write)
            case ReturnThread():
                fold_threads.return_thread(self._state, order, write)
            case TagThread():
                fold_threads.tag_thread(self._state, order, write)
            case Withdraw():
                threads = erasure.erase(self._connection, order, write)
                self._gone = self._gone.and_of(write.participant_id, threads)
                self.touched |= threads

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
        self._many(sql.move_run, [loading.moved(state.runs[i]) for i in sorted(state.changed_runs)])
        self._many(sql.insert("events"), state.events)
        if self._audits:
            audit_chain.append(self._connection, self._audits)

    def _many(self, statement: Executable | Prepared, rows: Sequence[Any]) -> None:
        if not rows:
            return
        if isinstance(statement, Prepared):
            self._connection.exec_driver_sql(statement.sql, [statement.values(row) for row in rows])
        else:
            self._connection.execute(statement, rows)
