"""What the pages of the room stand on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from data_layer.record import Record
from research.throttle import Throttle
from study.loader import LoadedStudy

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"


def _when(moment: datetime | None) -> str | Markup:
    """A moment for people, with the exact one behind it."""
    if moment is None:
        return "–"
    utc = moment.astimezone(UTC)
    exact = utc.isoformat(timespec="milliseconds")
    shown = f"{utc.day} {utc:%b %Y, %H:%M}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(exact, exact[:-6], escape(shown))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def make_templates() -> Environment:
    """The templates: escaping, and refusing a name that nobody gave."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    made.filters |= {"when": _when, "number": _number}
    return made


@dataclass(frozen=True)
class Room:
    """What the pages of the room stand on.

    Args:
        record: What is kept.
        study: Which study.
        throttle: How often somebody may try to come in.
        templates: Of the pages.
    """

    record: Record
    study: LoadedStudy
    throttle: Throttle
    templates: Environment = field(default_factory=make_templates)
