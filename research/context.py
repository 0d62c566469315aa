"""What the pages of the room stand on."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from data_layer.record import Record
from research.figures import counted
from research.markdown import drawn
from research.spans import span
from research.streams import Streams
from research.throttle import Throttle
from study.loader import LoadedStudy

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"


def _when(moment: datetime | None) -> str | Markup:
    """A moment for people, with the exact one behind it."""
    if moment is None:
        return "–"
    utc = moment.astimezone(UTC)
    return _time(utc, f"{utc.day} {utc:%b %Y, %H:%M}")


def _clock(moment: datetime) -> Markup:
    """A moment of a day that is named before it."""
    utc = moment.astimezone(UTC)
    return _time(utc, utc.isoformat(timespec="seconds")[11:19])


def _time(utc: datetime, shown: str) -> Markup:
    exact = utc.isoformat(timespec="milliseconds")
    # Nothing here needs escaping, and a thread has thousands of moments.
    return Markup(f'<time datetime="{exact}" title="{exact[:-6]} UTC">{shown}</time>')  # noqa: S704


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def _price(value: float) -> str:
    """An amount with two digits that say something, however small: calls cost fractions of a cent."""
    digits = 2 if not value or abs(value) >= 1 else max(2, 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def make_templates() -> Environment:
    """The templates: escaping, and refusing a name that nobody gave."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    made.filters |= {"when": _when, "clock": _clock, "span": span, "number": _number, "counted": counted}
    made.filters |= {"markdown": drawn, "price": _price}
    return made


@dataclass(frozen=True)
class Room:
    """What the pages of the room stand on.

    Args:
        record: What is kept.
        study: Which study.
        throttle: How often somebody may try to come in.
        templates: Of the pages.
        streams: Which end when the server does.
    """

    record: Record
    study: LoadedStudy
    throttle: Throttle
    templates: Environment = field(default_factory=make_templates)
    streams: Streams = field(default_factory=Streams)
