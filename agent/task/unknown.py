"""What is named where an item would stand, and is none: "two muffins", "a latte and a bagel".

A list's items begin with an article or a number. Where unknown words follow one, in a place in which an item
is asked for, the participant wants something that the list does not have, and is told so. Whatever else may
stand behind an article ("a moment", "a friend", "a large one") is left alone: silence is better than "we have
no friend".
"""

from collections.abc import Sequence
from typing import Final

from agent.task.language import Language
from agent.task.phrases import Span
from agent.task.tokens import Token
from study.numbers import whole_number

MOST_WORDS: Final = 3
MOST_THINGS: Final = 5


class UnknownThings:
    """Finds them.

    Args:
        head: The slot that begins an item.
        known: All words of the list's choices, as they are compared.
        asks: Phrases with which things are asked for: "can I get".
        language: Of the text.
    """

    def __init__(
        self, head: str, known: frozenset[str], asks: Sequence[tuple[str, ...]], language: Language
    ) -> None:
        self._head = head
        self._language = language
        self._asks = [phrase for phrase in asks if phrase]
        self._joins = {phrase[0] for phrase in language.phrases["and"] if len(phrase) == 1}
        spoken = {key for phrases in language.phrases.values() for phrase in phrases for key in phrase}
        self._said_often = known | language.filler | spoken | frozenset(language.numbers)

    def read(self, text: str, tokens: Sequence[Token], spans: Sequence[Span]) -> list[str]:
        """Find them in a text, as they are written there.

        Args:
            text: As it was said.
            tokens: Its words.
            spans: What is named in it.
        """
        taken = {place: span for span in spans for place in range(span.start, span.end)}
        found: list[str] = []
        for start, token in enumerate(tokens):
            if start in taken:
                continue
            first = start + 1
            if (token.key,) in self._language.phrases["with"]:
                is_asked = self._is_of_an_item
                first += first < len(tokens) and self._begins(tokens[first])
            elif self._begins(token):
                is_asked = self._is_in_place
            else:
                continue
            end = self._end(tokens, first, taken)
            if end is not None and is_asked(tokens, start, end, taken):
                found.append(text[tokens[first].start : tokens[end - 1].end])
                # What is joined to it is asked for as well: "a bagel and a scone".
                taken |= dict.fromkeys(range(first, end), Span(self._head, found[-1], first, end))
        return list(dict.fromkeys(found))[:MOST_THINGS]

    def _begins(self, token: Token) -> bool:
        key = token.key
        is_number = key in self._language.numbers or whole_number(key) is not None
        return bool(key) and (is_number or (key,) in self._language.phrases["article"])

    def _end(self, tokens: Sequence[Token], start: int, taken: dict[int, Span]) -> int | None:
        """Where the unknown words end that stand from a place on; None where there are none."""
        at = start
        while at in taken and taken[at].slot != self._head:
            at += 1  # "a chocolate chip muffin"
        first = at
        while at < len(tokens) and tokens[at].key and at not in taken and not self._is_known(tokens[at]):
            at += 1
        if not 0 < at - first <= MOST_WORDS or at in taken:
            return None  # more is a story; before what is known they are more of it: "a tasty latte"
        following = tokens[at].key if at < len(tokens) else ""
        return at if not following or following in self._language.filler | self._joins else None

    def _is_known(self, token: Token) -> bool:
        return token.key in self._said_often or any(sign.isdigit() for sign in token.key)

    def _is_of_an_item(self, tokens: Sequence[Token], start: int, end: int, taken: dict[int, Span]) -> bool:
        """Of "a latte with gingerbread" the last: an item is named before, in the same sentence."""
        if start + 1 in taken:
            return False  # "with ice cubes": what is known is taken over
        for place in range(start - 1, -1, -1):
            if tokens[place].stop:
                return False
            if place in taken and taken[place].slot == self._head:
                return True
        return False

    def _is_in_place(self, tokens: Sequence[Token], start: int, end: int, taken: dict[int, Span]) -> bool:
        """Whether it is asked for: it opens the text, stands after "can I get", or beside an item."""
        before = [token.key for token in tokens[:start] if token.key]
        if any(tuple(before[-len(phrase) :]) == phrase for phrase in self._asks):
            return True
        if all(key in self._language.filler for key in before) and self._is_all(tokens, end):
            return True
        return self._joined_before(tokens, start, taken) or self._joined_after(tokens, end, taken)

    def _is_all(self, tokens: Sequence[Token], end: int) -> bool:
        return all(not token.key or token.key in self._language.filler for token in tokens[end:])

    def _joined_before(self, tokens: Sequence[Token], start: int, taken: dict[int, Span]) -> bool:
        """Of "a latte and a muffin" the second: an item's words stand right before."""
        at = start - 1
        while at >= 0 and not tokens[at].stop and (not tokens[at].key or tokens[at].key in self._joins):
            at -= 1
        return at < start - 1 and at in taken

    def _joined_after(self, tokens: Sequence[Token], end: int, taken: dict[int, Span]) -> bool:
        """Of "a muffin and a latte" the first: an item begins right after."""
        at = end
        while (
            at < len(tokens) and not tokens[at].stop and (not tokens[at].key or tokens[at].key in self._joins)
        ):
            at += 1
        if at == end:
            return False
        if at < len(tokens) and at not in taken and self._begins(tokens[at]):
            at += 1
        return at in taken
