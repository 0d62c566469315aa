"""The plan of an assignment: what decides it beside the seed and who comes, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import gcd
from typing import Final

from study.assignment.conditions import WHOLE, PlannedCondition
from study.assignment.draws import MOST

# So many places in a block; longer ones balance too late to be worth their name.
LONGEST_BLOCK: Final = 1000
# A stratum whose conditions have fewer than so many each ends in the middle of its blocks.
_FEWEST_IN_A_CELL: Final = 8


class AssignmentMethod(StrEnum):
    """How the next condition is found."""

    SIMPLE = "simple"
    BLOCKS = "blocks"
    MINIMISE = "minimise"
    URN = "urn"

    @property
    def has_places(self) -> bool:
        """Whether its conditions follow from the seed alone, so that a place that opens is taken again."""
        return self in (AssignmentMethod.SIMPLE, AssignmentMethod.BLOCKS)


@dataclass(frozen=True)
class AssignmentPlan:
    """How people are assigned. Whoever makes one asks `complaints_of` before using it.

    Args:
        method: How the next condition is found.
        conditions: In the order of the study file, which the draws depend on.
        lengths: Of blocks; which one the next block has is drawn, each entry equally likely.
        strata: Those that have places of their own.
        target: How many usable participants each condition is to have for each one of its weight; None is
            without end.
        factors: For minimise, how much each of them weighs.
        probability: For minimise, that of the condition that balances best.
        urn: For the urn, with how many balls of each it begins, and how many of each other condition are
            added for one that is drawn: Wei's alpha and beta.
    """

    method: AssignmentMethod
    conditions: tuple[PlannedCondition, ...]
    lengths: tuple[int, ...] = ()
    strata: tuple[str, ...] = (WHOLE,)
    target: int | None = None
    factors: Mapping[str, Fraction] = field(default_factory=dict)
    probability: Fraction = Fraction(4, 5)
    urn: tuple[int, int] = (1, 1)

    @cached_property
    def weights(self) -> Mapping[str, int]:
        """Weights by condition, as small as they can be: 2 and 4 are 1 and 2."""
        common = gcd(*(one.weight for one in self.conditions)) or 1
        return {one.name: one.weight // common for one in self.conditions}

    @cached_property
    def goals(self) -> Mapping[str, int] | None:
        """How many usable participants each condition is to have; None is without end."""
        if self.target is None:
            return None
        return {name: weight * self.target for name, weight in self.weights.items()}


@dataclass(frozen=True)
class PlanComplaint:
    """What is wrong with a plan.

    Args:
        key: Where, as in the study file below `assign`.
        what: A sentence without its end.
        repair: What to write instead.
        refuses: Whether the study cannot start so; else it is said and no more.
    """

    key: str
    what: str
    repair: str
    refuses: bool = True

    def __str__(self) -> str:
        return f"{self.key}: {self.what}. {self.repair}"


def complaints_of(plan: AssignmentPlan) -> tuple[PlanComplaint, ...]:
    """Say what is wrong with a plan.

    Args:
        plan: As it was read.

    Returns:
        None where it can be used. A plan with one that refuses must not be.
    """
    found = [*_of_conditions(plan), *_of_strata(plan)]
    if plan.target is not None and plan.target < 1:
        found.append(PlanComplaint("target", f"{plan.target} is nobody", "Write it like: target: 100"))
    if any(complaint.refuses for complaint in found):
        return tuple(found)
    own = {
        AssignmentMethod.SIMPLE: (),
        AssignmentMethod.BLOCKS: _of_blocks(plan),
        AssignmentMethod.MINIMISE: _of_minimise(plan),
        AssignmentMethod.URN: _of_urn(plan),
    }
    return (*found, *own[plan.method], *_of_others(plan))


def plan_rows(plan: AssignmentPlan) -> tuple[tuple[str, str, int | None], ...]:
    """Write a plan as rows, for replay.R and whoever reads it without YAML.

    Args:
        plan: One without complaints.

    Returns:
        What it is, its value, and its weight where it has one.
    """
    return (
        ("method", plan.method.value, None),
        *(("condition", name, weight) for name, weight in plan.weights.items()),
        *(("length", str(length), None) for length in plan.lengths),
        *(("stratum", name, None) for name in plan.strata),
        *((("target", str(plan.target), None),) if plan.target is not None else ()),
    )


def _of_conditions(plan: AssignmentPlan) -> Iterator[PlanComplaint]:
    names = [one.name for one in plan.conditions]
    if len(names) < 2:
        yield PlanComplaint(
            "conditions", "there is nothing to assign with fewer than two", "Add a level to a factor."
        )
    if len(set(names)) < len(names) or "" in names:
        yield PlanComplaint(
            "conditions", "two have one name, or one has none", "Give each level its own name."
        )
    if wrong := [f"{one.name} {one.weight}" for one in plan.conditions if one.weight < 1]:
        yield PlanComplaint(
            "weights", f"{', '.join(wrong)} is below 1", "Write it like: weights: {facts: 2, stories: 1}"
        )
    elif sum(plan.weights.values()) > LONGEST_BLOCK:
        yield PlanComplaint("weights", f"they are more than {LONGEST_BLOCK} together", "Write smaller ones.")


def _of_strata(plan: AssignmentPlan) -> Iterator[PlanComplaint]:
    if not plan.strata or len(set(plan.strata)) < len(plan.strata):
        yield PlanComplaint(
            "within", "two strata have one name, or there is none", "Give each level its own name."
        )
    cells = len(plan.strata) * len(plan.conditions)
    people = sum(plan.goals.values()) if plan.goals else None
    if len(plan.strata) > 1 and people is not None and cells * _FEWEST_IN_A_CELL > people:
        yield PlanComplaint(
            "within",
            f"{len(plan.strata)} strata of {len(plan.conditions)} conditions are too many for {people}",
            f"Take an item out of 'within', or ask for {cells * _FEWEST_IN_A_CELL} participants and more.",
        )


def _of_blocks(plan: AssignmentPlan) -> Iterator[PlanComplaint]:
    whole = sum(plan.weights.values())
    like = f"Write it like: lengths: [{whole}, {2 * whole}]"
    if not plan.lengths:
        yield PlanComplaint("lengths", "blocks need one", like)
    for length in plan.lengths:
        if length < 1 or length % whole or length > LONGEST_BLOCK:
            yield PlanComplaint(
                "lengths", f"{length} is not a multiple of {whole}, or more than {LONGEST_BLOCK}", like
            )
    if len(set(plan.lengths)) == 1:
        yield PlanComplaint(
            "lengths",
            "who knows the length of all blocks can guess how each of them ends",
            like,
            refuses=False,
        )


def _of_minimise(plan: AssignmentPlan) -> Iterator[PlanComplaint]:
    if not plan.factors or min(plan.factors.values()) <= 0:
        yield PlanComplaint(
            "factors",
            "minimise needs one or more, each with a weight above 0",
            "Write it like: factors: [age, sex]",
        )
    if plan.strata != (WHOLE,):
        yield PlanComplaint("within", "minimise has no strata", "Write the same items as 'factors' instead.")
    if not Fraction(1, 2) <= plan.probability <= 1 or plan.probability.denominator > MOST:
        yield PlanComplaint(
            "probability", f"{plan.probability} is not between 0.5 and 1", "Write it like: probability: 0.8"
        )
    elif plan.probability == 1:
        yield PlanComplaint(
            "probability",
            "at 1 the next condition can be known",
            "Write it like: probability: 0.8",
            refuses=False,
        )


def _of_urn(plan: AssignmentPlan) -> Iterator[PlanComplaint]:
    if min(plan.urn) < 0 or max(plan.urn) < 1:
        yield PlanComplaint("urn", "it needs balls", "Write it like: urn: {alpha: 1, beta: 1}")


def _of_others(plan: AssignmentPlan) -> Iterator[PlanComplaint]:
    if plan.lengths and plan.method is not AssignmentMethod.BLOCKS:
        yield PlanComplaint("lengths", f"{plan.method} has no blocks", "Leave 'lengths' out.")
    if plan.factors and plan.method is not AssignmentMethod.MINIMISE:
        yield PlanComplaint(
            "factors", f"{plan.method} looks at none", "Leave 'factors' out, or write 'within'."
        )
    if not plan.method.has_places and len(set(plan.weights.values())) > 1:
        yield PlanComplaint(
            "weights",
            f"{plan.method} makes conditions equally large",
            "Leave 'weights' out, or write 'method: blocks'.",
        )
