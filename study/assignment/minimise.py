"""Minimisation: the condition after which the groups would differ least is the likeliest.

D. R. Taves (Clinical Pharmacology & Therapeutics 15, 1974, 443-453) always took it; S. J. Pocock & R. Simon
(Biometrics 31, 1975, 103-115) take it with a probability below 1, so that nobody can know the next. The
measure here is theirs: for each factor, among those with the newcomer's level, the range between the largest
and the smallest condition, as it would be with the newcomer; the ranges, times the factors' weights, are
added up.

The next condition depends on who came before, so that no list can be made ahead: the ledger keeps what each
draw was made from.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from study.assignment.draws import below, coin


def imbalance_with(
    condition: str,
    conditions: Sequence[str],
    counts: Mapping[str, Mapping[str, int]],
    weights: Mapping[str, Fraction],
) -> Fraction:
    """Say how much the groups would differ with the newcomer in a condition.

    Args:
        condition: The one that is tried.
        conditions: All that are compared.
        counts: For each factor, how many of the newcomer's level each condition has.
        weights: Of the factors.
    """
    total = Fraction(0)
    for factor, weight in weights.items():
        would = [counts[factor].get(one, 0) + (one == condition) for one in conditions]
        total += weight * (max(would) - min(would))
    return total


def minimise(
    conditions: Sequence[str],
    counts: Mapping[str, Mapping[str, int]],
    weights: Mapping[str, Fraction],
    probability: Fraction,
    words: Iterator[int],
) -> tuple[str, str]:
    """Draw the newcomer's condition.

    Of several that are best one is preferred by a draw. It is taken with the probability; each of the others
    shares in the rest equally.

    Args:
        conditions: Those that still take people, in the plan's order.
        counts: For each factor, how many of the newcomer's level each condition has.
        weights: Of the factors.
        probability: Of the preferred condition.
        words: Where to draw from.

    Returns:
        The condition, and what was drawn.
    """
    scores = {one: imbalance_with(one, conditions, counts, weights) for one in conditions}
    least = min(scores.values())
    best = [one for one in conditions if scores[one] == least]
    drawn = [f"tie {(place := below(len(best), words))}/{len(best)}"]
    preferred = best[place]
    others = [one for one in conditions if one != preferred]
    if not others:
        return preferred, drawn[0]
    taken, tossed = coin(probability, words)
    drawn.append(f"coin {tossed}")
    if taken:
        return preferred, ", ".join(drawn)
    place = below(len(others), words)
    return others[place], ", ".join((*drawn, f"other {place}/{len(others)}"))
