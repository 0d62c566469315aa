"""What the models cost, and whether the budget suffices."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.review.overview import Overview
from research.overview import charts, palette
from research.overview.plots import Plot
from study.money import Budget
from web.numbers import counted

# From this share of the budget on the page warns.
WARN_FROM: Final = 0.8
# Days, today among them, whose spending says how much a day goes.
PACE_OF: Final = 7
# The line of what will have been spent at this pace ends here, however small the pace.
_AHEAD: Final = 30


@dataclass(frozen=True)
class Spending:
    """What is spent of a budget.

    Args:
        budget: The study file's.
        spent: Of its currency, by calls that have a price.
        a_day: What went a day lately.
        until: The day on which nothing is left at this pace; None when nothing goes, or years off.
        unpriced: How many calls have no price.
        others: Currencies that are spent as well, and not compared.
    """

    budget: Budget
    spent: float
    a_day: float
    until: date | None
    unpriced: int
    others: Sequence[str]

    @property
    def share(self) -> float:
        """Of the budget; over 1 when more is spent."""
        return self.spent / self.budget.amount

    @property
    def warns(self) -> bool:
        """Whether little is left."""
        return self.share >= WARN_FROM


def costs(found: Overview) -> list[Row]:
    """Calls, tokens and cost, a row a model and currency."""
    sums: dict[tuple[str, str], Row] = {}
    for row in found.calls:
        key = row["model"], row["currency"] or ""
        into = sums.setdefault(key, {"model": row["model"], "currency": row["currency"], "cost": None})
        for name in ("calls", "failed", "input_tokens", "output_tokens", "priced"):
            into[name] = into.get(name, 0) + row[name]
        if row["cost"] is not None:
            into["cost"] = (into["cost"] or 0) + row["cost"]
    return [sums[key] for key in sorted(sums)]


def spending(found: Overview, budget: Budget | None) -> Spending | None:
    """Compare; None without a budget."""
    if budget is None:
        return None
    by_day = _by_day(found, budget.currency)
    spent = sum(by_day.values())
    a_day = _pace(by_day, found.at)
    left = budget.amount - spent
    # Ten years are no forecast.
    lasts = left / a_day if a_day > 0 and left > 0 else None
    return Spending(
        budget=budget,
        spent=spent,
        a_day=a_day,
        until=(found.at + timedelta(days=lasts)).date() if lasts is not None and lasts < 3650 else None,
        unpriced=sum(row["calls"] - row["priced"] for row in found.calls),
        others=sorted({row["currency"] for row in found.calls if row["currency"]} - {budget.currency}),
    )


def budget_plot(found: Overview, spent: Spending) -> Plot:
    """Day by day what was spent, and what will be at this pace."""
    rows = _rows(found, spent)
    currency = spent.budget.currency
    return Plot(
        "budget",
        "Does the budget suffice?",
        _answer(spent),
        {"day": "Day (UTC)", "which": "Which", "amount": f"{currency} since the start"},
        rows,
        charts.spent_of(rows, spent.budget.amount, currency, palette.SPENT),
    )


def _answer(spent: Spending) -> str:
    currency = spent.budget.currency
    said = f"{spent.spent:,.2f} of {spent.budget.amount:,.2f} {currency} are spent ({spent.share:.0%})"
    if spent.share >= 1:
        return f"{said}: nothing is left. Models are still called; a limit at the provider would stop them."
    if spent.a_day == 0:
        return f"{said}; nothing in the last {counted(PACE_OF, 'day')}."
    said = f"{said}; {_small(spent.a_day)} {currency} a day lately"
    if spent.until is None:
        return f"{said}, so that the rest lasts for years."
    return f"{said}, so that the rest lasts until about {spent.until.day} {spent.until:%B %Y}."


def _small(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 0.01 else "less than 0.01"


def _rows(found: Overview, spent: Spending) -> list[dict[str, Any]]:
    by_day = _by_day(found, spent.budget.currency)
    if not by_day:
        return []
    today, total = found.at.date(), 0.0
    first = date.fromisoformat(min(by_day))
    rows: list[dict[str, Any]] = []
    for number in range((max(today, date.fromisoformat(max(by_day))) - first).days + 1):
        day = (first + timedelta(days=number)).isoformat()
        total += by_day.get(day, 0)
        rows.append({"day": day, "which": "spent", "amount": round(total, 4)})
    if spent.a_day > 0 and not spent.share >= 1:
        last = date.fromisoformat(rows[-1]["day"])
        ahead = _AHEAD if spent.until is None else min(_AHEAD, (spent.until - last).days)
        for number in range(1, ahead + 1):
            amount = min(spent.spent + number * spent.a_day, spent.budget.amount)
            day = (last + timedelta(days=number)).isoformat()
            rows.append({"day": day, "which": "at this pace", "amount": round(amount, 4)})
    return rows


def _pace(by_day: dict[str, float], now: datetime) -> float:
    """A day's spending, of the last days; of as much of today as has passed."""
    if not by_day:
        return 0.0
    begin = max(date.fromisoformat(min(by_day)), now.date() - timedelta(days=PACE_OF - 1))
    lately = sum(cost for day, cost in by_day.items() if day >= begin.isoformat())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (now.date() - begin).days + (now - midnight) / timedelta(days=1)
    # Of the first hours no day can be told.
    return lately / max(passed, 1.0)


def _by_day(found: Overview, currency: str) -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    for row in found.calls:
        if row["currency"] == currency and row["cost"] is not None:
            spent[row["day"]] += row["cost"]
    return spent
