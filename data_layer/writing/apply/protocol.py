"""Where participants stand: compared and set in one statement, so that of two pages one moves."""

from typing import Final

from sqlalchemy import update
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing import statements
from data_layer.writing.protocol_writes import BeginParticipation, MoveParticipation
from study.errors import WriteRefused
from study.reasons import Reason

_standing: Final = schema.participations
_visits: Final = schema.stage_visits


def begin_participation(connection: Connection, write: BeginParticipation) -> None:
    """Add who is not there yet. At once, as all here: the next write of the batch may move them."""
    if _insert(connection, "participations", write.row):
        _insert(connection, "stage_visits", write.visit)


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
    left = {"left_at": write.at, "outcome": write.outcome, "ending": write.changes.get("ending")}
    visit = (_visits.c.participant_id == write.participant_id, _visits.c.visit == write.visit)
    connection.execute(update(_visits).where(*visit).values(left))
    for table, row in write.rows:
        _insert(connection, table, row)
    if write.entered is not None:
        _insert(connection, "stage_visits", write.entered)


def _insert(connection: Connection, table: str, row: Row) -> bool:
    statement = statements.of_dialect(connection.dialect).insert(table, frozenset(row))
    return connection.execute(statement, row).rowcount == 1
