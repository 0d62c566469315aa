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

# Kinds of identities that name a person. A recruiting service's are its parameters, in small letters.
USER_NAME: Final = "user_name"
ACCOUNT: Final = "account"
LINK: Final = "link"


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
    kind: str = USER_NAME,
) -> Participant:
    """Make or find the participant with a name.

    Two tabs that arrive in the same millisecond get the same participant: the identity's unique
    key decides, and the participant is made for whichever identity is there afterwards.

    Args:
        name: As typed.
        key: Normalised: what makes two spellings one person.
        source: How they came.
        kind: What the name is: a name, an account, a link, a recruiting service's id.

    Returns:
        The participant.

    Raises:
        SQLAlchemyError: The database is away.
    """
    found, complete = await _find(database, study_id, kind, key)
    if found is None:
        participant_id = str(uuid.uuid4())
        row = identity_row(study_id, participant_id, kind, name, key, clock())
        await writer.submit(InsertRow("identities", row))
        found = (await _find(database, study_id, kind, key))[0] or participant_id
    if not complete:
        row = {"participant_id": found, "study_id": study_id, "source": source, "created_at": clock()}
        await writer.submit(InsertRow("participants", row))
    return Participant(found, name)


def identity_row(
    study_id: str, participant_id: str, kind: str, value: str, key: str, moment: datetime
) -> dict[str, object]:
    """A row of `identities`. One with a key that is there already will not be added."""
    return {
        "identity_id": str(uuid.uuid4()),
        "participant_id": participant_id,
        "study_id": study_id,
        "kind": kind,
        "value": storable(value),
        "value_key": storable(key),
        "created_at": moment,
    }


async def participant_of(database: Database, study_id: str, kind: str, key: str) -> str | None:
    """Who bears an identity; None where nobody does.

    Raises:
        SQLAlchemyError: The database is away.
    """
    return (await _find(database, study_id, kind, key))[0]


async def created_at(database: Database, participant_id: str) -> datetime | None:
    """When a participant came; None when there is no such participant."""
    table = schema.participants
    async with database.engine.connect() as connection:
        moment: datetime | None = await connection.scalar(
            select(table.c.created_at).where(table.c.participant_id == participant_id)
        )
    return moment


async def _find(database: Database, study_id: str, kind: str, key: str) -> tuple[str | None, bool]:
    """The participant of an identity, and whether their own row is there: a crash may have come before it."""
    names, people = schema.identities, schema.participants
    query = (
        select(names.c.participant_id, people.c.participant_id)
        .join(people, people.c.participant_id == names.c.participant_id, isouter=True)
        .where(names.c.study_id == study_id, names.c.kind == kind, names.c.value_key == storable(key))
    )
    async with database.engine.connect() as connection:
        found = (await connection.execute(query)).first()
    return (found[0], found[1] is not None) if found else (None, False)
