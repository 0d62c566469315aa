"""Dates and times in words: "tomorrow at nine", "am 3. Mai um halb zehn" (the dateparser package).

The package is imported where a dialogue has such a slot: it and its languages take half a second, once.
"""

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from agent.task.patterns import searched
from study.text import beginning

_LANGUAGES: Final = {"en": "en", "de": "de", "es": "es", "zh-Hans": "zh"}
_CLOCK: Final = r"(?<![\d.,])([01]?\d|2[0-3])(?:[:.h]([0-5]\d))?\s*(?:(a|p)\.?m\b|uhr|o'?clock|点)?"
_LONGEST: Final = 300


def warm_up(language: str) -> None:
    """Load what is needed before the first participant waits for it."""
    date_in("tomorrow", language, datetime(2026, 1, 1, tzinfo=UTC), "UTC", day_first=False)


def date_in(text: str, language: str, at: datetime | None, timezone: str, day_first: bool) -> str | None:
    """The first date in a text.

    Args:
        text: Any.
        language: Of the text.
        at: When it was said; None for now.
        timezone: Where.
        day_first: Whether 3/4 is the third of April.

    Returns:
        As ISO 8601 writes it; None where there is none.
    """
    found = _found(text, language, at, timezone, day_first)
    return None if found is None else found.date().isoformat()


def time_in(
    text: str, language: str, at: datetime | None, timezone: str, *, asked: bool = False
) -> str | None:
    """The first time of day in a text.

    Args:
        text: Any.
        language: Of the text.
        at: When it was said; None for now.
        timezone: Where.
        asked: Whether a bare number is one: "9".

    Returns:
        As HH:MM; None where there is none.
    """
    for match in _clocks(text):
        hour, minutes, half = match
        if minutes or half or asked or _marked(text):
            shift = 12 if half == "p" and hour < 12 else -12 if half == "a" and hour == 12 else 0
            return f"{hour + shift:02}:{int(minutes or 0):02}"
    relative = searched(r"\bin (?:an?|\d+|half an) (?:hour|minute)|\bin \d+ (?:stunden?|minuten?)", text)
    found = _found(text, language, at, timezone, day_first=False) if relative else None
    return None if found is None else found.strftime("%H:%M")


def _clocks(text: str) -> list[tuple[int, str | None, str | None]]:
    match = searched(_CLOCK, beginning(text, _LONGEST))
    return [] if match is None else [(int(match[1]), match[2], match[3].lower() if match[3] else None)]


def _marked(text: str) -> bool:
    return searched(r"\d\s*(?:uhr|o'?clock|点)|\b(?:at|um|a las) \d", text) is not None


def _found(text: str, language: str, at: datetime | None, timezone: str, day_first: bool) -> datetime | None:
    from dateparser.search import search_dates

    zone = ZoneInfo(timezone)
    now = (at or datetime.now(UTC)).astimezone(zone).replace(tzinfo=None)
    settings: dict[str, Any] = {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY" if day_first else "MDY",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    found = search_dates(beginning(text, _LONGEST), languages=[_LANGUAGES[language]], settings=settings)
    return found[0][1] if found else None
