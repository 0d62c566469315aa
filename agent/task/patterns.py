"""Regular expressions of a study, with a time limit: one that explodes must not hold up everybody."""

import functools
from typing import Final

import regex

# An ordinary expression takes microseconds on a long message.
LIMIT_S: Final = 0.1


@functools.lru_cache(maxsize=1_000)
def compiled(pattern: str) -> regex.Pattern[str]:
    """Make an expression ready.

    Raises:
        regex.error: It is none.
    """
    return regex.compile(pattern, regex.IGNORECASE | regex.V1)


def searched(pattern: str, text: str) -> regex.Match[str] | None:
    """Look for an expression in a text.

    Args:
        pattern: The expression; capitals do not matter.
        text: Any.

    Returns:
        Its first match; None also where looking took longer than LIMIT_S.
    """
    try:
        return compiled(pattern).search(text, timeout=LIMIT_S)
    except TimeoutError:
        return None


def value_in(match: regex.Match[str]) -> str:
    """What a match holds: its group "value", else its first group, else all of it."""
    groups = match.groupdict()
    if groups.get("value"):
        return str(groups["value"]).strip()
    return str(next((group for group in match.groups() if group), match[0])).strip()
