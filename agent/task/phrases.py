"""Where a text names the options of choices: word for word, in close spellings, and said not to be wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from rapidfuzz import fuzz, process

from agent.task.language import Language
from agent.task.tokens import Token, keys_of
from study.task_definition import KINDS_WITH_OPTIONS, SlotDefinition

# Close spellings: "expresso" has 88 of 100, "capuccino" 95; shorter words are too near to others ("late").
CLOSE: Final = 85.0
SHORTEST: Final = 5
MOST_WORDS: Final = 6
# How far before a word its "no" may stand: "without any", "don't want the".
NEGATION_REACH: Final = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text that names something.

    Args:
        slot: Whose value it is.
        value: Of a choice, as the dialogue file writes it.
        start: Its first token's place.
        end: The place after its last.
        score: 1 for its very words, less for a close spelling.
        negated: Whether it was said not to be so.
    """

    slot: str
    value: Any
    start: int
    end: int
    score: float = 1.0
    negated: bool = False


class Phrasebook:
    """The words of all choices among some slots.

    Args:
        slots: By name; only choices have words.
        language: Whose filler is never taken for a close spelling.
    """

    def __init__(self, slots: Mapping[str, SlotDefinition], language: Language) -> None:
        self._language = language
        self._phrases: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for name, slot in slots.items():
            if slot.kind in KINDS_WITH_OPTIONS:
                for value, others in slot.options.items():
                    for words in (value, *others):
                        meant = self._phrases.setdefault(keys_of(words), [])
                        if (name, value) not in meant:
                            meant.append((name, value))
        self._phrases.pop((), None)
        self._longest = max(map(len, self._phrases), default=0)
        # Written in one: "oat milk" is "oatmilk".
        self._written = {"".join(phrase): phrase for phrase in self._phrases}
        self._choices = list(self._written)
        self._known = {key for phrase in self._phrases for key in phrase} | language.filler

    @property
    def known(self) -> frozenset[str]:
        """All words of its phrases, as they are compared."""
        return frozenset(key for phrase in self._phrases for key in phrase)

    def find(self, tokens: Sequence[Token], preferred: str | None = None) -> list[Span]:
        """Find what is named.

        Args:
            tokens: Of the text.
            preferred: The slot that was asked for: it takes a word that several have.

        Returns:
            In the text's order; none overlap.
        """
        spans: list[Span] = []
        at = 0
        while at < len(tokens):
            span = self._at(tokens, at, preferred)
            if span is None:
                at += 1
            else:
                spans.append(replace(span, negated=self._negated(tokens, span, spans)))
                at = span.end
        return spans

    def close(self, keys: Sequence[str], cutoff: float) -> tuple[str, str, float] | None:
        """The option that words come closest to: slot, value, score of 1.

        Args:
            keys: Of the text; windows of up to three are compared.
            cutoff: The least score, of 100.
        """
        best: tuple[str, str, float] | None = None
        for start in range(len(keys)):
            for size in (1, 2, 3):
                window = keys[start : start + size]
                written = "".join(window)
                if len(window) < size or len(written) < SHORTEST or any(key in self._known for key in window):
                    continue
                hit = process.extractOne(written, self._choices, scorer=fuzz.ratio, score_cutoff=cutoff)
                if hit and (best is None or hit[1] / 100 > best[2]):
                    slot, value = self._phrases[self._written[hit[0]]][0]
                    best = slot, value, hit[1] / 100
        return best

    def _at(self, tokens: Sequence[Token], at: int, preferred: str | None) -> Span | None:
        window: list[str] = []
        for token in tokens[at : at + max(self._longest, 3)]:
            if not token.key:
                break
            window.append(token.key)
        for size in range(min(len(window), self._longest), 0, -1):
            meant = self._phrases.get(tuple(window[:size]))
            if meant:
                slot, value = next((one for one in meant if one[0] == preferred), meant[0])
                return Span(slot, value, at, at + size)
        return self._close_at(window[:3], at, preferred)

    def _close_at(self, window: list[str], at: int, preferred: str | None) -> Span | None:
        best: Span | None = None
        for size in range(len(window), 0, -1):
            part = window[:size]
            written = "".join(part)
            ordinary = len(written) < SHORTEST or any(key in self._known for key in part)
            if ordinary and written not in self._written:
                continue
            hit = process.extractOne(written, self._choices, scorer=fuzz.ratio, score_cutoff=CLOSE)
            if hit and (best is None or hit[1] / 100 > best.score):
                meant = self._phrases[self._written[hit[0]]]
                slot, value = next((one for one in meant if one[0] == preferred), meant[0])
                best = Span(slot, value, at, at + size, hit[1] / 100)
        return best

    def _negated(self, tokens: Sequence[Token], span: Span, before: Sequence[Span]) -> bool:
        """Whether a "no" stands before it, with nothing but filler and other refused things between."""
        at = span.start - 1
        steps = 0
        while at >= 0 and steps < NEGATION_REACH:
            token = tokens[at]
            if not token.key:
                return False
            inside = next((one for one in before if one.start <= at < one.end), None)
            if inside is not None:
                return inside.negated
            if any((token.key,) == phrase for phrase in self._language.phrases["not"]):
                return True
            if token.key not in self._language.filler:
                return False
            at -= 1
            steps += 1
        return False
