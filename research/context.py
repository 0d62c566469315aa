"""What the pages of the room stand on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment
from markupsafe import Markup

from agent.breaker import BreakerState
from data_layer.database.ids import is_uuid
from data_layer.record import Record
from research.audit_sentences import action_in_words, detail_in_words
from research.markdown import draw_markdown
from research.terms import term, term_if_known
from research.throttle import SignInThrottle
from study.loader import LoadedStudy
from web.alarms import Alarms
from web.exporting.runner import Exporting
from web.numbers import counted, number, price, span
from web.pages import templates_in
from web.sse import Streams

if TYPE_CHECKING:
    from meaning.service import Meaning

_HERE: Final = Path(__file__).parent
# A feature is a folder with its pages, their templates and what the browser loads for them.
FEATURES: Final = (_HERE, *sorted(folder.parent for folder in _HERE.glob("*/__init__.py")))
_SHORT: Final = 8


def _when(moment: datetime | None) -> str | Markup:
    """A moment for people, with the exact one behind it."""
    if moment is None:
        return "–"
    utc = moment.astimezone(UTC)
    return _time(utc, f"{utc.day} {utc:%b %Y, %H:%M}")


def _beside(moment: datetime | None) -> str | Markup:
    """A moment in a sentence or a head, where there is room for the viewer's own time beside it."""
    if moment is None:
        return "–"
    exact = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    # static/local_time.js fills it in before it is drawn; without a script UTC stands alone.
    return _when(moment) + Markup(' UTC<local-time datetime="{}"></local-time>').format(exact)


def _clock(moment: datetime) -> Markup:
    """A moment of a day that is named before it."""
    utc = moment.astimezone(UTC)
    return _time(utc, utc.isoformat(timespec="seconds")[11:19])


def _time(utc: datetime, shown: str) -> Markup:
    exact = utc.isoformat(timespec="milliseconds")
    # Nothing here needs escaping, and a thread has thousands of moments.
    return Markup(f'<time datetime="{exact}" title="{exact[:-6]} UTC">{shown}</time>')  # noqa: S704


def _short(value: str | None, nothing: str = "–") -> Markup:
    """The first eight characters of a UUID, and all of it on a click; anything else as it is."""
    if not value or not is_uuid(value):
        return Markup("<bdi>{}</bdi>").format(value or nothing)
    return Markup('<details class="pseudonym"><summary>{}</summary><code>{}</code></details>').format(
        value[:_SHORT], value
    )


def said(value: Any) -> str:
    """A detail of the audit log in words: lists and tables are read out, not shown as a program has them."""
    if value is None or value == [] or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {said(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(said, value))
    return str(value)


def make_templates() -> Environment:
    """The templates, and what they draw with."""
    made = templates_in(*(folder / "templates" for folder in FEATURES))
    made.filters |= {"when": _when, "clock": _clock, "span": span, "number": number, "counted": counted}
    made.filters |= {
        "markdown": draw_markdown,
        "beside": _beside,
        "price": price,
        "short": _short,
        "said": said,
    }
    made.filters |= {"did": action_in_words, "detail": detail_in_words}
    made.globals |= {"term": term, "known": term_if_known}
    return made


@dataclass(frozen=True)
class RoomContext:
    """What the pages of the room stand on.

    Args:
        record: What is kept.
        study: Which study.
        throttle: How often somebody may try to come in.
        unavailable: Why agents of the study cannot answer, with the repair, by name.
        servers: How the servers of models do, as this process knows it.
        templates: Of the pages.
        streams: Which end when the server does.
        exporting: Makes exports, for other doors of this process too; left out, the room's own do.
        meaning: Search by meaning; None where the study has none.
        alarms: Whom they are told, and which stand.
    """

    record: Record
    study: LoadedStudy
    throttle: SignInThrottle
    unavailable: Mapping[str, str] = field(default_factory=dict)
    servers: Callable[[], Sequence[BreakerState]] = tuple
    templates: Environment = field(default_factory=make_templates)
    streams: Streams = field(default_factory=Streams)
    exporting: Exporting | None = None
    meaning: "Meaning | None" = None
    alarms: Alarms | None = None
