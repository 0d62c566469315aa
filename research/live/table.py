"""The table of who is here, as it stands on the page: a row of HTML for each, drawn anew when it changes."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from data_layer.record import Record
from data_layer.review.live import Here, who_is_here
from study.vocabulary import StudyState


class Doing(StrEnum):
    """What a participant does who is here."""

    WAITING = "waiting"  # a reply is being given to them
    TYPING = "typing"
    IDLE = "idle"


@dataclass(frozen=True)
class Row:
    """One row.

    Args:
        shown: All that it was drawn from.
        html: As it stands in the table.
    """

    shown: tuple[Any, ...]
    html: str


@dataclass(frozen=True)
class LiveTable:
    """All of it.

    Args:
        rows: By their ids, in their order.
        counts: How many people are here, and how many do what.
        study: Whether the study is open.
    """

    rows: Mapping[str, Row]
    counts: Mapping[str, int]
    study: StudyState


class HereTable:
    """Draws it.

    Args:
        record: Asked who is here, and who types.
        draw: Makes a row's HTML of its values.
    """

    def __init__(self, record: Record, draw: Callable[..., str]) -> None:
        self._record = record
        self._draw = draw

    async def look(self, before: LiveTable | None) -> LiveTable:
        """Look; a row that is as it was is not drawn again.

        Raises:
            SQLAlchemyError: The database is away.
        """
        found = await who_is_here(self._record.read_database)
        await self._record.typing_elsewhere.watch()
        typing = self._record.presence.typing()
        drawn = before.rows if before is not None else {}
        rows: dict[str, Row] = {}
        counts: Counter[str] = Counter(failed=sum(one.error is not None for one in found))
        for one in found:
            doing, since = doing_of(one, typing)
            counts[doing.value] += 1
            key = f"here-{one.participant_id}-{one.thread_id}"
            shown = (doing, since, one.pages, one.title, one.agent, one.turns, _started(one), one.intent)
            known = drawn.get(key)
            if known is None or known.shown != shown:
                html = self._draw(one=one, key=key, doing=doing.value, since=since)
                known = Row(shown, html.strip())
            rows[key] = known
        counts["here"] = len({one.participant_id for one in found})
        return LiveTable(rows, counts, await self._record.controls.state())


def doing_of(one: Here, typing: Mapping[tuple[str, str], datetime]) -> tuple[Doing, datetime]:
    """What somebody does, and since when."""
    if one.waiting_since is not None:
        return Doing.WAITING, one.waiting_since
    since = typing.get((one.participant_id, one.thread_id))
    if since is not None:
        return Doing.TYPING, since
    return Doing.IDLE, one.quiet_since


def _started(one: Here) -> datetime | None:
    return one.error["started_at"] if one.error is not None else None
