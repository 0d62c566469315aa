"""Two searches in one order: by the places that each gives a result, not by scores, which do not compare."""

from collections.abc import Hashable, Sequence
from typing import Final, TypeVar

K = TypeVar("K", bound=Hashable)

# Cormack, Clarke and Buettcher (2009), "Reciprocal Rank Fusion outperforms Condorcet and individual rank
# learning methods": how little the first places count for more than those behind them.
_EVEN: Final = 60


def fused(*rankings: Sequence[K]) -> list[K]:
    """Results of several searches, each once.

    Args:
        rankings: Of each, its results, the best first.

    Returns:
        The best first: those that several found, and found early. Between equals, as the first search has it.
    """
    scores: dict[K, float] = {}
    for ranking in rankings:
        for place, one in enumerate(dict.fromkeys(ranking), start=1):
            scores[one] = scores.get(one, 0.0) + 1 / (_EVEN + place)
    return sorted(scores, key=lambda one: -scores[one])
