"""How simulated participants differ in temper, and what one knows who has read the study."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Temper(StrEnum):
    """How somebody takes part."""

    CAREFUL = "careful"
    HASTY = "hasty"
    WRONG = "wrong at the quiz"
    GONE = "gone at a random stage"
    TWO_TABS = "two tabs"
    BACK = "back button"
    DECLINES = "declines"
    WITHDRAWS = "withdraws at the debrief"
    DEAD_MODEL = "dead model"


# Of twenty: most take care, and each other temper comes with the first twenty.
_TURNS: Final = (
    *(Temper.CAREFUL, Temper.HASTY, Temper.CAREFUL, Temper.WRONG, Temper.CAREFUL),
    *(Temper.GONE, Temper.TWO_TABS, Temper.CAREFUL, Temper.BACK, Temper.DECLINES),
    *(Temper.CAREFUL, Temper.DEAD_MODEL, Temper.CAREFUL, Temper.WITHDRAWS, Temper.CAREFUL),
    *(Temper.TWO_TABS, Temper.CAREFUL, Temper.HASTY, Temper.BACK, Temper.CAREFUL),
)


def dealt(count: int) -> list[Temper]:
    """The tempers of so many participants, in the order in which they come."""
    return [_TURNS[place % len(_TURNS)] for place in range(count)]


@dataclass(frozen=True)
class StudyReader:
    """What somebody knows who has read with care.

    Args:
        answers: The right answers of quizzes and checks of attention, as stage.item.
        turns: How many messages they write in a chat, where it asks for no more.
        visits: Pages after which the walk is given up: no study has so many.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    turns: int = 1
    visits: int = 120
