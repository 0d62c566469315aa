"""The place in a text where a search's words stand, cut out, its words marked. Never HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data_layer.database.text import folded, word_spans
from study.text import beginning, grapheme_after, grapheme_at

BEFORE: Final = 40
LENGTH: Final = 160
# What is looked through: a longer text is shown by its beginning where its words stand behind this.
_LOOKED_THROUGH: Final = 20_000

ELLIPSIS: Final = "\u2026"


@dataclass(frozen=True)
class SnippetPart:
    """A piece of a snippet.

    Args:
        text: As it was said, on one line.
        hit: A word that was looked for.
    """

    text: str
    hit: bool


def snippet(text: str, words: Sequence[str]) -> list[SnippetPart]:
    """Cut the place out of a text where most of the words stand.

    Args:
        text: What was said.
        words: As text.search_words has cut the query; the last is the beginning of a word.

    Returns:
        Pieces in order, which are the snippet when they are put together.
    """
    looked = text[:_LOOKED_THROUGH]
    hits = _hits(looked, words)
    begin = _begin(looked, hits)
    begin = grapheme_at(text, begin) if begin else 0
    end = begin + len(beginning(text[begin : begin + LENGTH + 1], LENGTH))
    parts = [SnippetPart(ELLIPSIS, False)] if begin > 0 else []
    at = begin
    for first, last, _ in hits:
        first, last = grapheme_at(text, first), grapheme_after(text, last)
        if first < at or last > end:
            continue
        parts += [SnippetPart(text[at:first], False), SnippetPart(text[first:last], True)]
        at = last
    parts.append(SnippetPart(text[at:end] + (ELLIPSIS if end < len(text) else ""), False))
    lines = [SnippetPart(_one_line(part.text), part.hit) for part in parts]
    return [part for part in lines if part.text]


def _hits(text: str, words: Sequence[str]) -> list[tuple[int, int, str]]:
    """First, last and word of each place in which a word stands."""
    plain, places = folded(text)
    hits: list[tuple[int, int, str]] = []
    whole, begun = frozenset(words), words[-1] if words else ""
    for word, first, last in word_spans(plain):
        known = word if word in whole else begun if begun and word.startswith(begun) else None
        if known is None:
            continue
        if word != known:
            last = first + len(begun)
        begin, end = places[first], places[last - 1] + 1
        # The marks that stand over a letter go with it; a letter that folds to two is marked once.
        while end < len(text) and not folded(text[end])[0]:
            end += 1
        if not hits or begin >= hits[-1][1]:
            hits.append((begin, end, known))
    return hits


def _begin(text: str, hits: Sequence[tuple[int, int, str]]) -> int:
    """Where the snippet begins: a little before the place with the most different words."""
    best, most = 0, 0
    for place, (first, _, _) in enumerate(hits):
        within = {word for at, _, word in hits[place : place + 50] if at < first + LENGTH - BEFORE}
        if len(within) > most:
            best, most = first, len(within)
    if best <= BEFORE:
        return 0
    begin = best - BEFORE
    space = text.find(" ", begin, best)
    return space + 1 if space >= 0 else begin


def _one_line(text: str) -> str:
    """White space as one space; those at the ends stand between two pieces."""
    joined = " ".join(text.split())
    if not joined:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{joined}{' ' if text[-1].isspace() else ''}"
