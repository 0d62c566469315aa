"""Taking a text apart by a pattern, and building a reply from the parts.

eliza_script.yaml describes the notation.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ANY: Final = 0

_PART: Final = re.compile(r"\((?P<kind>[*/])(?P<words>[^)]*)\)|(?P<count>\d+)|(?P<word>\S+)")


@dataclass(frozen=True, slots=True)
class PatternPart:
    """One element of a pattern.

    Args:
        width: How many words it takes; ANY for any number, none included.
        fits: Whether it takes a certain word; None when every word will do.
    """

    width: int
    fits: Callable[[str], bool] | None = None


def pattern_of(
    text: str, tags: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> tuple[PatternPart, ...]:
    """Read a pattern.

    Args:
        text: In the notation of eliza_script.yaml.
        tags: The classes that each word belongs to.

    Returns:
        Its parts.
    """
    return tuple(_part(match, tags) for match in _PART.finditer(text))


def take_apart(pattern: Sequence[PatternPart], words: Sequence[str]) -> list[Sequence[str]] | None:
    """Match a text against a pattern.

    Every ANY takes as few words as it can, the first ones first, which is what trying all
    possibilities in order would find too. What lies between two ANYs belongs at the first place where
    it fits, so that nothing is tried twice and even a hostile text costs no more than words times parts.

    Args:
        pattern: The pattern.
        words: The text.

    Returns:
        The words that each part took, in order; None when the pattern does not fit.
    """
    taken: list[Sequence[str]] = []
    at = 0
    stretches = _stretches(pattern)
    for number, stretch in enumerate(stretches):
        end = len(words) - sum(part.width for part in stretch)
        first = max(at, end) if number == len(stretches) - 1 else at
        last = 0 if number == 0 else end
        place = next((place for place in range(first, last + 1) if _fits(stretch, words, place)), None)
        if place is None:
            return None
        if number:
            taken.append(words[at:place])
        at = place
        for part in stretch:
            taken.append(words[at : at + part.width])
            at += part.width
    return taken


def put_together(reply: Sequence[str], taken: Sequence[Sequence[str]]) -> list[str]:
    """Build a reply.

    Args:
        reply: Its words; a number stands for what the pattern's part of that number took.
        taken: What the parts took.

    Returns:
        The reply's words.
    """
    words: list[str] = []
    for word in reply:
        if word.isdigit():
            words.extend(taken[int(word) - 1])
        else:
            words.append(word)
    return words


def _stretches(pattern: Sequence[PatternPart]) -> list[list[PatternPart]]:
    """Split a pattern at its ANYs; what lies between two of them has a fixed number of words."""
    stretches: list[list[PatternPart]] = [[]]
    for part in pattern:
        if part.width == ANY:
            stretches.append([])
        else:
            stretches[-1].append(part)
    return stretches


def _fits(stretch: Sequence[PatternPart], words: Sequence[str], at: int) -> bool:
    for part in stretch:
        if at + part.width > len(words) or (part.fits is not None and not part.fits(words[at])):
            return False
        at += part.width
    return True


def _part(match: re.Match[str], tags: Mapping[str, frozenset[str]]) -> PatternPart:
    if match["count"] is not None:
        return PatternPart(int(match["count"]))
    if match["word"] is not None:
        return PatternPart(1, match["word"].__eq__)
    among = frozenset(match["words"].split())
    if match["kind"] == "*":
        return PatternPart(1, among.__contains__)
    return PatternPart(1, lambda word: not among.isdisjoint(tags.get(word, frozenset())))
