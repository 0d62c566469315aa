"""A level drawn anew for each turn, with the probability it had: what micro-randomised trials need.

The draw is named by participant, thread and turn, so that an answer that is asked for again, a restart and a
second process give the turn its level and no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from study.assignment.draws import one_of, words_of


@dataclass(frozen=True)
class TurnLevel:
    """What was drawn for a turn.

    Args:
        level: Its level.
        probability: How likely that was; kept with the turn, for analyses that weigh by it.
        draw: What was drawn.
    """

    level: str
    probability: Fraction
    draw: str


def level_of_turn(
    seed: str, participant: str, thread: str, turn: str | int, probabilities: Mapping[str, Fraction]
) -> TurnLevel:
    """Draw a turn's level.

    Args:
        seed: The study's.
        participant: Whose turn it is.
        thread: In which thread.
        turn: The turn's number or id.
        probabilities: Of each level, in the order of the study file; together 1.

    Raises:
        ValueError: They are not 1 together, or one is below 0.
    """
    level, draw = one_of(probabilities, words_of(seed, "turn", participant, thread, turn))
    return TurnLevel(level, probabilities[level], draw)
