"""Numbers, amounts and lengths of time in English words: for researchers."""

import math
from datetime import timedelta
from typing import Final

_KIB: Final = 1024


def counted(count: int, one: str, many: str | None = None) -> str:
    """How many of something: "1 thread", "2 threads".

    Args:
        count: How many.
        one: Of one.
        many: Of any other number, where it is not an s more.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def number(value: float | None) -> str:
    """With commas between the thousands; a dash for none."""
    return "–" if value is None else f"{value:,}"


def price(value: float) -> str:
    """An amount with two digits that say something, however small: calls cost fractions of a cent."""
    digits = 2 if not value or abs(value) >= 1 else max(2, 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def size(count: float) -> str:
    """How many bytes."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < _KIB:
            return f"{count:,.0f} {unit}"
        count /= _KIB
    return f"{count:,.1f} TB"


def span(lasted: timedelta | float | None) -> str:
    """How long.

    Args:
        lasted: Milliseconds, or a timedelta.
    """
    if lasted is None:
        return "–"
    seconds = lasted.total_seconds() if isinstance(lasted, timedelta) else lasted / 1000
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}s"
    if seconds >= 10:
        return f"{seconds:.0f} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
