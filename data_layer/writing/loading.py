"""The rows that a batch's writes name, read before they are folded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import String, bindparam, func, select, text
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.advisory_lock import AdvisoryLock
from data_layer.database.rows import Row
from data_layer.writing.prepared import RowsByIds, rows_where
from data_layer.writing.state import State
from data_layer.writing.writes import DeleteSteps, PutStep, ReturnMessage, ShowBranch
from study.text import storable
from study.vocabulary import Status, StepType

_LEAVES_WITH: Final = ("deleted_at", "deleted_because", "branch")
_RUN: Final = ("run_id", "thread_id", "message_id", "message_revision", "seq", *_LEAVES_WITH)


@dataclass
class Needs:
    """What is to be read before a batch is applied; each write's rule adds to it (rules.py).

    Args:
        steps: Ids of steps.
        threads: Ids of threads; those of the steps come with them.
        owners: Participants who may begin a thread, or bring one back.
        tasks: Ids of threads of which it matters who is to code them.
        tails: Writes that move what stands behind a place in a thread.
        puts: Messages and steps that come or change.
        walks: Walks from one branch to another.
        intents: Ids of threads in which an intent moves.
        runs: Ids of runs of which it matters whether they stand.
    """

    steps: set[str] = field(default_factory=set)
    threads: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)
    tasks: set[str] = field(default_factory=set)
    tails: list[DeleteSteps | ShowBranch | ReturnMessage] = field(default_factory=list)
    puts: list[PutStep] = field(default_factory=list)
    walks: list[ShowBranch] = field(default_factory=list)
    intents: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)


def load_rows(connection: Connection, state: State, needs: Needs) -> None:
    """Read into the state what the writes need."""
    _Loading(connection, state).load(needs)


def know_run(state: State, row: Row) -> None:
    """A run begins in this batch; what leaves the screen after it may take it along."""
    state.runs.setdefault(row["run_id"], {name: row.get(name) for name in _RUN})


def moved(run: Row) -> Row:
    """The parameters of a run's leaving or coming back."""
    return {"b_run_id": run["run_id"]} | {name: run[name] for name in _LEAVES_WITH}


_steps, _kept, _runs = schema.steps, schema.step_revisions, schema.runs
# Built once: every batch asks them.
_STEPS: Final = rows_where(select(_steps), _steps.c.step_id)
_THREADS: Final = rows_where(select(schema.threads), schema.threads.c.thread_id)
# Held to the end of the batch, on PostgreSQL: a row is written whole, and another process may be writing it.
# In the order of their ids, so that no two batches wait for each other. Whoever has a thread has its steps.
_LOCKED: Final = rows_where(
    select(schema.threads).order_by(schema.threads.c.thread_id).with_for_update(key_share=True),
    schema.threads.c.thread_id,
)
_THREADS_OF_STEPS: Final = rows_where(select(_steps.c.thread_id).distinct(), _steps.c.step_id)
_OWNERS: Final = rows_where(select(schema.threads.c.participant_id).distinct(), schema.threads.c.thread_id)
_ACTIVE: Final = rows_where(
    select(schema.threads).where(
        schema.threads.c.deleted_at.is_(None), schema.threads.c.archived_at.is_(None)
    ),
    schema.threads.c.participant_id,
)
_ALONE: Final = select(
    func.pg_advisory_xact_lock(
        AdvisoryLock.ACTIVE_THREADS.value, func.hashtext(bindparam("participant", type_=String))
    )
)
_BEGINS: Final = select(
    func.pg_advisory_xact_lock(
        AdvisoryLock.NEW_THREADS.value, func.hashtext(bindparam("thread", type_=String))
    )
)
_TURNS: Final = rows_where(
    select(_steps.c.thread_id, func.max(_steps.c.turn).label("turn"))
    .where(_steps.c.type == StepType.USER_MESSAGE.value, _steps.c.deleted_at.is_(None))
    .where(_steps.c.turn.is_not(None))
    .group_by(_steps.c.thread_id),
    _steps.c.thread_id,
)
_GREATEST: Final = rows_where(
    select(_kept.c.step_id, func.max(_kept.c.revision).label("last")).group_by(_kept.c.step_id),
    _kept.c.step_id,
)
_REVISIONS: Final = rows_where(select(_kept), _kept.c.step_id)
_INTENTS: Final = rows_where(select(schema.intents), schema.intents.c.thread_id)
_MOVES: Final = rows_where(
    select(schema.intent_moves).order_by(schema.intent_moves.c.seq), schema.intent_moves.c.thread_id
)
_run_columns = select(*(_runs.c[name] for name in _RUN))
_RUNS: Final = rows_where(_run_columns, _runs.c.run_id)
_RUNS_OF_MESSAGES: Final = rows_where(_run_columns, _runs.c.message_id)
_RUNS_OF_THREADS: Final = rows_where(_run_columns, _runs.c.thread_id)
_BEHIND: Final = rows_where(select(_steps).where(_steps.c.seq > bindparam("after_seq")), _steps.c.thread_id)
_place = _steps.alias("place")
_BEHIND_MESSAGE: Final = rows_where(
    select(_steps).where(
        _steps.c.seq
        > select(_place.c.seq).where(_place.c.step_id == bindparam("message_id")).scalar_subquery()
    ),
    _steps.c.thread_id,
)
_given = schema.coding_assignments
_TASKS: Final = rows_where(select(_given).where(_given.c.ended_at.is_(None)), _given.c.thread_id)
# Two processes must not both find an intent under way and end it. On SQLite a batch has the one lock already.
_ONE_BY_ONE: Final = text(f"SELECT pg_advisory_xact_lock({AdvisoryLock.INTENTS})")


class _Loading:
    def __init__(self, connection: Connection, state: State) -> None:
        self._connection = connection
        self._state = state

    def load(self, needs: Needs) -> None:
        locked = self._lock_threads(needs) if self._connection.dialect.name == "postgresql" else {}
        self._state.steps = dict.fromkeys(needs.steps)
        self._load_steps(_STEPS, needs.steps)
        for write in needs.tails:
            self._load_tail(write)
        threads = needs.threads | {step["thread_id"] for step in self._state.steps.values() if step}
        self._state.threads = dict.fromkeys(threads)
        for row in (*locked.values(), *_THREADS.rows(self._connection, threads - locked.keys())):
            self._state.threads[row["thread_id"]] = row
        if self._state.defaults.active_threads is not None:
            self._load_active(needs.owners)
        self._load_intents(needs)
        self._load_tasks(needs.tasks)
        self._load_turns({write.row["thread_id"] for write in needs.puts})
        self._load_revisions(needs.puts, needs.walks)

    def _lock_threads(self, needs: Needs) -> dict[str, Row]:
        """Keep other processes from the threads that this batch writes to; on SQLite it has the one lock.

        Returns:
            Those that are there, as they stand now.
        """
        elsewhere = needs.steps - {write.row["step_id"] for write in needs.puts}
        threads = needs.threads | {write.row["thread_id"] for write in needs.puts}
        threads |= {row["thread_id"] for row in _THREADS_OF_STEPS.rows(self._connection, elsewhere)}
        if self._state.defaults.active_threads is not None:
            threads |= self._begin_alone(needs.owners, threads)
        locked = {row["thread_id"]: row for row in _LOCKED.rows(self._connection, threads)}
        # What is not there yet has no row to hold: two that begin one thread come one after the other.
        for thread_id in sorted(threads - locked.keys()):
            self._connection.execute(_BEGINS, {"thread": thread_id})
        return locked

    def _begin_alone(self, owners: set[str], threads: set[str]) -> set[str]:
        """From here to the end of the batch nobody else begins a thread of theirs.

        Returns:
            Their active threads: some may have to make room.
        """
        whose = {row["participant_id"] for row in _OWNERS.rows(self._connection, threads)} - {None}
        whose |= owners
        for participant_id in sorted(whose):
            self._connection.execute(_ALONE, {"participant": participant_id})
        return {row["thread_id"] for row in _ACTIVE.rows(self._connection, whose)}

    def _load_active(self, owners: set[str]) -> None:
        """All active threads of whoever's these are, of which some may have to make room."""
        loaded = (row["participant_id"] for row in self._state.threads.values() if row is not None)
        whose = sorted({*owners, *(one for one in loaded if one is not None)})
        for row in _ACTIVE.rows(self._connection, whose):
            self._state.threads[row["thread_id"]] = self._state.threads.get(row["thread_id"]) or row

    def _load_steps(self, query: RowsByIds, ids: Iterable[Any], asked: Row | None = None) -> None:
        for row in query.rows(self._connection, ids, asked):
            self._state.steps.setdefault(row["step_id"], None)
            self._state.steps[row["step_id"]] = self._state.steps[row["step_id"]] or row

    def _load_tail(self, write: DeleteSteps | ShowBranch | ReturnMessage) -> None:
        """What stands behind a place, what once stood there, and the runs that go with it."""
        if isinstance(write, DeleteSteps) and write.after_seq is None:
            self._know_runs(_RUNS_OF_MESSAGES, (*write.step_ids, *write.runs_of))
            return
        self._know_runs(_RUNS_OF_THREADS, [write.thread_id])
        if isinstance(write, ReturnMessage):
            self._load_parted(write.thread_id)
        elif isinstance(write, DeleteSteps):
            self._load_steps(_BEHIND, [write.thread_id], {"after_seq": write.after_seq})
        else:
            self._load_steps(_BEHIND_MESSAGE, [write.thread_id], {"message_id": write.message_id})

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

    def _know_runs(self, query: RowsByIds, ids: Iterable[Any]) -> None:
        for row in query.rows(self._connection, ids):
            self._state.runs.setdefault(row["run_id"], row)

    def _load_intents(self, needs: Needs) -> None:
        """Intents of threads in which one moves, and all their moves where the screen changes."""
        changed = {write.thread_id for write in needs.tails if write.thread_id is not None}
        # Most threads have none, and nobody waits for anybody.
        changed = {row["thread_id"] for row in _INTENTS.rows(self._connection, changed)}
        threads = needs.intents | changed
        if not threads:
            return
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_ONE_BY_ONE)
        for row in _INTENTS.rows(self._connection, threads):
            self._state.intents[row["intent_id"]] = row
        for row in _MOVES.rows(self._connection, changed):
            self._state.moves[row["move_id"]] = row
        self._know_runs(_RUNS, needs.runs)

    def _load_tasks(self, threads: set[str]) -> None:
        """What of these threads anybody has to code now."""
        for row in _TASKS.rows(self._connection, threads):
            self._state.tasks[row["thread_id"], row["researcher_id"]] = row

    def _load_turns(self, threads: set[str]) -> None:
        known = [thread_id for thread_id in threads if self._state.threads.get(thread_id)]
        for row in _TURNS.rows(self._connection, known):
            self._state.last_turns[row["thread_id"]] = row["turn"]

    def _load_revisions(self, puts: Sequence[PutStep], walks: Sequence[ShowBranch]) -> None:
        """What a message said before, where it is said otherwise now: seldom anything."""
        changed = {write.message_id for write in walks}
        changed |= {write.row["step_id"] for write in puts if self._is_said_otherwise(write)}
        for row in _GREATEST.rows(self._connection, changed):
            self._state.last_revisions[row["step_id"]] = row["last"]
        for row in _REVISIONS.rows(self._connection, {write.message_id for write in walks}):
            self._state.kept_revisions[row["step_id"], row["revision"]] = row

    def _is_said_otherwise(self, write: PutStep) -> bool:
        old = self._state.steps.get(write.row["step_id"])
        if old is None or old["status"] == Status.STREAMING.value:
            return False
        return any(
            write.row.get(name) is not None and storable(str(write.row[name])) != old[name]
            for name in ("input", "output")
        )
