"""What can be written about taking part: that somebody begins, moves on, and what becomes of their place."""

from dataclasses import dataclass, field
from datetime import datetime

from data_layer.database.rows import Row


@dataclass(frozen=True, slots=True)
class BeginParticipation:
    """Somebody enters the first stage. Who is in it already stays where they stand.

    Args:
        row: Of `participations`.
        visit: Of `stage_visits`.
        assign: As in MoveParticipation.
        no_place: Likewise.
    """

    row: Row
    visit: Row
    assign: Row | None = None
    no_place: Row = field(default_factory=dict)


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
        assign: Gives them a place: the `ledger`, their `stratum`, their `levels`, and whether they `fill` it
            at once.
        no_place: The columns of `participations`, in the place of `changes`, where there is none for them.
        place: What becomes of the place that they have: the `ledger`, and why it `opened`; without a reason
            they fill it.
        forgets_who: Takes away what says who they are: they have refused to take part.
    """

    participant_id: str
    visit: int
    changes: Row
    outcome: str
    at: datetime
    rows: tuple[tuple[str, Row], ...] = ()
    entered: Row | None = None
    assign: Row | None = None
    no_place: Row = field(default_factory=dict)
    place: Row | None = None
    forgets_who: bool = False


@dataclass(frozen=True, slots=True)
class ReopenPlace:
    """The place of somebody who gives no sign is open again. Refused where they gave one, or have ended.

    Args:
        participant_id: Whose.
        ledger: In which ledger.
        silent_since: They were not seen after this.
        at: When.
    """

    participant_id: str
    ledger: str
    silent_since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class ResumePlace:
    """Somebody comes back to their place; where it is another's by now, they go on without one.

    Args:
        participant_id: Who.
        ledger: In which ledger.
        at: When.
    """

    participant_id: str
    ledger: str
    at: datetime
