"""At which stages those stand who are under way."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import and_, func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import read_rows

_standing: Final = schema.participations
_visits: Final = schema.stage_visits


class StandingAt(NamedTuple):
    """Participants at one stage.

    Args:
        stage_id: Which.
        kind: What it was when they came to it.
        people: How many.
    """

    stage_id: str
    kind: str
    people: int


async def standing_at(database: Database, study_id: str) -> Sequence[StandingAt]:
    """Where those stand in a study who have begun and not ended.

    Raises:
        SQLAlchemyError: The database is away.
    """
    here = and_(_visits.c.participant_id == _standing.c.participant_id, _visits.c.visit == _standing.c.visit)
    query = (
        select(_visits.c.stage_id, _visits.c.kind, func.count().label("people"))
        .select_from(_standing.join(_visits, here))
        .where(_standing.c.study_id == study_id, _standing.c.ending.is_(None))
        .group_by(_visits.c.stage_id, _visits.c.kind)
        .order_by(_visits.c.stage_id, _visits.c.kind)
    )
    async with database.connect() as connection:
        return [StandingAt(**row) for row in await read_rows(connection, query)]
