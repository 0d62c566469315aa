"""What participants see of a reply beside its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from study.vocabulary import StepsShown


@dataclass(frozen=True)
class Beside:
    """What a study lets participants see: thinking, steps, that a reply was cut off.

    Args:
        thinking_of: The names of the agents whose thinking is shown.
        cut_off: Whether the page says that a reply was cut off.
        steps_of: Which steps of an agent are shown, by its name; all of one that is not named.
    """

    thinking_of: frozenset[str] = frozenset()
    cut_off: bool = True
    steps_of: Mapping[str, StepsShown] = field(default_factory=dict)

    def shows_step(self, agent: str, kind: str) -> bool:
        """Whether participants see a step of an agent's work."""
        return self.steps_of.get(agent, StepsShown.FULL).includes(kind)
