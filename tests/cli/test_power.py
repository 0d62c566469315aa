"""The power that a pilot reports, against tables."""

import pytest

from commands.piloting.power import power, smallest_found


@pytest.mark.parametrize(
    ("n", "d", "published"),
    # Cohen (1988), table 2.3.5 (two-tailed, alpha .05), which is of t: the normal's are a little larger.
    [(64, 0.5, 0.80), (393, 0.2, 0.80), (26, 0.8, 0.80), (100, 0.5, 0.94), (50, 0.2, 0.17)],
)
def test_power_agrees_with_the_tables(n: int, d: float, published: float) -> None:
    """To three hundredths, in the smallest groups."""
    assert power(n, d) == pytest.approx(published, abs=0.03)


def test_the_smallest_difference_is_found_in_four_of_five() -> None:
    """The two formulas are each other's inverse."""
    assert power(100, smallest_found(100)) == pytest.approx(0.8, abs=1e-9)
