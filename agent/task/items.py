"""Several things in one sentence: "a large iced latte with oat milk and two muffins, one of them warm".

Each thing begins with its head ("latte"), or with a word that stands for one ("two lattes, *one* with oat
and *another* with almond milk"). What is said around a head belongs to it: before it, from its article or
number on; after it, up to where the next thing begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from agent.task.language import Language
from agent.task.phrases import Span
from agent.task.tokens import Token
from study.numbers import whole_number

MOST_OF_ONE: Final = 1_000
# Things that one message may speak of: each is several calls of tools.
MOST_THINGS: Final = 20


@dataclass
class Mention:
    """One thing, as it was said.

    Args:
        head: What it is; None where it stands for one named before.
        quantity: How many; None where nothing was said.
        spans: What was said of it.
        start: Its first token's place.
        end: The place after its last.
        another: Whether it is certainly one more: "another", "the other".
        definite: Whether it is one that was spoken of before: "my latte".
        ordinal: "the second one": its place, from 0.
        place: Where its head was said, counted in words; 0 where it was not.
    """

    head: Span | None
    quantity: int | None
    start: int
    end: int = 0
    another: bool = False
    definite: bool = False
    ordinal: int | None = None
    place: int = 0
    spans: list[Span] = field(default_factory=list)


@dataclass
class Mentions:
    """All things of a text.

    Args:
        things: In the text's order.
        loose: What was said of none of them: it is about a thing spoken of before.
        of_all: What was said of all of them ("both iced").
    """

    things: list[Mention] = field(default_factory=list)
    loose: list[Span] = field(default_factory=list)
    of_all: list[Span] = field(default_factory=list)


_ORDINALS: Final = ("first", "second", "third")


class ItemReader:
    """Parts a text into things.

    Args:
        head: The slot that begins one.
        language: Of the text.
    """

    def __init__(self, head: str, language: Language) -> None:
        self._head = head
        self._language = language

    def read(self, tokens: Sequence[Token], spans: Sequence[Span]) -> Mentions:
        """Part a text.

        Args:
            tokens: Of the text.
            spans: What is named in it, heads among them.
        """
        heads = [span for span in spans if span.slot == self._head][:MOST_THINGS]
        others = [span for span in spans if span.slot != self._head]
        things = self._begun(tokens, heads, spans)
        if not things:
            return Mentions(loose=others)
        things[0].start = 0
        for thing, following in pairwise(things):
            thing.end = following.start
        things[-1].end = len(tokens)
        mentions = Mentions(things)
        for span in others:
            if self._of_all(tokens, span):
                mentions.of_all.append(span)
                continue
            thing = next(one for one in reversed(things) if one.start <= span.start)
            thing.spans.append(span)
        return mentions

    def _begun(self, tokens: Sequence[Token], heads: Sequence[Span], spans: Sequence[Span]) -> list[Mention]:
        taken = {place for span in spans for place in range(span.start, span.end)}
        starts = self._starts(tokens, taken)
        things: list[Mention] = []
        used: set[int] = set()
        for head in heads:
            start = self._start_of(head, starts, tokens, things, used)
            if start is None:
                begins = self._modifiers_before(head, tokens, taken)
                thing = Mention(head, None, begins)
            else:
                place, quantity, another, _ = start
                used.add(place)
                thing = Mention(head, quantity, place, another=another)
            thing.definite = self._definite(tokens, thing.start, head.start)
            thing.place = sum(1 for token in tokens[: head.start] if token.key)
            things.append(thing)
        first = heads[0].start if heads else 0
        for place, quantity, another, word in starts:
            if place in used or word == "article" or (heads and place < first and not another):
                continue
            if not heads and word == "number":
                continue  # "two, please": how many of what was spoken of before
            things.append(
                Mention(None, quantity, place, another=another, ordinal=_ordinal(word) if not heads else None)
            )
        return sorted(things, key=lambda thing: thing.start)[:MOST_THINGS]

    def _starts(self, tokens: Sequence[Token], taken: set[int]) -> list[tuple[int, int | None, bool, str]]:
        """Articles, numbers, "another", "the other": where a thing may begin."""
        language = self._language
        starts: list[tuple[int, int | None, bool, str]] = []
        for place, token in enumerate(tokens):
            if place in taken or not token.key:
                continue
            word = ""
            quantity: int | None = None
            if (token.key,) in language.phrases["another"]:
                word, quantity = "another", 1
            elif (token.key,) in language.phrases["other"]:
                word, quantity = token.key, 1
            elif (number := number_of(token, language)) is not None:
                word, quantity = "number", number
            elif (token.key,) in language.phrases["article"]:
                word = "article"
            if not word:
                continue
            if starts and starts[-1][0] == place - 1:
                before = starts.pop()  # "another one", "the other one", "a second", "a dozen"
                another = before[2] or word not in ("number", "article")
                kept = before[3] if before[3] not in ("number", "article") else word
                starts.append((before[0], quantity or before[1], another, kept))
            else:
                starts.append((place, quantity, word not in ("number", "article"), word))
        return starts

    def _start_of(
        self,
        head: Span,
        starts: Sequence[tuple[int, int | None, bool, str]],
        tokens: Sequence[Token],
        things: Sequence[Mention],
        used: set[int],
    ) -> tuple[int, int | None, bool, str] | None:
        """The last article or number before a head, in its own sentence and after the last thing's head."""
        after = max((thing.head.end for thing in things if thing.head), default=0)
        for start in reversed(starts):
            place = start[0]
            if place >= head.start or place in used:
                continue
            if place < after or any(token.stop for token in tokens[place : head.start]):
                return None
            return start
        return None

    def _modifiers_before(self, head: Span, tokens: Sequence[Token], taken: set[int]) -> int:
        place = head.start
        while place > 0 and (place - 1 in taken and tokens[place - 1].key):
            place -= 1
        return place

    def _definite(self, tokens: Sequence[Token], start: int, head: int) -> bool:
        keys = [token.key for token in tokens[max(0, start - 2) : head]]
        return any((key,) in self._language.phrases["same"] for key in keys)

    def _of_all(self, tokens: Sequence[Token], span: Span) -> bool:
        before = [token.key for token in tokens[max(0, span.start - 3) : span.start]]
        return any((key,) in self._language.phrases["all"] for key in before)


def number_of(token: Token, language: Language) -> int | None:
    """A whole number, in digits or as a word."""
    if token.key in language.numbers:
        return language.numbers[token.key]
    number = whole_number(token.key)
    return number if number is not None and number <= MOST_OF_ONE else None


def _ordinal(word: str) -> int | None:
    return _ORDINALS.index(word) if word in _ORDINALS else None


def merged(things: Sequence[Mention], before: str | None = None) -> list[Mention]:
    """Let words that stand for a thing take its name: "two lattes, one with oat milk" are two things.

    Args:
        things: As they were read.
        before: What was spoken of before, for "another one".

    Returns:
        Things that each have a head, where one is known. Those that are spoken of as parts of a number take
        its place; what is left of the number stays.
    """
    whole: list[Mention] = []
    group: list[Mention] = []
    for thing in (*things, None):
        if thing is not None and thing.head is None and whole:
            group.append(thing)
            continue
        if group:
            whole[-1:] = _parted(whole[-1], group)
            group = []
        if thing is not None:
            whole.append(thing)
    return whole


def _parted(antecedent: Mention, parts: list[Mention]) -> list[Mention]:
    number = antecedent.quantity or 1
    # "ready in 20 minutes": a number of which nothing is said, or more than there are, stands for no thing.
    parts = [
        part
        for part in parts
        if part.another or ((part.spans or number > 1) and (part.quantity or 1) <= number)
    ]
    for part in parts:
        part.head = antecedent.head
    if not parts:
        return [antecedent]
    if number > 1:
        return _shared_out(antecedent, parts, number)
    slots = {span.slot for span in antecedent.spans}
    first = parts[0]
    if not first.another and not slots & {span.slot for span in first.spans}:
        antecedent.spans += first.spans  # "a latte. One with oat milk": the same one
        return [antecedent, *parts[1:]]
    return [antecedent, *parts]


def _shared_out(antecedent: Mention, parts: list[Mention], number: int) -> list[Mention]:
    for part in parts:
        part.spans = [*antecedent.spans, *part.spans]
        part.definite = antecedent.definite
    antecedent.quantity = number - sum(part.quantity or 1 for part in parts)
    return parts if antecedent.quantity <= 0 else [antecedent, *parts]
