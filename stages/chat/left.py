"""What is left to a participant, as a screen is told it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Whole: TypeAlias = Literal["thread", "participant"]


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to a participant in a thread; what tokens cost never reaches a page.

    Args:
        messages: How many they may still send; None without a limit.
        seconds: How long they may still write; None without a limit.
        nearly: Whether tokens or money are nearly used up.
        over: Of what the end is reached: of the thread, or of all their threads; None while it is not.
        least: How many more messages the study asks for.
        what: Which limit it was that ended it: "messages", "tokens", "cost", "minutes".
    """

    messages: int | None = None
    seconds: float | None = None
    nearly: bool = False
    over: Whole | None = None
    least: int = 0
    what: str | None = None
