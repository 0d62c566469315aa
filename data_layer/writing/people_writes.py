"""What can be written about people: what researchers did, who comes in, who withdraws."""

from dataclasses import dataclass
from datetime import datetime

from data_layer.database.rows import Row


@dataclass(frozen=True, slots=True)
class AppendAudit:
    """Add a line to the audit log; its place and its hashes are given where it is written.

    Args:
        at: When it was done.
        name: Who did it.
        action: What, in snake_case.
        researcher_id: None for a command of an operator's.
        target: To what: an id.
        details: What else there is to say; JSON.
    """

    at: datetime
    name: str
    action: str
    researcher_id: str | None = None
    target: str | None = None
    details: Row | None = None


@dataclass(frozen=True, slots=True)
class TakeCode:
    """Use up a researcher's one-time code; refused when it, or a later one, was taken before.

    Args:
        researcher_id: Whose.
        step: The code's time step (data_layer/people/totp.py).
    """

    researcher_id: str
    step: int


@dataclass(frozen=True, slots=True)
class Enter:
    """Make a participant for an identity that nobody bears yet, and let a browser hold whom nobody holds.

    Whoever bears the identity by then stays who they are, and so does whoever holds them; only what lacks
    is added. The outcome says who it is.

    Args:
        identity: A row of `identities`, under a participant_id that is taken where it is the first.
        participant: The participant's own row; its participant_id is the identity's.
        claim: A row of `identities` that claims them for a browser, likewise; None where nobody is claimed.
    """

    identity: Row
    participant: Row
    claim: Row | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Erase a participant and all that they said; of their threads empty rows stay (erasure.py).

    Args:
        participant_id: The pseudonym. Nothing can be written under it any more.
        withdrawal_id: Of the tombstone, and of the participant's receipt.
        at: When it was asked for.
        requested_by: "participant" or "researcher".
        researcher_id: Which researcher, when it was one.
    """

    participant_id: str
    withdrawal_id: str
    at: datetime
    requested_by: str
    researcher_id: str | None = None
