"""What a text says about one intent: which of its slots, which things, and how much that speaks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz import fuzz

from agent.task.items import ItemReader, Mention, Mentions
from agent.task.language import Language
from agent.task.patterns import searched
from agent.task.phrases import Phrasebook, Span
from agent.task.tokens import Token, keys_of
from agent.task.unknown import UnknownThings
from agent.task.values import READERS, Heard
from study.task_definition import KINDS_WITH_OPTIONS, IntentDefinition, SlotDefinition

# How much each sign speaks for an intent, together 1 - (1 - a)(1 - b)...: a pattern is as good as certain, a
# word ("get me") speaks for several intents, what an intent needs speaks for it more than what it may have.
PATTERN: Final = 0.95
WORD: Final = 0.4
HEAD: Final = 0.6
VALUE: Final = 0.3
EXAMPLE: Final = 0.9
# An example counts from this likeness on, of 100: unrelated sentences of a language reach 50.
LIKE: Final = 65.0
MOST_WORDS_COUNTED: Final = 2


@dataclass
class Reading:
    """One text, as one intent understands it.

    Args:
        intent: Whose.
        score: How much the text speaks for it, from 0 to 1.
        values: Its slots, by name; a choice said not to be is None.
        lists: Things, by slot.
        evidence: What spoke for it, for the record.
        unknown: What was named where an item would stand, and is none.
    """

    intent: str
    score: float = 0.0
    values: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, Mentions] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        """Whether anything of a slot was said."""
        return bool(self.values) or any(one.things or one.loose or one.of_all for one in self.lists.values())


class IntentReader:
    """Reads texts for one intent.

    Args:
        name: The intent's.
        definition: Of the dialogue file.
        language: Of participants.
        timezone: Where dates and times are meant.
        day_first: Whether 3/4 is the third of April.
    """

    def __init__(
        self, name: str, definition: IntentDefinition, language: Language, timezone: str, day_first: bool
    ) -> None:
        self.name = name
        self.definition = definition
        self._language = language
        self._timezone = timezone
        self._day_first = day_first
        self._words = [keys_of(words) for words in definition.words]
        self._examples = [" ".join(keys_of(example)) for example in definition.examples]
        lists = {slot: one for slot, one in definition.slots.items() if one.kind == "list"}
        self._items = {slot: ItemReader(str(one.head), language) for slot, one in lists.items()}
        # One book for all: the longest name wins, whichever slot has it ("chai latte", not "latte").
        self._owner: dict[str, str | None] = {}
        every: dict[str, SlotDefinition] = {}
        for owner, slots in [(None, definition.slots), *((name, one.slots) for name, one in lists.items())]:
            for slot, one in slots.items():
                if one.kind in KINDS_WITH_OPTIONS:
                    every[_joined(owner, slot)] = one
                    self._owner[_joined(owner, slot)] = owner
        self.book = Phrasebook(every, language)
        self._unknown = [
            UnknownThings(f"{slot}.{one.head}", self.book.known, self._words, language)
            for slot, one in lists.items()
        ]

    def read(
        self, text: str, tokens: tuple[Token, ...], said_at: Any = None, asked: str | None = None
    ) -> Reading:
        """Read a text.

        Args:
            text: As it was said.
            tokens: Its words.
            said_at: When.
            asked: The slot that was asked for.
        """
        reading = Reading(self.name)
        spans = self.book.find(tokens, asked)
        self._choices(reading, [span for span in spans if self._owner[span.slot] is None])
        named = list(spans)
        for slot, items in self._items.items():
            own = [_within(span) for span in spans if self._owner[span.slot] == slot]
            texts = self._texts(slot, text, tokens, own, items)
            # What is named inside such a text is a part of it: "extra oat milk on the side".
            own = [span for span in own if not any(one.start <= span.start < one.end for one in texts)]
            named += texts
            mentions = items.read(tokens, sorted([*own, *texts], key=lambda span: span.start))
            if not mentions.things:
                said = Heard(text, tokens, self._language, said_at, self._timezone, self._day_first, True)
                mentions.loose += self._asked_part(slot, said, asked, {span.slot for span in mentions.loose})
            if mentions.things or mentions.loose or mentions.of_all:
                reading.lists[slot] = mentions
        for unknown in self._unknown:
            reading.unknown += unknown.read(text, tokens, named)
        for slot, definition in self.definition.slots.items():
            if definition.kind in READERS:
                said = Heard(
                    text, tokens, self._language, said_at, self._timezone, self._day_first, slot == asked
                )
                value = READERS[definition.kind](definition, said)
                if value is not None and slot not in reading.values:
                    reading.values[slot] = value
        self._score(reading, text, tuple(token.key for token in tokens if token.key))
        return reading

    def _asked_part(self, slot: str, said: Heard, asked: str | None, told: set[str]) -> list[Span]:
        """The answer to a question for one part of an item, such as its day or its number."""
        of, _, part = (asked or "").partition(".")
        definition = self.definition.slots[slot].slots.get(part) if of == slot else None
        if definition is None or definition.kind not in READERS or part in told:
            return []
        value = READERS[definition.kind](definition, said)
        return [] if value is None else [Span(part, value, 0, 0)]

    def _choices(self, reading: Reading, spans: Sequence[Span]) -> None:
        for span in spans:
            if self.definition.slots[span.slot].kind == "choices":
                values = reading.values.setdefault(span.slot, {"add": [], "drop": []})
                values["drop" if span.negated else "add"].append(span.value)
            else:
                reading.values[span.slot] = None if span.negated else span.value

    def _texts(
        self, slot: str, text: str, tokens: Sequence[Token], spans: list[Span], items: ItemReader
    ) -> list[Span]:
        """Texts within a list: from a word that begins one to the end of the clause."""
        begins = {thing.start for thing in items.read(tokens, spans).things}
        return [
            span
            for name, definition in self.definition.slots[slot].slots.items()
            if definition.kind == "text"
            for span in _texts(name, definition, text, tokens, spans, begins, self._language)
        ]

    def _score(self, reading: Reading, text: str, keys: tuple[str, ...]) -> None:
        signs: list[float] = []
        matched = [pattern for pattern in self.definition.patterns if searched(pattern, text)]
        if matched:
            signs.append(PATTERN)
            reading.evidence["pattern"] = matched[0]
        words = [phrase for phrase in self._words if _stands_in(phrase, keys)]
        signs += [WORD] * min(len(words), MOST_WORDS_COUNTED)
        if words:
            reading.evidence["words"] = [" ".join(phrase) for phrase in words]
        whole = " ".join(keys)
        like = max((fuzz.token_sort_ratio(whole, one) for one in self._examples), default=0.0)
        if like > LIKE:
            signs.append(EXAMPLE * (like - LIKE) / (100 - LIKE))
            reading.evidence["example"] = round(like)
        if any(thing.head for one in reading.lists.values() for thing in one.things):
            signs.append(HEAD)
        signs += [
            HEAD if self.definition.slots[slot].required else VALUE
            for slot, value in reading.values.items()
            if value is not None and self.definition.slots[slot].kind != "text"
        ]
        left = 1.0
        for sign in signs:
            left *= 1 - sign
        reading.score = round(1 - left, 3)


def _joined(owner: str | None, slot: str) -> str:
    return slot if owner is None else f"{owner}.{slot}"


def _within(span: Span) -> Span:
    return Span(span.slot.split(".", 1)[1], span.value, span.start, span.end, span.score, span.negated)


def _stands_in(phrase: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    size = len(phrase)
    return size > 0 and any(keys[at : at + size] == phrase for at in range(len(keys) - size + 1))


def _texts(
    name: str,
    definition: SlotDefinition,
    text: str,
    tokens: Sequence[Token],
    spans: Sequence[Span],
    begins: set[int],
    language: Language,
) -> list[Span]:
    starts = [keys_of(words) for words in definition.starts]
    found: list[Span] = []
    at = 0
    while at < len(tokens):
        keys = tuple(token.key for token in tokens[at : at + 4])
        phrase = next((one for one in starts if one and keys[: len(one)] == one), None)
        inside = any(span.start <= at < span.end for span in spans)
        if phrase is None or inside:
            at += 1
            continue
        end = at + 1
        while end < len(tokens) and tokens[end].key and end not in begins:
            end += 1
        while end > at + len(phrase) and tokens[end - 1].key in language.filler:
            end -= 1  # "extra foam and", "extra foam please"
        words = text[tokens[at].start : tokens[end - 1].end]
        if end - at > len(phrase):  # the word alone says nothing: "extra" of what?
            found.append(Span(name, words, at, end))
        at = max(end, at + 1)
    return found


def reader_of(readers: Mapping[str, IntentReader], name: str | None) -> IntentReader | None:
    """The reader of an intent, where there is one."""
    return None if name is None else readers.get(name)


__all__ = ["IntentReader", "Mention", "Reading", "reader_of"]
