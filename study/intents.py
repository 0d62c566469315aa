"""Where an intent stands, and how it may move: the one place that says so.

An intent begins, and is active: its parameters may change. Then it is completed, and stays so; or abandoned,
and may be continued. Whoever writes states asks here: the writer's rule
(data_layer/writing/apply/intents.py) for each move, and again for all that stand when the screen goes to
another branch.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class IntentState(StrEnum):
    """Where an intent stands."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class IntentMove(StrEnum):
    """What happens to an intent."""

    BEGAN = "began"
    UPDATED = "updated"
    CONTINUED = "continued"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    DECLINED = "declined"  # its participant was asked whether to go on with it, and will not


# Causes that the app itself gives; an agent gives others, such as "tool" or "cancelled".
IDLE: Final = "idle"  # nothing was written for the study's idle minutes
REPLACED: Final = "replaced"  # another one began, or was continued
BY_PARTICIPANT: Final = "participant"  # by a button of the page
BY_AGENT: Final = "agent"

# The participant did not choose to leave it: they are asked whether to go on when they come back.
OFFERED_AFTER: Final = frozenset({IDLE})

_NEXT: Final[Mapping[tuple[IntentState | None, IntentMove], IntentState]] = {
    (None, IntentMove.BEGAN): IntentState.ACTIVE,
    (IntentState.ACTIVE, IntentMove.UPDATED): IntentState.ACTIVE,
    (IntentState.ACTIVE, IntentMove.COMPLETED): IntentState.COMPLETED,
    (IntentState.ACTIVE, IntentMove.ABANDONED): IntentState.ABANDONED,
    (IntentState.ABANDONED, IntentMove.CONTINUED): IntentState.ACTIVE,
    (IntentState.ABANDONED, IntentMove.DECLINED): IntentState.ABANDONED,
}


def after(state: IntentState | None, move: IntentMove) -> IntentState | None:
    """Where an intent stands after a move.

    Args:
        state: Where it stands; None for one that has not begun.
        move: What is to happen.

    Returns:
        None when that cannot happen to it.
    """
    return _NEXT.get((state, move))
