"""Whether people left more often in one condition: the test's numbers, and what a person reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.assignment import dropout_by_condition
from study.assignment.dropout import (
    CHI_SQUARE,
    EXACT,
    MOST_TABLES,
    chi_square_above,
    chi_square_p,
    exact_p,
    number_of_tables,
)

# R 4.2.2: chisq.test(cbind(10:15, 90:85), correct = FALSE)
RS_CHI_SQUARE = 0.9012493
TEA = [(3, 4), (1, 4)]


def test_the_lady_tasting_tea() -> None:
    """R. A. Fisher, The Design of Experiments, 1935: 3 of 4 cups right; two-sided 34 of 70."""
    assert exact_p(TEA) * 70 == 34


@pytest.mark.parametrize(
    ("statistic", "degrees", "p"),
    [
        # Fisher & Yates, Statistical Tables, table IV: the 5, 1 and 0.1 % points.
        (3.841, 1, 0.05),
        (6.635, 1, 0.01),
        (10.827, 1, 0.001),
        (5.991, 2, 0.05),
        (9.210, 2, 0.01),
        (7.815, 3, 0.05),
        (16.268, 3, 0.001),
        (9.488, 4, 0.05),
        (18.307, 10, 0.05),
        (43.773, 30, 0.05),
    ],
)
def test_chi_square_is_that_of_the_tables(statistic: float, degrees: int, p: float) -> None:
    """To the tables' three decimal places."""
    assert chi_square_above(statistic, degrees) == pytest.approx(p, rel=2e-3)


@pytest.mark.parametrize("degrees", range(1, 12))
def test_chi_square_ends_at_one_and_nothing(degrees: int) -> None:
    """At 0 all of it is above, far out nothing; and no number is too large to be reckoned."""
    assert chi_square_above(0, degrees) == 1
    assert chi_square_above(1e-12, degrees) == pytest.approx(1, abs=1e-5)
    assert chi_square_above(1e5, degrees) == 0
    values = [chi_square_above(x / 4, degrees) for x in range(200)]
    assert values == sorted(values, reverse=True)


PAIRS = st.lists(
    st.integers(1, 9).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), min_size=2, max_size=4
)


@given(PAIRS)
def test_the_exact_test_is_a_probability_whichever_way_it_is_read(pairs: list[tuple[int, int]]) -> None:
    """It is above 0 and at most 1, and the same for those who stayed and in any order of the conditions."""
    p = exact_p(pairs)
    assert 0 < p <= 1
    assert p == exact_p([(of - gone, of) for gone, of in pairs]) == exact_p(pairs[::-1])


@given(PAIRS)
def test_tables_are_counted(pairs: list[tuple[int, int]]) -> None:
    """As many as there are when they are listed."""
    listed = {0: 1}
    for _, of in pairs:
        more: dict[int, int] = {}
        for total, ways in listed.items():
            for gone in range(of + 1):
                more[total + gone] = more.get(total + gone, 0) + ways
        listed = more
    assert number_of_tables(pairs) == listed[sum(gone for gone, _ in pairs)]


def test_a_difference_is_said() -> None:
    """Which condition, with each one's numbers, the test, and what it means for the comparison."""
    found = dropout_by_condition({"small": (4, 40), "large": (16, 40)})
    assert found.test == EXACT
    assert found.p == pytest.approx(
        0.0037985600, rel=1e-7
    )  # R 4.2.2: fisher.test(rbind(c(4, 36), c(16, 24)))
    assert found.sentence == (
        "People left more often in large than elsewhere: small 4 of 40 (10%), large 16 of 40 (40%). "
        "Differences like these seldom come by chance (p = 0.004, Fisher's exact test): who stayed may "
        "differ between conditions, and equal groups do not mend that."
    )


def test_the_share_counts_and_not_the_number() -> None:
    """Ten of twelve are more than twenty of two hundred."""
    assert "more often in few than" in dropout_by_condition({"many": (20, 200), "few": (10, 12)}).sentence


def test_no_difference_is_no_proof() -> None:
    """And that is said as well."""
    found = dropout_by_condition({"a": (3, 20), "b": (4, 21)})
    assert found.sentence == (
        "People left about as often in each condition: a 3 of 20 (15%), b 4 of 21 (19%). Differences like "
        "these come by chance (p = 1.000, Fisher's exact test); with few people a real one may not show."
    )


def test_where_tables_are_too_many_it_is_chi_square() -> None:
    """Six conditions of a hundred; a very small p is said to be below, a small condition makes it rough."""
    counts = {f"c{at}": (10 + at, 100) for at in range(6)}
    assert number_of_tables(list(counts.values())) > MOST_TABLES
    found = dropout_by_condition(counts)
    assert found.test == CHI_SQUARE
    assert found.p == chi_square_p(list(counts.values())) == pytest.approx(RS_CHI_SQUARE, abs=1e-7)
    assert "p = 0.901, chi-square test)" in found.sentence
    steep = dropout_by_condition({f"c{at}": (5 + 12 * at, 100) for at in range(6)})
    assert "in c5 than" in steep.sentence
    assert "(p < 0.001, chi-square test)" in steep.sentence
    rough = dropout_by_condition(counts | {"c9": (1, 6)})
    assert "chi-square test, rough because a condition is small)" in rough.sentence


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "Nobody has left."),
        ({"a": (0, 9), "b": (0, 7)}, "Nobody has left."),
        ({"a": (9, 9), "b": (7, 7)}, "Everybody has left."),
        ({"a": (3, 9)}, "There is nothing to compare yet."),
        ({"a": (3, 9), "b": (0, 0)}, "There is nothing to compare yet."),
    ],
)
def test_nothing_to_compare_is_said(counts: dict[str, tuple[int, int]], sentence: str) -> None:
    """Before anybody has ended, and where all did the same."""
    found = dropout_by_condition(counts)
    assert (found.p, found.test, found.sentence) == (None, "", sentence)
