"""What a comparison of two groups finds, by the normal approximation.

With n in each group and a true difference of d standard deviations, a two-sided test at level alpha finds it
with the probability Phi(d * sqrt(n / 2) - z(1 - alpha / 2)); the other tail is left out. The smallest d that
is found with probability p is (z(1 - alpha / 2) + z(p)) * sqrt(2 / n). See Cohen (1988), Statistical Power
Analysis for the Behavioral Sciences, chapter 2.
"""

from math import sqrt
from statistics import NormalDist
from typing import Final

ALPHA: Final = 0.05
WANTED: Final = 0.8
FORMULA: Final = "Φ(d · √(n/2) − z(1 − α/2)), two-sided, α = 0.05, n in each of two groups"
_NORMAL: Final = NormalDist()
_Z: Final = _NORMAL.inv_cdf(1 - ALPHA / 2)


def power(n: int, d: float) -> float:
    """How likely a difference is found.

    Args:
        n: In each group.
        d: The difference in standard deviations.
    """
    return _NORMAL.cdf(d * sqrt(n / 2) - _Z)


def smallest_found(n: int) -> float:
    """The difference that is found in four of five studies of this size, in standard deviations.

    Args:
        n: In each group.
    """
    return (_Z + _NORMAL.inv_cdf(WANTED)) * sqrt(2 / n)
