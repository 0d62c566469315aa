"""Plots that answer a question each, as Vega-Lite specifications: plain data, drawn by the page.

Each takes the very rows that stand in the table behind it, so that the two cannot differ. Colours and
type come from the page's style sheet (static/overview.js), by day and by night.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

import altair as alt

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Spec: TypeAlias = dict[str, Any]

HEIGHT: Final = 220
_BAR: Final = 28


def per_day(rows: Rows, value: str, title: str, colour: str, legend: str) -> Spec:
    """How much there was on each day, and of which kind.

    Args:
        rows: `day` as 2026-11-25, the value, and the kind.
        value: The column that is added up.
        title: Of the value, for people.
        colour: The column of the kind.
        legend: Of the kind, for people.
    """
    chart = _chart(rows).mark_bar()
    return _spec(
        chart.encode(
            # Days are written as they are: read as dates, they would move with the reader's time zone.
            x=alt.X(
                "day:O",
                title=None,
                axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=12),
                scale=alt.Scale(domain=_days(rows)),
            ),
            y=_amount(value, title),
            color=alt.Color(f"{colour}:N", title=legend, legend=alt.Legend(orient="top")),
            tooltip=[alt.Tooltip("day:N"), alt.Tooltip(f"{colour}:N"), alt.Tooltip(f"{value}:Q", format=",")],
        ),
        HEIGHT,
    )


def funnel(rows: Rows) -> Spec:
    """How many participants came how far.

    Args:
        rows: `step` and `participants`, from the first step to the last.
    """
    chart = _chart(rows).mark_bar()
    return _spec(
        chart.encode(
            x=_amount("participants", "participants", alt.X),
            y=alt.Y("step:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)),
            tooltip=[alt.Tooltip("step:N"), alt.Tooltip("participants:Q", format=",")],
        ),
        _BAR * max(len(rows), 1),
    )


def waiting(rows: Rows) -> Spec:
    """How long it took how often.

    Args:
        rows: `within` (the group, for people) and `replies`, from the shortest group to the longest.
    """
    chart = _chart(rows).mark_bar()
    return _spec(
        chart.encode(
            x=alt.X(
                "within:N",
                title=None,
                sort=None,
                axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=12),
            ),
            y=_amount("replies", "replies"),
            tooltip=[alt.Tooltip("within:N"), alt.Tooltip("replies:Q", format=",")],
        ),
        HEIGHT,
    )


def spent_of(rows: Rows, budget: float, currency: str) -> Spec:
    """What was spent and will be, beside the budget.

    Args:
        rows: `day`, `which` ("spent" or "at this pace") and `amount`, day after day.
        budget: In all.
        currency: Of both.
    """
    day = alt.X("day:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=12))
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=day,
            y=alt.Y(
                "amount:Q", title=f"{currency} since the start", axis=alt.Axis(format=",.2~f", tickCount=4)
            ),
            color=alt.Color("which:N", title=None, sort=None, legend=alt.Legend(orient="top")),
            tooltip=[alt.Tooltip("day:N"), alt.Tooltip("which:N"), alt.Tooltip("amount:Q", format=",.2f")],
        )
    )
    limit = alt.Chart().mark_rule(strokeDash=[6, 4], aria=False).encode(y=alt.datum(budget))
    return _spec(alt.layer(bars, limit, data=alt.InlineData(values=[dict(row) for row in rows])), HEIGHT)


def _days(rows: Rows) -> list[str]:
    """Every day from the first to the last: one on which nothing happened is a gap, and not left out."""
    if not rows:
        return []
    first, last = (date.fromisoformat(end(row["day"] for row in rows)) for end in (min, max))
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]


def _chart(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _amount(column: str, title: str, channel: Callable[..., Any] = alt.Y) -> Any:
    """An axis of whole numbers from zero."""
    return channel(f"{column}:Q", title=title, axis=alt.Axis(format=",d", tickMinStep=1, tickCount=4))


def _spec(chart: Any, height: int) -> Spec:
    made: Spec = chart.properties(width="container", height=height).to_dict()
    # Altair's own look would win over the page's; "$schema" is an address elsewhere that nobody needs.
    made.pop("config", None)
    made.pop("$schema", None)
    # Altair keeps the rows apart under a name, for plots that share them; here each stands alone.
    (values,) = made.pop("datasets").values()
    made["data"] = {"values": values}
    return made
