"""Participants and their identities."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from data_layer import schema
from data_layer.engine import Database
from data_layer.order import Clock
from data_layer.text import storable
from data_layer.writer import Writer
from data_layer.writes import InsertRow

USER_NAME: Final = "user_name"


@dataclass(frozen=True)
class Participant:
    """A person who takes part, known by a pseudonym.

    Args:
        participant_id: The pseudonym; the only thing that threads, cookies and exports know.
        shown_name: What they typed, to greet them by.
    """

    participant_id: str
    shown_name: str


async def enter(
    database: Database,
    writer: Writer,
    clock: Clock,
    *,
    study_id: str,
    name: str,
    key: str,
    source: str = "login",
) -> Participant:
    """Make or find the participant with a name.

    Two tabs that arrive in the same millisecond get the same participant: the identity's unique
    key decides, and the participant is made for whichever identity is there afterwards.

    Args:
        name: As typed.
        key: Normalised: what makes two spellings one person.
        source: How they came.

    Returns:
        The participant.

    Raises:
        SQLAlchemyError: The database is away.
    """
    found = await _find(database, study_id, key)
    if found is None:
        identity = {
            "identity_id": str(uuid.uuid4()),
            "participant_id": str(uuid.uuid4()),
            "study_id": study_id,
            "kind": USER_NAME,
            "value": storable(name),
            "value_key": storable(key),
            "created_at": clock(),
        }
        await writer.submit(InsertRow("identities", identity))
        found = await _find(database, study_id, key) or str(identity["participant_id"])
        row = {"participant_id": found, "study_id": study_id, "source": source, "created_at": clock()}
        await writer.submit(InsertRow("participants", row))
    return Participant(found, name)


async def created_at(database: Database, participant_id: str) -> datetime | None:
    """When a participant came; None when there is no such participant."""
    table = schema.participants
    async with database.engine.connect() as connection:
        moment: datetime | None = await connection.scalar(
            select(table.c.created_at).where(table.c.participant_id == participant_id)
        )
    return moment


async def _find(database: Database, study_id: str, key: str) -> str | None:
    table = schema.identities
    query = select(table.c.participant_id).where(
        table.c.study_id == study_id, table.c.kind == USER_NAME, table.c.value_key == storable(key)
    )
    async with database.engine.connect() as connection:
        found: str | None = await connection.scalar(query)
    return found
