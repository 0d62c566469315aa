"""Participants and their identities."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from data_layer.database import schema
from data_layer.database.engine import Database
from study.text import storable

# Kinds of identities that name a person. A recruiting service's are its parameters, in small letters.
# The source of participants whom nobody is behind.
SIMULATED: Final = "simulation"
# The source of those whose conversations were held elsewhere, and the kind of their identity.
IMPORTED: Final = "import"
USER_NAME: Final = "user_name"
ACCOUNT: Final = "account"
LINK: Final = "link"


@dataclass(frozen=True)
class Participant:
    """A person who takes part, known by a pseudonym.

    Args:
        participant_id: The pseudonym; the only thing that threads, cookies and exports know.
        shown_name: What they typed, to greet them by.
        holders: What is kept of the browsers that hold them (claims.py).
    """

    participant_id: str
    shown_name: str
    holders: frozenset[str] = field(default=frozenset(), compare=False)


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
    asked = {"study_id": study_id, "kind": kind, "value_key": storable(key)}
    found: str | None = await database.read(lambda connection: connection.scalar(_BEARER, asked))
    return found


async def created_at(database: Database, participant_id: str) -> datetime | None:
    """When a participant came; None when there is no such participant."""
    asked = {"participant_id": participant_id}
    moment: datetime | None = await database.read(lambda connection: connection.scalar(_CAME, asked))
    return moment


# Built once: every sign-in and every page asks them.
_BEARER: Final = select(schema.identities.c.participant_id).where(
    schema.identities.c.study_id == bindparam("study_id"),
    schema.identities.c.kind == bindparam("kind"),
    schema.identities.c.value_key == bindparam("value_key"),
)
_CAME: Final = select(schema.participants.c.created_at).where(
    schema.participants.c.participant_id == bindparam("participant_id")
)


async def mark_simulated(database: Database) -> int:
    """Mark all of a database that was made to try a study: nobody is behind them.

    Returns:
        How many there are.

    Raises:
        SQLAlchemyError: The database is away.
    """
    async with database.engine.begin() as connection:
        return (await connection.execute(schema.participants.update().values(source=SIMULATED))).rowcount
