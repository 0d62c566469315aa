"""Which texts of consent were shown in the running study, and what each participant agreed to last."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import read_rows

_consents: Final = schema.consents
_standing: Final = schema.participations


class ShownConsent(NamedTuple):
    """A text that was decided on.

    Args:
        stage_id: At which stage.
        version: Of the text.
        language: In which it was read.
        text_hash: SHA-256 of what stood there.
    """

    stage_id: str
    version: str
    language: str
    text_hash: str


async def shown_consents(database: Database, study_id: str) -> Sequence[ShownConsent]:
    """Each text that somebody in a study has decided on.

    Raises:
        SQLAlchemyError: The database is away.
    """
    columns = [_consents.c[name] for name in ShownConsent._fields]
    joined = _consents.join(_standing, _standing.c.participant_id == _consents.c.participant_id)
    query = select(*columns).select_from(joined).where(_standing.c.study_id == study_id).distinct()
    async with database.connect() as connection:
        return [ShownConsent(**row) for row in await read_rows(connection, query)]


async def decided_versions(database: Database, participant_id: str) -> dict[str, str]:
    """Of each stage that somebody has decided at, the version that they decided on last.

    Raises:
        SQLAlchemyError: The database is away.
    """
    query = (
        select(_consents.c.stage_id, _consents.c.version)
        .where(_consents.c.participant_id == participant_id)
        .order_by(_consents.c.decided_at)
    )
    async with database.connect() as connection:
        return {row["stage_id"]: row["version"] for row in await read_rows(connection, query)}
