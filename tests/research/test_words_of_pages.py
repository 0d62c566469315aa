"""How pages of the room write figures."""

import pytest

from research.context import make_templates


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0, "0.00"), (1234.5, "1,234.50"), (0.5, "0.50"), (0.0312, "0.031"), (1.785e-05, "0.000018")],
)
def test_a_small_price_can_be_read(amount: float, written: str) -> None:
    """Calls cost fractions of a cent: two digits that say something, and no exponent."""
    assert make_templates().from_string("{{ amount|price }}").render(amount=amount) == written
