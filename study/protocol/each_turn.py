"""What is drawn anew for each turn of a chat, as the study file writes it: micro-randomised trials.

P. Klasnja et al., Health Psychology 34 (Suppl.), 2015, 1220-1228: each decision point is randomised with a
probability that is known, and kept.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from pydantic import Field

from study.agent_definitions import Parameters
from study.parts import FileName, StudyPart, Words
from study.protocol.conditions import Overrides

SETS: Final = ("prompt", "model", "parameters")


class TurnOverrides(StudyPart):
    """What a level sets of the agent for one turn, and how likely it is drawn."""

    prompt: FileName | None = Field(
        None, description="A text file: the agent's system prompt.", examples=["prompts/asks-back.md"]
    )
    model: Words | None = Field(
        None, max_length=200, description="The agent's model.", examples=["gpt-4.1-2025-04-14"]
    )
    parameters: Parameters | None = Field(
        None, description="What else is sent to the model.", examples=[{"temperature": 0.2}]
    )
    weight: int = Field(
        1,
        ge=1,
        le=1_000,
        description="How likely it is beside the others: of weights 1 and 3 it is a quarter.",
        examples=[1],
    )

    @property
    def keys(self) -> tuple[str, ...]:
        """What it sets."""
        return tuple(name for name in SETS if getattr(self, name) is not None)


Levels = Mapping[str, TurnOverrides]


def probabilities_of(levels: Levels) -> dict[str, Fraction]:
    """How likely each level is, in the order of the study file; together 1."""
    whole = sum(level.weight for level in levels.values())
    return {name: Fraction(level.weight, whole) for name, level in levels.items()}


def with_level(overrides: Overrides, level: TurnOverrides) -> Overrides:
    """What a condition and a turn's level set together: the two set different keys."""
    said: dict[str, Any] = {name: getattr(level, name) for name in level.keys}
    return overrides.model_copy(update=said)
