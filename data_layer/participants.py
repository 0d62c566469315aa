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
    found, complete = await _find(database, study_id, key)
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
        found = (await _find(database, study_id, key))[0] or str(identity["participant_id"])
    if not complete:
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


async def _find(database: Database, study_id: str, key: str) -> tuple[str | None, bool]:
    """The participant of a name, and whether their own row is there: a crash may have come before it."""
    names, people = schema.identities, schema.participants
    query = (
        select(names.c.participant_id, people.c.participant_id)
        .join(people, people.c.participant_id == names.c.participant_id, isouter=True)
        .where(names.c.study_id == study_id, names.c.kind == USER_NAME, names.c.value_key == storable(key))
    )
    async with database.engine.connect() as connection:
        found = (await connection.execute(query)).first()
    return (found[0], found[1] is not None) if found else (None, False)
