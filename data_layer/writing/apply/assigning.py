"""Places of an assignment: each row of a ledger is decided from all rows before it, in the transaction that
writes it.

Whoever comes to a place here holds a lock until the end of the batch (SQLite has one for all), so that the
number that follows is free. The unique keys of `assignments` would refuse a second one all the same.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Engine

from data_layer.database import schema
from data_layer.database.advisory_lock import AdvisoryLock
from study.assignment import (
    AssignmentMethod,
    AssignmentPlan,
    LedgerEvent,
    LedgerRow,
    LedgerState,
    NoPlace,
    OpenedBecause,
    next_assignment,
    plan_from_json,
)

_rows: Final = schema.assignments
_LOCK: Final = f"SELECT pg_advisory_xact_lock({AdvisoryLock.ASSIGNMENTS})"


def take_turn(connection: Connection) -> None:
    """Let nobody else come to a place until the batch has ended. Before any row is locked, or two would wait
    for each other.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_LOCK)


def assign(
    connection: Connection, ledger_id: str, participant_id: str, group: Mapping[str, Any], at: datetime
) -> str | None:
    """Give somebody a place.

    Args:
        connection: In the batch's transaction.
        ledger_id: The plan's.
        participant_id: Who has come.
        group: Their `stratum`, and their `levels` of factors.
        at: When.

    Returns:
        The condition; None where there is no place.
    """
    ledger = _of(connection, ledger_id)
    stratum, levels = group["stratum"], group.get("levels") or None
    found = next_assignment(ledger.plan, ledger.seed, ledger.state.standing(stratum, levels), stratum, levels)
    if isinstance(found, NoPlace):
        return None
    ledger.write(connection, found.row(participant_id), at)
    return found.place.condition


def fill(connection: Connection, ledger_id: str, participant_id: str, at: datetime) -> LedgerEvent | None:
    """Somebody fills their place; they take it back before, where they had lost it to nobody.

    Returns:
        What became of it; None where they have none.
    """
    ledger = _of(connection, ledger_id)
    if (
        ledger.state.place_of(participant_id) is None
        and resume(connection, ledger_id, participant_id, at) is None
    ):
        return None
    return ledger.change(connection, participant_id, LedgerEvent.FILLED, "", at)


def leave(
    connection: Connection, ledger_id: str, participant_id: str, because: str, at: datetime
) -> LedgerEvent | None:
    """Open the place that somebody holds or fills.

    Args:
        connection: In the batch's transaction.
        ledger_id: The plan's.
        participant_id: Whose.
        because: Why: one of OpenedBecause.
        at: When.

    Returns:
        What became of it; None where they have none.
    """
    return _of(connection, ledger_id).change(connection, participant_id, LedgerEvent.OPENED, because, at)


def resume(connection: Connection, ledger_id: str, participant_id: str, at: datetime) -> LedgerEvent | None:
    """Give somebody who comes back their own place: nobody else has it, and its condition takes people.

    Returns:
        What became of it; None where they have none any more.
    """
    ledger = _of(connection, ledger_id)
    theirs = (_rows.c.ledger_id == ledger_id, _rows.c.participant_id == participant_id)
    last = connection.execute(select(_rows).where(*theirs).order_by(_rows.c.seq.desc()).limit(1)).first()
    if last is None or not ledger.takes(last.condition):
        return None
    event = LedgerEvent.RESUMED
    row = LedgerRow(ledger.state.seq + 1, event.value, last.place_id, last.condition, participant_id)
    if ledger.state.refusal(row):
        return None
    ledger.write(connection, row, at)
    return event


def forget(connection: Connection, participant_id: str, at: datetime) -> None:
    """Somebody withdraws: their place opens, and no row names them any more."""
    theirs = _rows.c.participant_id == participant_id
    for ledger_id in list(connection.scalars(select(_rows.c.ledger_id).where(theirs, _rows.c.living))):
        leave(connection, ledger_id, participant_id, OpenedBecause.WITHDREW.value, at)
    connection.execute(update(_rows).where(theirs).values(participant_id=None))


@dataclass
class _Ledger:
    """A ledger as it stands in this transaction."""

    ledger_id: str
    plan: AssignmentPlan
    seed: str
    state: LedgerState = field(default_factory=LedgerState)
    last_id: str | None = None

    def catch_up(self, connection: Connection) -> bool:
        """Read the rows that came since.

        Returns:
            False where what is known was never committed: a batch was rolled back.
        """
        since = _rows.c.seq >= self.state.seq
        query = select(_rows).where(_rows.c.ledger_id == self.ledger_id, since).order_by(_rows.c.seq)
        rows = connection.execute(query).all()
        if self.state.seq:
            if not rows or rows[0].assignment_id != self.last_id:
                return False
            rows = rows[1:]
        for row in rows:
            self.state.apply(
                LedgerRow(
                    row.seq,
                    row.event,
                    row.place_id,
                    row.condition,
                    row.participant_id,
                    row.reason,
                    row.inputs,
                    row.draw,
                )
            )
            self.last_id = row.assignment_id
        return True

    def takes(self, condition: str) -> bool:
        """Whether one more of a condition is wanted; with simple all are."""
        goals = self.plan.goals
        if goals is None or self.plan.method is AssignmentMethod.SIMPLE:
            return True
        living = self.state.standing(self.plan.strata[0]).living
        return living.get(condition, 0) < goals[condition]

    def change(
        self, connection: Connection, participant_id: str, event: LedgerEvent, reason: str, at: datetime
    ) -> LedgerEvent | None:
        place = self.state.place_of(participant_id)
        if place is None:
            return None
        row = LedgerRow(self.state.seq + 1, event.value, place.id, place.condition, participant_id, reason)
        if self.state.refusal(row):
            return None
        self.write(connection, row, at)
        return event

    def write(self, connection: Connection, row: LedgerRow, at: datetime) -> None:
        self.state.apply(row)
        self.last_id = str(uuid.uuid4())
        here = (_rows.c.ledger_id == self.ledger_id, _rows.c.place_id == row.place_id, _rows.c.living)
        connection.execute(update(_rows).where(*here).values(living=False))
        kept = {
            "assignment_id": self.last_id,
            "ledger_id": self.ledger_id,
            "seq": row.seq,
            "event": row.event,
            "place_id": row.place_id,
            "condition": row.condition,
            "participant_id": row.participant,
            "reason": row.reason,
            "inputs": dict(row.inputs),
            "draw": row.draw,
            "living": row.event != LedgerEvent.OPENED,
            "created_at": at,
        }
        connection.execute(insert(_rows).values(kept))


# What a process knows of each ledger, so that it reads no row twice.
_known: "WeakKeyDictionary[Engine, dict[str, _Ledger]]" = WeakKeyDictionary()


def _of(connection: Connection, ledger_id: str) -> _Ledger:
    known = _known.setdefault(connection.engine, {})
    ledger = known.get(ledger_id)
    if ledger is not None and ledger.catch_up(connection):
        return ledger
    kept, seeds = schema.ledgers, schema.seeds
    query = (
        select(kept.c.plan, seeds.c.seed)
        .join(seeds, seeds.c.seed_id == kept.c.seed_id)
        .where(kept.c.ledger_id == ledger_id)
    )
    plan, seed = connection.execute(query).one()
    ledger = known[ledger_id] = _Ledger(ledger_id, plan_from_json(plan), seed)
    ledger.catch_up(connection)
    return ledger
