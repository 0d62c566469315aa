"""One transaction of the writer: load what the writes name, fold them in order, flush the rest.

Plain, blocking code: it runs where Database.transact puts it, in one piece.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from data_layer.database.order import utc_now
from data_layer.database.rows import Row
from data_layer.writing import audit_chain, loading, marks, statements, summaries, withdrawn
from data_layer.writing.apply import assigning, protocol
from data_layer.writing.foreign import without_secrets
from data_layer.writing.loading import Needs
from data_layer.writing.marks import Attempt
from data_layer.writing.outcome import Outcome
from data_layer.writing.people_writes import Withdraw
from data_layer.writing.rules import Work, rule_of, tables_looked_into, tables_queued
from data_layer.writing.state import State, ThreadDefaults
from data_layer.writing.withdrawn import WithdrawnParticipants
from data_layer.writing.writes import Write
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import Status


@dataclass
class Unit:
    """Writes that belong together: all in one transaction, or none.

    Args:
        orders: One for each write, taken when the unit was submitted.
        entry_id: The journal's name of it, when it comes from there.
        attempt: The try to commit it whose answer was lost, when there was one.
    """

    writes: Sequence[Write]
    orders: Sequence[int]
    entry_id: str | None = None
    attempt: Attempt | None = None

    def __post_init__(self) -> None:
        """Take secrets out before anything is kept, in the database or in the journal."""
        self.writes = [without_secrets(write) for write in self.writes]


class Batch:
    """Applies units on an open transaction.

    Args:
        connection: In a transaction that the caller commits or rolls back.
        defaults: For threads that are born here.

    Attributes:
        touched: Threads that read otherwise in their participant's list now.
        newest: The greatest number that a row had which was loaded: another process may be ahead of this one.
    """

    def __init__(self, connection: Connection, defaults: ThreadDefaults) -> None:
        self._connection = connection
        self._sql = statements.of_dialect(connection.dialect)
        self._defaults = defaults
        self._last_batches: dict[str, int] = {}
        self.touched: frozenset[str] = frozenset()
        self.newest = 0
        self._work: Work

    def apply(self, units: Sequence[Unit]) -> list[Outcome]:
        """Apply all units.

        Returns:
            One outcome a unit, in order.
        """
        alone = [any(isinstance(write, Withdraw) for write in unit.writes) for unit in units]
        withdrawn.take_turn(self._connection, withdraws=any(alone))
        if any(protocol.comes_to_places(write) for unit in units for write in unit.writes):
            assigning.take_turn(self._connection)
        self._work = self._begin(withdrawn.load_withdrawn(self._connection))
        outcomes = [Outcome() for _ in units]
        fresh = [place for place, unit in enumerate(units) if self._is_first(unit)]
        for places in _folded_together(units, fresh, alone):
            together = self._apply_together([units[place] for place in places])
            for place, outcome in zip(places, together, strict=True):
                outcomes[place] = outcome
        return outcomes

    def _is_first(self, unit: Unit) -> bool:
        """Whether nobody has applied a journal's entry before, nor the batch that it was tried in.

        Its mark goes in before all else, so that another transaction with it waits, and then sees it: one
        that a closing writer has given up on may still be under way when the next writer replays.
        """
        if unit.entry_id is None:
            return True
        mark = {"entry_id": unit.entry_id, "applied_at": utc_now()}
        first = self._connection.execute(self._sql.insert("journal_applied"), mark).rowcount == 1
        return first and not (unit.attempt and self._went_in(unit.attempt))

    def _went_in(self, attempt: Attempt) -> bool:
        """Whether a try of which there was no answer is in after all."""
        last = self._last_batches
        if attempt.process_id not in last:
            last[attempt.process_id] = marks.last_batch(self._connection, attempt.process_id)
        return last[attempt.process_id] >= attempt.number

    def _begin(self, known: WithdrawnParticipants) -> Work:
        return Work(self._connection, State(self._defaults, withdrawn=known.participants), known)

    def _apply_together(self, units: Sequence[Unit]) -> list[Outcome]:
        self._work = self._begin(self._work.gone)
        state = self._work.state
        loading.load_rows(self._connection, state, _needs_of(units))
        loaded = (row["version"] for rows in (state.threads, state.steps) for row in rows.values() if row)
        self.newest = max(self.newest, *loaded, 0)
        outcomes = [self._fold(unit) for unit in units]
        self._flush()
        self.touched |= self._changed() | self._work.touched
        return outcomes

    def _changed(self) -> frozenset[str]:
        """Threads that these writes change the list of; a growing reply says no word."""
        state = self._work.state
        growing: set[str] = set()
        whole: set[str] = set()
        for step in (state.steps[i] for i in state.changed_steps):
            if step is not None:
                (growing if step["status"] == Status.STREAMING.value else whole).add(step["thread_id"])
        return frozenset(state.changed_threads | (state.refresh - (growing - whole)))

    def _fold(self, unit: Unit) -> Outcome:
        outcome = Outcome()
        if self._work.gone.any_of(unit.writes):
            outcome.reason = Reason.HAS_WITHDRAWN
            return outcome
        for order, write in zip(unit.orders, unit.writes, strict=True):
            try:
                rule_of(write).apply(self._work, order, write, outcome)
            except WriteRefused as refusal:
                outcome.reason = refusal.reason
        outcome.archived, self._work.state.archived = self._work.state.archived, []
        return outcome

    def _flush(self) -> None:
        work, state, sql = self._work, self._work.state, self._sql
        to = self._connection
        sql.put_thread.execute(to, _sorted(state.threads, state.changed_threads))
        sql.put_step.execute(to, _sorted(state.steps, state.changed_steps))
        sql.put_revision.execute(to, list(state.revisions.values()))
        sql.put_search.execute(to, [{"number": n, **row} for n, row in state.searchable.items()])
        summaries.refresh_threads(to, sql, sorted(state.refresh))
        for form_id, left in state.left_forms.items():
            work.rows.patch("forms", {"form_id": form_id}, left, "closed_at")
        for statement, rows in work.rows.grouped(sql):
            to.execute(statement, rows)
        sql.move_run.execute(to, [loading.moved(run) for run in _sorted(state.runs, state.changed_runs)])
        sql.put_intent.execute(to, _sorted(state.intents, state.changed_intents))
        sql.put_move.execute(to, _sorted(state.moves, state.changed_moves))
        if state.events:
            to.execute(sql.insert("events"), state.events)
        if work.audits:
            audit_chain.append(to, work.audits)


def _folded_together(
    units: Sequence[Unit], places: Sequence[int], alone: Sequence[bool]
) -> Iterator[list[int]]:
    """Cut a batch into parts, each of which is flushed before the next is folded.

    A withdrawal erases what came before it in the same transaction too: it is applied on its own. Whoever
    looks for a row in the database finds those that came before: an outage brings the two into one batch.
    """
    part: list[int] = []
    queued: set[str] = set()
    for place in places:
        writes = units[place].writes
        if part and (alone[place] or alone[part[-1]] or not queued.isdisjoint(tables_looked_into(writes))):
            yield part
            part, queued = [], set()
        part.append(place)
        queued |= tables_queued(writes)
    if part:
        yield part


def _sorted(rows: Mapping[str, Any], changed: Collection[str]) -> list[Row]:
    """Those that are changed, in an order that two processes on one PostgreSQL take their row locks in."""
    return [rows[key] for key in sorted(changed)]


def _needs_of(units: Sequence[Unit]) -> Needs:
    needs = Needs()
    for unit in units:
        for write in unit.writes:
            rule_of(write).needs(needs, write)
    return needs
