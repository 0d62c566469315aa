"""Plots that answer a question each, as Vega-Lite specifications: plain data, drawn by the page.

Each takes the very rows that stand in the table behind it, so that the two cannot differ. Colours are named
(research/overview/palette.py); they and type come from the page's style sheet, by day and by night.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import altair as alt


class _Late:
    """Altair, loaded with the first plot: a twentieth of the server's start, which most starts never need."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module("altair"), name)


if not TYPE_CHECKING:
    alt = _Late()

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Spec: TypeAlias = dict[str, Any]

HEIGHT: Final = 220
_BAR: Final = 28
# A longer stretch of days without anything is drawn as one gap, and says how long it was.
GAP: Final = 14
_GAP: Final = "gap "
# A gap's place on the axis is called by its first day, for there may be two of one length.
_LABEL: Final = f"slice(datum.value, 0, {len(_GAP)}) == '{_GAP}' ? '⋯' : datum.value"


def warm_up() -> None:
    """Load what draws. To be called in a thread before the first plot: it takes some tenths of a second."""
    import_module("altair")


def per_day(rows: Rows, value: str, title: str, colour: str, legend: str, colours: Mapping[str, str]) -> Spec:
    """How much there was on each day, and of which kind.

    Args:
        rows: `day` as 2026-11-25, the value, and the kind.
        value: The column that is added up.
        title: Of the value, for people.
        colour: The column of the kind.
        legend: Of the kind, for people.
        colours: Of each kind, its colour's name.
    """
    kinds = [kind for kind in colours if any(row[colour] == kind for row in rows)]
    days = _days(rows)
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            # Days are written as they are: read as dates, they would move with the reader's time zone.
            x=alt.X(
                "day:O",
                title=None,
                axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=12, labelExpr=_LABEL),
                scale=alt.Scale(domain=days),
            ),
            y=_amount(value, title),
            color=_coloured(colour, legend, kinds, colours),
            tooltip=[
                alt.Tooltip("day:N", title="Day (UTC)"),
                alt.Tooltip(f"{colour}:N", title=legend),
                alt.Tooltip(f"{value}:Q", title=title.capitalize(), format=","),
            ],
        )
    )
    gaps = [_named_gap(day) for day in days if day.startswith(_GAP)]
    return _spec(_layered(rows, bars, *gaps), HEIGHT)


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
            tooltip=[
                alt.Tooltip("step:N", title="Step"),
                alt.Tooltip("participants:Q", title="Participants", format=","),
            ],
        ),
        _BAR * max(len(rows), 1),
    )


def wanted(rows: Rows, colours: Mapping[str, str]) -> Spec:
    """What became of what participants wanted done.

    Args:
        rows: `intent`, `state` and `intents`.
        colours: Of each state, its colour's name.
    """
    kinds = [kind for kind in colours if any(row["state"] == kind for row in rows)]
    chart = _chart(rows).mark_bar()
    return _spec(
        chart.encode(
            x=_amount("intents", "intents", alt.X),
            y=alt.Y("intent:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)),
            color=_coloured("state", "How it stands", kinds, colours),
            tooltip=[
                alt.Tooltip("intent:N", title="Intent"),
                alt.Tooltip("state:N", title="How it stands"),
                alt.Tooltip("intents:Q", title="Intents", format=","),
            ],
        ),
        _BAR * max(len({row["intent"] for row in rows}), 1),
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
            tooltip=[
                alt.Tooltip("within:N", title="Time"),
                alt.Tooltip("replies:Q", title="Replies", format=","),
            ],
        ),
        HEIGHT,
    )


def spent_of(rows: Rows, budget: float, currency: str, colours: Mapping[str, str]) -> Spec:
    """What was spent and will be, beside the budget.

    Args:
        rows: `day`, `which` ("spent" or "at this pace") and `amount`, day after day.
        budget: In all.
        currency: Of both.
        colours: Of both kinds, its colour's name.
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
            color=_coloured("which", None, list(colours), colours),
            tooltip=[
                alt.Tooltip("day:N", title="Day (UTC)"),
                alt.Tooltip("which:N", title="Which"),
                alt.Tooltip("amount:Q", title=f"{currency} since the start", format=",.2f"),
            ],
        )
    )
    limit = alt.Chart().mark_rule(strokeDash=[6, 4], aria=False).encode(y=alt.datum(budget))
    return _spec(_layered(rows, bars, limit), HEIGHT)


def _days(rows: Rows) -> list[str]:
    """Every day from the first to the last; a long stretch without anything is one gap.

    A visit months after a study would else press all days of it into a corner.
    """
    happened = sorted({date.fromisoformat(row["day"]) for row in rows})
    days: list[str] = []
    for day in happened:
        before = date.fromisoformat(days[-1]) if days else day
        between = [before + timedelta(days=number) for number in range(1, (day - before).days)]
        if len(between) > GAP:
            days.append(f"{_GAP}{between[0]} {len(between)}")
        else:
            days.extend(one.isoformat() for one in between)
        days.append(day.isoformat())
    return days


def _named_gap(day: str) -> "alt.Chart":
    """How long a gap was, written up along its place."""
    _, first, count = day.split(" ")
    words = f"{count} days without any, from {first}"
    mark = alt.Chart().mark_text(text=words, angle=270, aria=False, fontSize=11)
    placed: alt.Chart = mark.encode(x=alt.datum(day), y=alt.value(HEIGHT / 2))
    return placed


def _layered(rows: Rows, *layers: "alt.Chart") -> Any:
    return alt.layer(*layers, data=alt.InlineData(values=[dict(row) for row in rows]))


def _coloured(column: str, legend: str | None, kinds: Sequence[str], colours: Mapping[str, str]) -> Any:
    return alt.Color(
        f"{column}:N",
        title=legend,
        sort=None,
        legend=alt.Legend(orient="top"),
        scale=alt.Scale(domain=list(kinds), range=[colours[kind] for kind in kinds]),
    )


def _chart(rows: Rows) -> "alt.Chart":
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _amount(column: str, title: str, channel: Callable[..., Any] | None = None) -> Any:
    """An axis of whole numbers from zero."""
    return (channel or alt.Y)(
        f"{column}:Q", title=title, axis=alt.Axis(format=",d", tickMinStep=1, tickCount=4)
    )


def _spec(chart: Any, height: int) -> Spec:
    made: Spec = chart.properties(width="container", height=height).to_dict()
    # Altair's own look would win over the page's; "$schema" is an address elsewhere that nobody needs.
    made.pop("config", None)
    made.pop("$schema", None)
    # Altair keeps the rows apart under a name, for plots that share them; here each stands alone.
    (values,) = made.pop("datasets").values()
    made["data"] = {"values": values}
    return made
