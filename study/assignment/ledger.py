"""The ledger: one row for everything that happens to a place. Rows are added and never changed.

assigned   somebody takes a place: it is held
filled     they are usable (or whatever the plan asks): it is filled
opened     they left it, and why: it is open again, and the next one takes it
resumed    they came back before anybody else took it: it is held again

A place has one living holder, who holds or fills it. Rows are numbered from 1 without a gap, and each is
decided from all rows before it: whoever writes one as number n has read n - 1, or it is not written. So the
ledger can be replayed (replay.py), also where several processes write it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class LedgerEvent(StrEnum):
    """What happened to a place."""

    ASSIGNED = "assigned"
    FILLED = "filled"
    OPENED = "opened"
    RESUMED = "resumed"


class OpenedBecause(StrEnum):
    """Why a place is open again."""

    RETURNED = "returned"  # to the recruiting service, which says so
    TIMED_OUT = "timed_out"
    FAILED = "failed"  # a check, or another rule of what is usable
    WITHDREW = "withdrew"
    SCREENED_OUT = "screened_out"
    SILENT = "silent"  # for as long as a place is held
    TECHNICAL = "technical"  # our fault, or the model's


# Who left for one of these may come back to their own place while nobody else has it.
MAY_RESUME: Final = frozenset({OpenedBecause.SILENT, OpenedBecause.TIMED_OUT, OpenedBecause.TECHNICAL})


@dataclass(frozen=True)
class LedgerRow:
    """One row, as it is kept; texts stay texts, so that what was changed by hand can be read and named.

    Args:
        seq: Its number, from 1.
        event: One of LedgerEvent.
        place_id: As AssignmentPlace.id gives it.
        condition: That of the place, in every row of it.
        participant: Whose it is; None once they are erased, in all of their rows.
        reason: One of OpenedBecause where it opened, else "".
        inputs: What the assignment was made from; empty in other rows.
        draw: What was drawn when somebody came; "" where the place was drawn before.
    """

    seq: int
    event: str
    place_id: str
    condition: str
    participant: str | None
    reason: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    draw: str = ""
