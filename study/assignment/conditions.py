"""Conditions as an assignment knows them: names with weights, made by crossing factors and by orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final

from study.assignment.orders import name_of_order

# Between the levels of a crossed condition or stratum: "facts.small".
BETWEEN_LEVELS: Final = "."
# The one stratum of a study that has none.
WHOLE: Final = "all"


@dataclass(frozen=True)
class PlannedCondition:
    """A condition that people can be assigned to.

    Args:
        name: As the record has it, such as "facts.small" or "warm>neutral".
        weight: How many are in it for how many of the others: 2 and 1 are two of three and one of three.
        levels: Which level of each factor it is, by the factor's name; an order is the level of its factor.
        order: The levels of the within-subjects factor as they come; none where there is no such factor.
    """

    name: str
    weight: int = 1
    levels: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()


def crossed(
    factors: Mapping[str, Sequence[str]], weights: Mapping[str, int] | None = None
) -> tuple[PlannedCondition, ...]:
    """Give a condition for every level of one factor with every level of the others.

    Args:
        factors: The levels of each, as the study file lists them; the last changes fastest.
        weights: Of conditions that are not to be as large as the others, by name.
    """
    made = []
    for levels in product(*factors.values()):
        name = BETWEEN_LEVELS.join(levels)
        weight = (weights or {}).get(name, 1)
        made.append(PlannedCondition(name, weight, dict(zip(factors, levels, strict=True))))
    return tuple(made)


def with_orders(
    conditions: Sequence[PlannedCondition], factor: str, orders: Sequence[Sequence[str]]
) -> tuple[PlannedCondition, ...]:
    """Cross conditions with the orders of a within-subjects factor.

    Args:
        conditions: Those between subjects; none where the study has none.
        factor: The name of the factor within.
        orders: As `orders_of` gives them.
    """
    made = []
    for before in conditions or (PlannedCondition(""),):
        for order in orders:
            level = name_of_order(order)
            name = BETWEEN_LEVELS.join(filter(None, (before.name, level)))
            levels = {**before.levels, factor: level}
            made.append(replace(before, name=name, levels=levels, order=tuple(order)))
    return tuple(made)


def strata_of(factors: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Give the name of every stratum: a level of each factor, in the factors' order.

    Args:
        factors: What people can have answered, by the item's name; none is the one stratum "all".
    """
    return (
        tuple(BETWEEN_LEVELS.join(levels) for levels in product(*factors.values())) if factors else (WHOLE,)
    )


def stratum_of(factors: Sequence[str], answers: Mapping[str, str]) -> str:
    """Give the stratum that somebody belongs to.

    Args:
        factors: The items that make the strata, in their order.
        answers: What was answered, by the item's name.

    Raises:
        KeyError: One of them was not answered.
    """
    return BETWEEN_LEVELS.join(answers[name] for name in factors) if factors else WHOLE
