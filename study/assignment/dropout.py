"""Whether people left more often in one condition than in another: a test, and a sentence.

Places that are taken again make the groups equally large; they cannot make them alike where one condition
drives people away (H. Zhou & A. Fishbach, Journal of Personality and Social Psychology 111, 2016, 493-504).
So this stands wherever the groups' sizes do.

The test is Fisher's exact one, for more than two conditions as G. H. Freeman & J. H. Halton have it
(Biometrika 38, 1951, 141-149): every table with these margins is weighed. Where there are too many tables it
is Pearson's chi-square without a correction.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

# Tables that are weighed at most: some 50 ms, for a page that shows this anew every few seconds.
MOST_TABLES: Final = 20_000
EXACT: Final = "Fisher's exact test"
CHI_SQUARE: Final = "chi-square test"
UNLIKELY: Final = 0.05
# Expected numbers below this make chi-square a rough one (W. G. Cochran, Biometrics 10, 1954, 417-451).
_EXPECTED: Final = 5


@dataclass(frozen=True)
class Dropout:
    """Who left, by condition.

    Args:
        counts: How many left, of how many who are no longer inside.
        p: How likely differences as large as these are by chance; None where there is nothing to compare.
        test: Which test says so; "" where there is none.
        sentence: All of it, for a person.
    """

    counts: Mapping[str, tuple[int, int]]
    p: float | None
    test: str
    sentence: str


def dropout_by_condition(counts: Mapping[str, tuple[int, int]]) -> Dropout:
    """Compare how many left.

    Args:
        counts: By condition, how many left, of how many who are no longer inside; those who have not ended
            yet are in neither (LedgerState.dropout gives it so).
    """
    compared = {name: pair for name, pair in counts.items() if pair[1]}
    left = sum(gone for gone, _ in compared.values())
    whole = sum(of for _, of in compared.values())
    if len(compared) < 2 or left in (0, whole):
        told = "Nobody has left." if not left else "There is nothing to compare yet."
        return Dropout(counts, None, "", told if left != whole or not whole else "Everybody has left.")
    pairs = list(compared.values())
    if number_of_tables(pairs) <= MOST_TABLES:
        test, p = EXACT, float(exact_p(pairs))
    else:
        test, p = CHI_SQUARE, chi_square_p(pairs)
    return Dropout(counts, p, test, _sentence(compared, p, test))


def exact_p(pairs: Sequence[tuple[int, int]]) -> Fraction:
    """Give the probability of a table no likelier than this one, among all with its margins.

    It is reckoned in whole numbers: what is as likely as this table is told from what is nearly so.

    Args:
        pairs: How many left, of how many, for each condition.
    """
    left = sum(gone for gone, _ in pairs)
    sizes = [of for _, of in pairs]
    own = math.prod(math.comb(of, gone) for gone, of in pairs)
    no_likelier = sum(ways for ways in _ways(sizes, left) if ways <= own)
    return Fraction(no_likelier, math.comb(sum(sizes), left))


def chi_square_p(pairs: Sequence[tuple[int, int]]) -> float:
    """Give the probability of Pearson's chi-square of a table, or more.

    Args:
        pairs: How many left, of how many, for each condition; some left and some stayed.
    """
    left, whole = sum(gone for gone, _ in pairs), sum(of for _, of in pairs)
    share = left / whole
    # Both columns of a row are as far from what is expected.
    statistic = sum((gone - of * share) ** 2 / (of * share * (1 - share)) for gone, of in pairs)
    return chi_square_above(statistic, len(pairs) - 1)


def chi_square_above(statistic: float, degrees: int) -> float:
    """Give the probability that a chi-square is at least so large.

    For whole degrees of freedom it is a finite sum (M. Abramowitz & I. A. Stegun, Handbook of Mathematical
    Functions, 1964, 26.4.4 and 26.4.5).

    Args:
        statistic: The value, 0 or more.
        degrees: Of freedom, 1 or more.
    """
    half = statistic / 2
    if half == 0:
        return 1.0
    # Powers by their logarithms: of a large statistic they would be beyond what a float holds.
    start = 1.0 if degrees % 2 else 0.0
    powers = (start / 2 + step for step in range(degrees // 2))
    terms = (math.exp(power * math.log(half) - half - math.lgamma(power + 1)) for power in powers)
    return min(1.0, math.fsum(terms) + (math.erfc(math.sqrt(half)) if degrees % 2 else 0.0))


def number_of_tables(pairs: Sequence[tuple[int, int]]) -> int:
    """Count the tables with the margins of this one.

    Args:
        pairs: How many left, of how many, for each condition.
    """
    left = sum(gone for gone, _ in pairs)
    ways = [1] + [0] * left
    for _, of in pairs:
        reached = 0
        summed = [reached := reached + one for one in ways]
        ways = [summed[at] - (summed[at - of - 1] if at > of else 0) for at in range(left + 1)]
    return ways[left]


def _ways(sizes: Sequence[int], left: int) -> Iterator[int]:
    """In how many ways people can have left, for each table."""
    if len(sizes) == 1:
        yield math.comb(sizes[0], left)
        return
    others = sum(sizes[1:])
    for gone in range(max(0, left - others), min(sizes[0], left) + 1):
        here = math.comb(sizes[0], gone)
        for there in _ways(sizes[1:], left - gone):
            yield here * there


def _sentence(counts: Mapping[str, tuple[int, int]], p: float, test: str) -> str:
    shares = {name: gone / of for name, (gone, of) in counts.items()}
    each = ", ".join(f"{name} {gone} of {of} ({gone / of:.0%})" for name, (gone, of) in counts.items())
    chance = f"p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}, {test}"
    if test == CHI_SQUARE and _smallest_expected(list(counts.values())) < _EXPECTED:
        chance += ", rough because a condition is small"
    if p >= UNLIKELY:
        return (
            f"People left about as often in each condition: {each}. Differences like these come by chance "
            f"({chance}); with few people a real one may not show."
        )
    most = max(shares, key=shares.__getitem__)
    return (
        f"People left more often in {most} than elsewhere: {each}. Differences like these seldom come by "
        f"chance ({chance}): who stayed may differ between conditions, and equal groups do not mend that."
    )


def _smallest_expected(pairs: Sequence[tuple[int, int]]) -> float:
    left, whole = sum(gone for gone, _ in pairs), sum(of for _, of in pairs)
    smallest: int = min(of for _, of in pairs)
    return smallest * min(left, whole - left) / whole
