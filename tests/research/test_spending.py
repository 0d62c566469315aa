"""What is spent of a budget, and what is said of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from research.overview.spending import Spending, budget_plot, costs, spending
from study.money import Budget
from tests.research.test_overview import found

BUDGET = Budget(amount=50, currency="USD")


def called(day: str, cost: float | None, **columns: Any) -> dict[str, Any]:
    """Calls of a day."""
    row = {"model": "small", "currency": "USD" if cost is not None else None, "calls": 10, "failed": 1}
    tokens = {"input_tokens": 100, "output_tokens": 20, "priced": 10 if cost is not None else 0}
    return row | tokens | {"day": day, "cost": cost} | columns


def spent(*calls: dict[str, Any], at: str = "2026-11-25T12:00:00", budget: Budget = BUDGET) -> Spending:
    """Of a budget."""
    made = spending(found(calls=list(calls), at=datetime.fromisoformat(at).replace(tzinfo=UTC)), budget)
    assert made is not None
    return made


def test_without_a_budget_nothing_is_compared() -> None:
    """None is guessed."""
    assert spending(found(), None) is None


def test_the_pace_is_that_of_the_last_seven_days() -> None:
    """Of today as much as has passed counts; what was spent before counts as spent."""
    made = spent(called("2026-11-01", 10.0), called("2026-11-19", 6.5), called("2026-11-25", 6.5))
    assert (made.spent, made.a_day) == (23.0, 2.0)
    assert made.until == date(2026, 12, 9)
    assert made.share == 0.46
    assert not made.warns


def test_a_first_morning_is_no_day() -> None:
    """What went in an hour is not multiplied by 24."""
    made = spent(called("2026-11-25", 3.0), at="2026-11-25T01:00:00")
    assert made.a_day == 3.0


@pytest.mark.parametrize(("cost", "warns"), [(39.9, False), (40.0, True), (50.0, True), (70.0, True)])
def test_it_warns_from_80_percent(cost: float, warns: bool) -> None:
    """And goes on when all is spent."""
    assert spent(called("2026-11-25", cost)).warns is warns


def test_other_currencies_and_calls_without_a_price_are_told() -> None:
    """Neither is added up with the budget's currency."""
    made = spent(
        called("2026-11-25", 2.0), called("2026-11-25", 9.0, currency="EUR"), called("2026-11-25", None)
    )
    assert (made.spent, made.others, made.unpriced) == (2.0, ["EUR"], 10)


def test_the_plot_adds_up_day_by_day_and_looks_ahead() -> None:
    """A day without calls keeps its height; the look ahead ends at the budget."""
    calls = [called("2026-11-23", 10.0), called("2026-11-25", 15.0)]
    some = found(calls=calls, at=datetime(2026, 11, 25, 12, tzinfo=UTC))
    made = spending(some, BUDGET)
    assert made is not None
    plot = budget_plot(some, made)
    assert [(row["day"], row["which"], row["amount"]) for row in plot.rows] == [
        ("2026-11-23", "spent", 10.0),
        ("2026-11-24", "spent", 10.0),
        ("2026-11-25", "spent", 25.0),
        ("2026-11-26", "at this pace", 35.0),
        ("2026-11-27", "at this pace", 45.0),
        ("2026-11-28", "at this pace", 50.0),
    ]
    assert plot.spec["data"]["values"] == plot.rows
    assert "http" not in str(plot.spec)
    assert "25.00 of 50.00 USD are spent (50%); 10.00 USD a day lately" in plot.answer


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ([], "0.00 of 50.00 USD are spent (0%); nothing in the last 7 days."),
        ([called("2026-11-01", 60.0)], "nothing is left"),
        ([called("2026-11-25", 0.001)], "so that the rest lasts for years."),
        ([called("2026-11-25", 25.0)], "so that the rest lasts until about 26 November 2026."),
    ],
)
def test_the_answer_is_a_sentence(calls: list[dict[str, Any]], said: str) -> None:
    """Whatever is spent."""
    some = found(calls=calls, at=datetime(2026, 11, 25, 12, tzinfo=UTC))
    made = spending(some, BUDGET)
    assert made is not None
    assert said in budget_plot(some, made).answer


def test_costs_are_of_a_model_and_a_currency() -> None:
    """Over all days; a model without a price has none, and not zero."""
    some = found(
        calls=[
            called("2026-11-24", 1.0),
            called("2026-11-25", 2.0),
            called("2026-11-25", 4.0, currency="EUR"),
            called("2026-11-25", None, model="free"),
        ]
    )
    assert [(row["model"], row["currency"], row["calls"], row["cost"]) for row in costs(some)] == [
        ("free", None, 10, None),
        ("small", "EUR", 10, 4.0),
        ("small", "USD", 20, 3.0),
    ]
