"""Where participants stand: compared and set in one statement, so that of two pages one moves."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing import statements
from data_layer.writing.apply import assigning
from data_layer.writing.people_writes import Withdraw
from data_layer.writing.protocol_writes import (
    BeginParticipation,
    MoveParticipation,
    ReopenPlace,
    ResumePlace,
)
from study.assignment import LedgerEvent, OpenedBecause
from study.errors import WriteRefused
from study.reasons import Reason

_standing: Final = schema.participations
_visits: Final = schema.stage_visits
_WHO: Final = (schema.identities, schema.passwords)


def comes_to_places(write: object) -> bool:
    """Whether a write may change a ledger: its batch takes its turn (assigning.py)."""
    if isinstance(write, BeginParticipation):
        return write.assign is not None
    if isinstance(write, MoveParticipation):
        return write.assign is not None or write.place is not None
    return isinstance(write, ReopenPlace | ResumePlace | Withdraw)


def begin_participation(connection: Connection, write: BeginParticipation) -> None:
    """Add who is not there yet. At once, as all here: the next write of the batch may move them."""
    if _insert(connection, "participations", write.row):
        _insert(connection, "stage_visits", write.visit)
        if write.assign is not None:
            visit, began = write.row["visit"], write.row["began_at"]
            if not _assigned(connection, write.row["participant_id"], write.assign, write.no_place, began):
                ended = {"left_at": began, "outcome": "ended", "ending": write.no_place.get("ending")}
                _leave_visit(connection, write.row["participant_id"], visit, ended)


def move_participation(connection: Connection, write: MoveParticipation) -> None:
    """Move somebody who stands where the page says.

    Raises:
        WriteRefused: They do not.
    """
    here = (
        _standing.c.participant_id == write.participant_id,
        _standing.c.visit == write.visit,
        _standing.c.ending.is_(None),
    )
    if connection.execute(update(_standing).where(*here).values(write.changes)).rowcount != 1:
        raise WriteRefused(Reason.STAGE_LEFT)
    entered, changes, outcome = write.entered, write.changes, write.outcome
    if write.assign is not None and not _assigned(
        connection, write.participant_id, write.assign, write.no_place, write.at
    ):
        entered, changes, outcome = None, write.no_place, "ended"
    left = {"left_at": write.at, "outcome": outcome, "ending": changes.get("ending")}
    _leave_visit(connection, write.participant_id, write.visit, left)
    for table, row in write.rows:
        _insert(connection, table, row)
    if entered is not None:
        _insert(connection, "stage_visits", entered)
    for table_of_who in _WHO if write.forgets_who else ():
        theirs = table_of_who.c.participant_id == write.participant_id
        connection.execute(delete(table_of_who).where(theirs))
    if write.place is not None:
        ledger, because = write.place["ledger"], write.place["opened"]
        event = (
            assigning.leave(connection, ledger, write.participant_id, because, write.at)
            if because
            else assigning.fill(connection, ledger, write.participant_id, write.at)
        )
        if event is not None:
            _keep_place(connection, write.participant_id, event)


def reopen_place(connection: Connection, write: ReopenPlace) -> None:
    """Open the place of somebody who is silent.

    Raises:
        WriteRefused: They are not, or have none.
    """
    silent = (
        _standing.c.participant_id == write.participant_id,
        _standing.c.seen_at <= write.silent_since,
        _standing.c.ending.is_(None),
        _standing.c.place.in_((LedgerEvent.ASSIGNED.value, LedgerEvent.RESUMED.value)),
    )
    opened = update(_standing).where(*silent).values(place=LedgerEvent.OPENED.value)
    if connection.execute(opened).rowcount != 1:
        raise WriteRefused(Reason.PLACE_NOT_LEFT)
    assigning.leave(connection, write.ledger, write.participant_id, OpenedBecause.SILENT.value, write.at)


def resume_place(connection: Connection, write: ResumePlace) -> None:
    """Give somebody their place back, or take it from their row for good."""
    opened = (
        _standing.c.participant_id == write.participant_id,
        _standing.c.place == LedgerEvent.OPENED.value,
        _standing.c.ending.is_(None),
    )
    if connection.execute(update(_standing).where(*opened).values(place=None)).rowcount != 1:
        return
    event = assigning.resume(connection, write.ledger, write.participant_id, write.at)
    if event is not None:
        _keep_place(connection, write.participant_id, event)


def _assigned(connection: Connection, participant_id: str, assign: Row, no_place: Row, at: datetime) -> bool:
    """Give somebody a place, or the ending that is for whom there is none."""
    ledger = assign["ledger"]
    condition = assigning.assign(connection, ledger, participant_id, assign, at)
    event = LedgerEvent.ASSIGNED
    if condition is not None and assign["fill"]:
        event = assigning.fill(connection, ledger, participant_id, at) or event
    changes = no_place if condition is None else {"condition": condition, "place": event.value}
    theirs = _standing.c.participant_id == participant_id
    connection.execute(update(_standing).where(theirs).values(changes))
    return condition is not None


def _keep_place(connection: Connection, participant_id: str, event: LedgerEvent) -> None:
    theirs = _standing.c.participant_id == participant_id
    connection.execute(update(_standing).where(theirs).values(place=event.value))


def _leave_visit(connection: Connection, participant_id: str, visit: int, left: Row) -> None:
    here = (_visits.c.participant_id == participant_id, _visits.c.visit == visit)
    connection.execute(update(_visits).where(*here).values(left))


def _insert(connection: Connection, table: str, row: Row) -> bool:
    statement = statements.of_dialect(connection.dialect).insert(table, frozenset(row))
    return connection.execute(statement, row).rowcount == 1
