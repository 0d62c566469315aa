"""The words of a message with what researchers have marked in them."""

import html
import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from research.coding.source_map import TAG, places_in_markdown, places_in_plain, shown_of, text_content
from research.markdown import draw_markdown

# Stripes that have a place of their own under the words; what overlaps more often shares the last.
LANES: Final = 6


class Stripe(NamedTuple):
    """A code or a note on words.

    Args:
        start: Where it begins in the raw text.
        end: Behind its last character.
        kind: Its class.
        name: The annotation's id.
        label: What it says, for who does not see colours.
    """

    start: int
    end: int
    kind: str
    name: str
    label: str = ""


# What stands over a character: stripes with their lanes, the first that was made first.
_Over = list[tuple[int, Stripe]]


def highlighted_words(raw: str, is_plain: bool) -> Markup:
    """A message as it stands on the page.

    Args:
        raw: Its text.
        is_plain: A participant's, which is shown as it was typed.
    """
    return (
        Markup('<p class="plain" dir="auto">{}</p>').format(shown_of(raw)) if is_plain else draw_markdown(raw)
    )


class HighlightedText:
    """A message's words on the page, laid against its raw text.

    Args:
        raw: Its text.
        is_plain: A participant's.
    """

    def __init__(self, raw: str, is_plain: bool) -> None:
        self._words = highlighted_words(raw, is_plain)
        self._shown = text_content(self._words)
        self._places = places_in_plain(raw) if is_plain else places_in_markdown(raw, self._shown)

    def marked(self, stripes: Sequence[Stripe]) -> Markup:
        """The words with stripes, each on a lane of its own where they overlap.

        Args:
            stripes: In the order in which they were made.
        """
        over: list[_Over] = [[] for _ in self._places]
        shown = [(self._on_page(one.start, one.end), one) for one in stripes]
        for (begin, end), lane, stripe in _laned([(place, one) for place, one in shown if place]):
            for index in range(begin, end):
                over[index].append((lane, stripe))
        return _wrapped(self._words, over)

    def quote(self, start: int, end: int) -> str | None:
        """A span of the raw text as it reads on the page; None when nothing of it is shown."""
        shown = self._on_page(start, end)
        return self._shown[slice(*shown)] if shown else None

    def in_raw(self, start: int, exact: str) -> tuple[int, int] | None:
        """Where words that were chosen on the page stand in the raw text.

        Args:
            start: In the text on the page, in code points, as the browser counted.
            exact: The words.

        Returns:
            Begin and end in code points, without white space around; None when they cannot be found.
        """
        exact, start = shown_of(exact), max(start, 0)
        if not exact.strip():
            return None
        if not self._shown.startswith(exact, start):
            # The message has grown since, or the browser counts otherwise: the nearest that reads so.
            found = [match.start() for match in re.finditer(f"(?={re.escape(exact)})", self._shown)]
            if not found:
                return None
            start = min(found, key=lambda at: abs(at - start))
        begin = start + len(exact) - len(exact.lstrip())
        end = start + len(exact.rstrip())
        places = [place for place in self._places[begin:end] if place is not None]
        return (places[0][0], places[-1][1]) if places else None

    def _on_page(self, start: int, end: int) -> tuple[int, int] | None:
        inside = [
            index for index, place in enumerate(self._places) if place and place[0] < end and place[1] > start
        ]
        return (inside[0], inside[-1] + 1) if inside else None


def _laned(
    shown: Sequence[tuple[tuple[int, int], Stripe]],
) -> list[tuple[tuple[int, int], int, Stripe]]:
    """Give each stripe the lowest lane that is free all along it."""
    free_from: list[int] = []
    laned = []
    for place, stripe in sorted(shown, key=lambda one: (one[0][0], -one[0][1])):
        free = (number for number, end in enumerate(free_from) if end <= place[0])
        lane = next(free, len(free_from))
        free_from[lane : lane + 1] = [place[1]]
        laned.append((place, min(lane, LANES - 1), stripe))
    return laned


def _wrapped(words: Markup, over: Sequence[_Over]) -> Markup:
    told: list[str] = []
    index = 0
    for part in TAG.split(words):
        if not part or part.startswith("<"):
            told.append(part)
            continue
        text = html.unescape(part)
        # Stretches that bear the same stripes; most texts are one that bears none.
        for now, stretch in groupby(range(index, index + len(text)), over.__getitem__):
            among = list(stretch)
            piece = html.escape(text[among[0] - index : among[-1] + 1 - index])
            told.append(f"{_opened(now)}{piece}{'</mark>' * len(now)}")
        index += len(text)
    return Markup("".join(told))  # noqa: S704  # parts of `words`, and marks whose classes and ids are ours


def _opened(over: _Over) -> str:
    """The marks around a stretch, the lowest stripe outermost; a pointer on the innermost reads them all."""
    nested = sorted(over, key=lambda one: one[0], reverse=True)
    labels = [stripe.label for _, stripe in sorted(over, key=lambda one: one[0]) if stripe.label]
    told = []
    for place, (lane, stripe) in enumerate(nested, 1):
        kind = f"{stripe.kind} lane-{lane}" if lane else stripe.kind
        said = "; ".join(labels) if place == len(nested) else stripe.label
        title = f' title="{escape(said)}" aria-details="a-{escape(stripe.name)}"' if stripe.label else ""
        told.append(f'<mark class="{escape(kind)}" data-of="{escape(stripe.name)}"{title}>')
    return "".join(told)
