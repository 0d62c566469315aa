"""Lengths of time, for people."""

from datetime import timedelta


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
