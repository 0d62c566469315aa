"""What an answer costs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Usage
from agent.pricing import PriceTable, load_prices, parse_prices
from study.errors import SettingsError

TABLE = """
currency: EUR
models:
  big: {input: 2.0, cached: 0.5, output: 8.0}
  small: {input: 1, output: 2}
"""


def table() -> PriceTable:
    """Return a table of two models."""
    return parse_prices(TABLE, "prices.yaml")


def test_tokens_times_price_per_million() -> None:
    """1,000 tokens in and 100 out at 1 and 2 a million."""
    assert table().cost(Usage(1_000, 100), "small") == pytest.approx(0.0012)
    assert table().currency == "EUR"


def test_cached_tokens_have_their_own_price() -> None:
    """They are among the input tokens, and cheaper."""
    assert table().cost(Usage(1_000_000, 0, cached_tokens=400_000), "big") == pytest.approx(1.2 + 0.2)


def test_cached_tokens_without_a_price_cost_as_input() -> None:
    """No price of their own: nothing is taken off."""
    assert table().cost(Usage(1_000_000, 0, cached_tokens=400_000), "small") == pytest.approx(1.0)


def test_the_first_known_model_counts() -> None:
    """The served model's price, else the requested one's."""
    usage = Usage(1_000_000, 0)
    assert table().cost(usage, "big", "small") == pytest.approx(2.0)
    assert table().cost(usage, "big-2026-11-01", "small") == pytest.approx(1.0)
    assert table().cost(usage, None, "small") == pytest.approx(1.0)


@pytest.mark.parametrize("usage", [Usage(), Usage(1, None), Usage(None, 1)])
def test_unknown_tokens_have_no_cost(usage: Usage) -> None:
    """Not 0: unknown."""
    assert table().cost(usage, "big") is None


def test_an_unknown_model_has_no_cost() -> None:
    """Not 0: unknown. Nor has any in an empty table."""
    assert table().cost(Usage(1, 1), "other", None) is None
    assert load_prices(None).cost(Usage(1, 1), "big") is None


@given(*[st.integers(0, 10**9)] * 3)
def test_a_cost_is_never_negative(sent: int, received: int, cached: int) -> None:
    """Not even when a server counts more cached tokens than it was sent."""
    cost = table().cost(Usage(sent, received, cached), "big")
    assert cost is not None
    assert cost >= 0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1"),
        ("models: {a: {input: -1, output: 2}}", "models.a.input"),
        ("models: {a: {input: 1}}", "models.a.output"),
        ("models: {a: {input: '1', output: 2}}", "models.a.input"),
        ("models: {a: {input: .inf, output: 2}}", "models.a.input"),
        ("models: {a: {input: 1, output: 2, outptu: 3}}", "outptu"),
        ("models:\n  a: {input: 1, output: 2}\n  a: {input: 2, output: 2}", "line 3"),
        ("currency: euro\nmodels: {}", "line 1, currency"),
        ("models: [", "not YAML"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(text: str, place: str) -> None:
    """The message names the setting, the file, the place, and how to write it."""
    with pytest.raises(SettingsError) as raised:
        parse_prices(text, "prices.yaml")
    assert "VERBATIM_PRICES" in str(raised.value)
    assert place in str(raised.value)


def test_a_table_is_read_from_its_file(tmp_path: Path) -> None:
    """UTF-8, with or without a byte order mark."""
    path = tmp_path / "prices.yaml"
    path.write_text("\ufeff" + TABLE, encoding="utf-8")
    assert load_prices(path) == table()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the setting and the repair."""
    with pytest.raises(SettingsError, match=r"VERBATIM_PRICES.*gone\.yaml.*Give the path"):
        load_prices(tmp_path / "gone.yaml")
