"""A participant's own messages that are nearest to what is looked for: all of theirs are compared."""

from typing import Final

from sqlalchemy import Connection, Select, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import rows_of
from data_layer.search.embedded import FINDABLE
from data_layer.search.participant_search import ParticipantSearchHit
from data_layer.search.snippets import snippet
from data_layer.search.vectors import Vector, as_matrix, cosines, nearest

# Of one participant; of more, the newest. Two years of fifteen a day, and 30 MB at 768 numbers.
MOST_COMPARED: Final = 10_000
_STEPS, _THREADS, _KEPT = schema.steps, schema.threads, schema.embeddings


async def nearest_own(
    database: Database, participant_id: str, model: str, vector: Vector, most: int
) -> list[ParticipantSearchHit]:
    """Find a participant's messages by meaning.

    Args:
        database: Where they are.
        participant_id: Whose; nobody else's are read.
        model: Which the vector is of.
        vector: Of what is looked for, of length one.
        most: How many at most.

    Returns:
        The nearest first, each with its beginning.

    Raises:
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """

    def work(connection: Connection) -> list[ParticipantSearchHit]:
        # The model is asked of the rows: SQLite would walk all of a model's for it, not the participant's.
        query = _own(participant_id).order_by(_STEPS.c.seq.desc()).limit(MOST_COMPARED)
        rows = [
            row for row in connection.execute(query) if row.model == model and row.dimension == len(vector)
        ]
        if not rows:
            return []
        scores = cosines(as_matrix([row.vector for row in rows], len(vector)), vector)
        found = [rows[place].step_id for place in nearest(scores, most)]
        shown = select(
            _STEPS.c.step_id,
            _STEPS.c.thread_id,
            _STEPS.c.type,
            _STEPS.c.created_at,
            _STEPS.c.output,
            _THREADS.c.title,
        )
        shown = shown.join(_THREADS, _THREADS.c.thread_id == _STEPS.c.thread_id)
        about = {row["step_id"]: row for row in rows_of(connection, shown.where(_STEPS.c.step_id.in_(found)))}
        return [
            ParticipantSearchHit(
                row["thread_id"],
                row["title"],
                row["step_id"],
                row["type"],
                row["created_at"],
                snippet(row["output"], []),
            )
            for row in (about[one] for one in found if one in about)
        ]

    return await database.read(work)


def _own(participant_id: str) -> Select[tuple[str, bytes, str, int]]:
    return (
        select(_KEPT.c.step_id, _KEPT.c.vector, _KEPT.c.model, _KEPT.c.dimension)
        .join(_STEPS, _STEPS.c.step_id == _KEPT.c.step_id)
        .join(_THREADS, _THREADS.c.thread_id == _STEPS.c.thread_id)
        .where(
            _THREADS.c.participant_id == participant_id,
            _THREADS.c.deleted_at.is_(None),
            _STEPS.c.shown,
            _KEPT.c.revision == _STEPS.c.revision,
            _KEPT.c.vector.is_not(None),
            *FINDABLE,
        )
    )
