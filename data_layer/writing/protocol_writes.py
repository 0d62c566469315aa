"""What can be written about taking part: that somebody begins, and that they move on."""

from dataclasses import dataclass
from datetime import datetime

from data_layer.database.rows import Row


@dataclass(frozen=True, slots=True)
class BeginParticipation:
    """Somebody enters the first stage. Who is in it already stays where they stand.

    Args:
        row: Of `participations`.
        visit: Of `stage_visits`.
    """

    row: Row
    visit: Row


@dataclass(frozen=True, slots=True)
class MoveParticipation:
    """Somebody leaves a stage, or enters it anew: all that comes with it, or nothing.

    Refused when they do not stand at that visit any more, or have ended: of two pages one moves.

    Args:
        participant_id: Who.
        visit: Where they must stand.
        changes: Columns of `participations`, the new visit among them.
        outcome: How the visit ended.
        at: When.
        rows: What was agreed to and answered there: table and row.
        entered: A row of `stage_visits`: where they come to; None where taking part has ended.
    """

    participant_id: str
    visit: int
    changes: Row
    outcome: str
    at: datetime
    rows: tuple[tuple[str, Row], ...] = ()
    entered: Row | None = None
