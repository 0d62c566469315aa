"""The words of a message with what researchers have marked in them."""

import html
import re
from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup, escape

from research.aligned import TAG, places_in_markdown, places_in_plain, shown_of, text_of
from research.markdown import drawn


def words_of(raw: str, is_plain: bool) -> Markup:
    """A message as it stands on the page.

    Args:
        raw: Its text.
        is_plain: A participant's, which is shown as it was typed.
    """
    return Markup('<p class="plain">{}</p>').format(shown_of(raw)) if is_plain else drawn(raw)


class Laid:
    """A message's words on the page, laid against its raw text.

    Args:
        raw: Its text.
        is_plain: A participant's.
    """

    def __init__(self, raw: str, is_plain: bool) -> None:
        self._words = words_of(raw, is_plain)
        self._shown = text_of(self._words)
        self._places = places_in_plain(raw) if is_plain else places_in_markdown(raw, self._shown)

    def marked(self, marks: Sequence[tuple[int, int, str, str]]) -> Markup:
        """The words with marks.

        Args:
            marks: Begin and end in the raw text, a class, an id; where two overlap, the later one is seen.
        """
        over: list[list[tuple[str, str]]] = [[] for _ in self._places]
        for start, end, kind, name in marks:
            shown = self._on_page(start, end)
            for index in range(*shown) if shown else ():
                over[index].append((kind, name))
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


def _wrapped(words: Markup, over: Sequence[Sequence[tuple[str, str]]]) -> Markup:
    told: list[str] = []
    index = 0
    for part in TAG.split(words):
        if not part or part.startswith("<"):
            told.append(part)
            continue
        text = html.unescape(part)
        # Stretches that bear the same marks; most texts are one that bears none.
        for now, stretch in groupby(range(index, index + len(text)), over.__getitem__):
            among = list(stretch)
            piece = html.escape(text[among[0] - index : among[-1] + 1 - index])
            told.append(f"{_opened(now)}{piece}</mark>" if now else piece)
        index += len(text)
    return Markup("".join(told))  # noqa: S704  # parts of `words`, and marks whose classes and ids are ours


def _opened(over: Sequence[tuple[str, str]]) -> str:
    more = " more" if len(over) > 1 else ""
    names = " ".join(name for _, name in over)
    return f'<mark class="{escape(over[-1][0])}{more}" data-of="{escape(names)}">'
