"""Times as sources write them: with a zone, without one, as numbers since 1970."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Final

from imports.remarks import Remarks

# What a number counts since 1970, by the size that a moment of our time has in it.
_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
# Before and after these no conversation with a machine was held: a number of another kind, or a slip.
_FIRST, _LAST = datetime(1950, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class ForeignTimes:
    """Reads times, and tells of those that cannot be read or name no zone.

    Args:
        zone: Of those that name none.
        told: Takes remarks.
    """

    def __init__(self, zone: tzinfo, told: Remarks) -> None:
        self._zone = zone
        self._told = told
        self._zoneless = 0

    def read(self, value: Any, place: int) -> datetime | None:
        """A moment; None where there is none.

        Args:
            value: As it stands in the source.
            place: Its line.
        """
        if value is None or value == "":
            return None
        try:
            moment = _moment(value)
            if moment is not None and moment.tzinfo is None:
                moment = moment.replace(tzinfo=self._zone)
                self._zoneless += 1
            moment = moment.astimezone(UTC) if moment is not None else None
        except (ValueError, OverflowError, OSError, TypeError):
            moment = None
        if moment is None or not _FIRST <= moment <= _LAST:
            self._told.note(
                place, "a time that cannot be read", "taken as not known; mend it and import anew"
            )
            return None
        return moment

    def settle(self, place: int) -> None:
        """Tell of a thread's times without a zone; to be called behind it.

        Args:
            place: The thread's.
        """
        if self._zoneless:
            self._told.note(
                place,
                "times without a zone",
                f"{self._zoneless} read as {self._zone}; name another with --timezone",
            )
        self._zoneless = 0


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _since_1970(float(value))
    if isinstance(value, Mapping):
        return _moment(next(iter(value.values()))) if len(value) == 1 else None
    text = str(value).strip()
    try:
        return _since_1970(float(text))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC") + ("+00:00" if text.endswith(" UTC") else ""))
    except ValueError:
        return parsedate_to_datetime(text)


def _since_1970(number: float) -> datetime:
    size = abs(number)
    unit = next((unit for below, unit in _UNITS if size < below), None)
    if unit is None:
        raise ValueError(number)
    return datetime.fromtimestamp(number / unit, UTC)
