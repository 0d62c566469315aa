"""How one participant went through the study's protocol: stages, consents, answers, checks, the ending."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, read_rows

_STANDING: Final = schema.participations
# The condition is read by whoever may see it, and by nobody else.
_SHOWN: Final = [column for column in _STANDING.c if column.name != "condition"]


@dataclass(frozen=True)
class PathTaken:
    """One participant's way.

    Args:
        standing: Their row of `participations`, with the condition where it was asked for.
        visits: stage_id, kind, visit, attempt, entered_at, left_at, outcome and ending, in their order.
        consents: Their rows of `consents`.
        answers: Their rows of `survey_answers`, as they were shown.
    """

    standing: Row
    visits: list[Row]
    consents: list[Row]
    answers: list[Row]


async def path_taken(
    database: Database, participant_id: str, *, with_condition: bool = False
) -> PathTaken | None:
    """One participant's way; None of whoever has opened no stage.

    Args:
        database: Where it is.
        participant_id: Whose.
        with_condition: Whether the reader sees conditions.

    Raises:
        SQLAlchemyError: The database is away.
    """
    visits, consents, answers = schema.stage_visits, schema.consents, schema.survey_answers
    shown = list(_STANDING.c) if with_condition else _SHOWN
    names = ("stage_id", "kind", "visit", "attempt", "entered_at", "left_at", "outcome", "ending")
    async with database.connect() as connection:
        found = await read_rows(
            connection, select(*shown).where(_STANDING.c.participant_id == participant_id)
        )
        if not found:
            return None
        walked = select(*(visits.c[name] for name in names)).where(visits.c.participant_id == participant_id)
        agreed = select(consents).where(consents.c.participant_id == participant_id)
        said = select(answers).where(answers.c.participant_id == participant_id)
        return PathTaken(
            found[0],
            await read_rows(connection, walked.order_by(visits.c.visit)),
            await read_rows(connection, agreed.order_by(consents.c.decided_at)),
            await read_rows(connection, said.order_by(answers.c.visit, answers.c.position)),
        )


async def consent_text(database: Database, text_hash: str) -> Row | None:
    """A text as it was shown; None when none has this hash.

    Raises:
        SQLAlchemyError: The database is away.
    """
    texts = schema.consent_texts
    async with database.connect() as connection:
        found = await read_rows(connection, select(texts).where(texts.c.text_hash == text_hash))
    return found[0] if found else None
