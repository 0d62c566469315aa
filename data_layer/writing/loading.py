"""The rows that a batch's writes name, read before they are folded."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection

from data_layer import schema
from data_layer.fold_state import State
from data_layer.text import storable
from data_layer.writes import (
    DeleteSteps,
    DeleteThread,
    InsertRow,
    MergeThreadMetadata,
    PutAnnotation,
    PutStep,
    PutThread,
    RenameThread,
    RestoreThread,
    ReturnMessage,
    ReturnThread,
    Row,
    ShowBranch,
    TagThread,
    Write,
)
from study.vocabulary import Status, StepType

# Bound parameters of one IN list. SQLite allows 32,766 in a statement since 3.32; 500 keeps the
# compiled statements few and small.
_CHUNK: Final = 500
_THREAD_WRITES: Final = (
    PutThread,
    RenameThread,
    MergeThreadMetadata,
    DeleteThread,
    RestoreThread,
    ReturnThread,
    TagThread,
)
_LEAVES_WITH: Final = ("deleted_at", "deleted_because", "branch")
_RUN: Final = ("run_id", "thread_id", "message_id", "message_revision", "seq", *_LEAVES_WITH)


def load(connection: Connection, state: State, writes: Sequence[Write]) -> None:
    """Read into the state what the writes name."""
    _Loading(connection, state).load(writes)


def know_run(state: State, row: Row) -> None:
    """A run begins in this batch; what leaves the screen after it may take it along."""
    state.runs.setdefault(row["run_id"], {name: row.get(name) for name in _RUN})


def moved(run: Row) -> Row:
    """The parameters of a run's leaving or coming back."""
    return {"b_run_id": run["run_id"]} | {name: run[name] for name in _LEAVES_WITH}


class _Loading:
    def __init__(self, connection: Connection, state: State) -> None:
        self._connection = connection
        self._state = state

    def load(self, writes: Sequence[Write]) -> None:
        steps: set[str] = set()
        threads: set[str] = set()
        for write in writes:
            if isinstance(write, PutStep):
                steps.add(write.row["step_id"])
                threads.add(write.row["thread_id"])
            elif isinstance(write, DeleteSteps):
                steps.update(write.step_ids)
                steps.update([write.branch] if write.branch else [])
                threads.update([write.thread_id] if write.thread_id else [])
            elif isinstance(write, ShowBranch | ReturnMessage):
                steps.add(write.message_id)
                threads.add(write.thread_id)
            elif isinstance(write, _THREAD_WRITES):
                threads.add(write.thread_id)
            elif isinstance(write, PutAnnotation) or (isinstance(write, InsertRow) and write.by is not None):
                threads.add(write.row["thread_id"])
        self._state.steps = dict.fromkeys(steps)
        self._load_steps(select(schema.steps), schema.steps.c.step_id, steps)
        for write in writes:
            if isinstance(write, DeleteSteps | ShowBranch | ReturnMessage):
                self._load_tail(write)
        threads.update(step["thread_id"] for step in self._state.steps.values() if step)
        self._state.threads = dict.fromkeys(threads)
        for row in self._rows_in(select(schema.threads), schema.threads.c.thread_id, threads):
            self._state.threads[row["thread_id"]] = row
        puts = [write for write in writes if isinstance(write, PutStep)]
        self._load_turns({write.row["thread_id"] for write in puts})
        self._load_revisions(puts, [write for write in writes if isinstance(write, ShowBranch)])

    def _load_steps(self, query: Select[Any], column: Any, ids: Iterable[Any]) -> None:
        for row in self._rows_in(query, column, ids):
            self._state.steps.setdefault(row["step_id"], None)
            self._state.steps[row["step_id"]] = self._state.steps[row["step_id"]] or row

    def _load_tail(self, write: DeleteSteps | ShowBranch | ReturnMessage) -> None:
        """What stands behind a place, what once stood there, and the runs that go with it."""
        steps, runs = schema.steps, schema.runs
        query = select(*(runs.c[name] for name in _RUN))
        if isinstance(write, DeleteSteps) and write.after_seq is None:
            self._know_runs(query, runs.c.message_id, (*write.step_ids, *write.runs_of))
            return
        self._know_runs(query, runs.c.thread_id, [write.thread_id])
        if isinstance(write, ReturnMessage):
            self._load_parted(write.thread_id)
            return
        if isinstance(write, DeleteSteps):
            behind = steps.c.seq > write.after_seq
        else:
            place = steps.alias("place")
            seq = select(place.c.seq).where(place.c.step_id == write.message_id).scalar_subquery()
            behind = steps.c.seq > seq
        self._load_steps(select(steps).where(behind), steps.c.thread_id, [write.thread_id])

    def _load_parted(self, thread_id: str) -> None:
        """Whether a thread has branches (returns.has_branches); a walk back shows the first wording again."""
        steps, runs, kept = schema.steps, schema.runs, schema.step_revisions
        edited = (kept.c.revision > 1) & (steps.c.type == StepType.USER_MESSAGE.value)
        for query in (
            select(steps.c.step_id).where(steps.c.thread_id == thread_id, steps.c.branch.is_not(None)),
            select(runs.c.run_id).where(runs.c.thread_id == thread_id, runs.c.branch.is_not(None)),
            select(kept.c.step_id)
            .join(steps, steps.c.step_id == kept.c.step_id)
            .where(kept.c.thread_id == thread_id, edited),
        ):
            if self._connection.execute(query.limit(1)).first() is not None:
                self._state.parted.add(thread_id)

    def _know_runs(self, query: Select[Any], column: Any, ids: Iterable[Any]) -> None:
        for row in self._rows_in(query, column, ids):
            self._state.runs.setdefault(row["run_id"], row)

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

    def _load_revisions(self, puts: Sequence[PutStep], walks: Sequence[ShowBranch]) -> None:
        """What a message said before, where it is said otherwise now: seldom anything."""
        kept = schema.step_revisions
        changed = {write.message_id for write in walks}
        changed |= {write.row["step_id"] for write in puts if self._is_said_otherwise(write)}
        greatest = select(kept.c.step_id, func.max(kept.c.revision).label("last")).group_by(kept.c.step_id)
        for row in self._rows_in(greatest, kept.c.step_id, changed):
            self._state.last_revisions[row["step_id"]] = row["last"]
        for row in self._rows_in(select(kept), kept.c.step_id, {write.message_id for write in walks}):
            self._state.kept_revisions[row["step_id"], row["revision"]] = row

    def _is_said_otherwise(self, write: PutStep) -> bool:
        old = self._state.steps.get(write.row["step_id"])
        if old is None or old["status"] == Status.STREAMING.value:
            return False
        return any(
            write.row.get(name) is not None and storable(str(write.row[name])) != old[name]
            for name in ("input", "output")
        )

    def _rows_in(self, query: Select[Any], column: Any, ids: Iterable[Any]) -> list[Row]:
        wanted = sorted(i for i in ids if isinstance(i, str))
        rows: list[Row] = []
        for start in range(0, len(wanted), _CHUNK):
            result = self._connection.execute(query.where(column.in_(wanted[start : start + _CHUNK])))
            names = tuple(result.keys())
            rows += [dict(zip(names, row, strict=True)) for row in result]
        return rows
