"""Regular expressions of a study, with a time limit: one that explodes must not hold up everybody."""

import functools
from collections import Counter
from typing import Final

import regex
import structlog

from study.text import beginning

log = structlog.get_logger(__name__)

# An ordinary expression takes microseconds on a long message.
LIMIT_S: Final = 0.1
# So often in one text: the first time the machine may have been busy with something else.
TRIES: Final = 2
_MOST_KNOWN: Final = 10_000
_too_long: Final[Counter[tuple[str, int]]] = Counter()


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
        Its first match; None also where looking took longer than LIMIT_S. After TRIES in one text it is given
        up: a dialogue that is reckoned anew reads each of its texts again.
    """
    if is_given_up(pattern, text):
        return None
    try:
        return compiled(pattern).search(text, timeout=LIMIT_S)
    except TimeoutError:
        if len(_too_long) >= _MOST_KNOWN:
            _too_long.clear()
        _too_long[pattern, hash(text)] += 1
        log.warning("expression_takes_too_long", expression=beginning(pattern, 200), length=len(text))
        return None


def is_given_up(pattern: str, text: str) -> bool:
    """Whether looking for an expression in a text has taken too long before."""
    return bool(_too_long) and _too_long.get((pattern, hash(text)), 0) >= TRIES


def value_in(match: regex.Match[str]) -> str:
    """What a match holds: its group "value", else its first group, else all of it."""
    groups = match.groupdict()
    if groups.get("value"):
        return str(groups["value"]).strip()
    return str(next((group for group in match.groups() if group), match[0])).strip()
