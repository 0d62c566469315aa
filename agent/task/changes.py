"""What a text changes in what is known: new things, more said of one, "change X to Y", "without the milk"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.task.items import Mention, Mentions, merged
from agent.task.language import Language
from agent.task.phrases import Span
from agent.task.reading import Reading
from agent.task.state import DialogueState, Thing
from agent.task.tokens import Token
from study.task_definition import IntentDefinition, SlotDefinition


class Changes:
    """Brings what was said into a state.

    Args:
        state: Changed in place.
        definition: The intent that is under way.
        language: Of participants.
        tokens: Of the text.
    """

    def __init__(
        self,
        state: DialogueState,
        definition: IntentDefinition,
        language: Language,
        tokens: Sequence[Token],
    ) -> None:
        self._state = state
        self._definition = definition
        self._language = language
        places = [place for place, token in enumerate(tokens) if token.key]
        self._places = places
        self._keys = tuple(tokens[place].key for place in places)
        change = language.found("change", self._keys)
        to = language.found("to", self._keys, change[1]) if change else None
        # Of "change X to Y": where the "to" stands among the tokens.
        self._to = places[to[0]] if to else None
        self.changed: list[str] = []

    def apply(self, reading: Reading) -> None:
        """Take over all that a text says."""
        for slot, value in reading.values.items():
            self._value(slot, value)
        for slot, mentions in reading.lists.items():
            self._mentions(slot, mentions)

    def _value(self, slot: str, value: Any) -> None:
        slots = self._state.slots
        if self._definition.slots[slot].kind == "choices":
            value = _chosen(slots.get(slot), value["add"], value["drop"])
        if value is None or value == []:
            slots.pop(slot, None)
        else:
            slots[slot] = value
        self.changed.append(slot)

    def _mentions(self, slot: str, mentions: Mentions) -> None:
        definition = self._definition.slots[slot]
        removes = self._language.has("remove", self._keys)
        wanted = self._swapped(slot, merged(mentions.things))
        things = [self._thing(slot, mention, removes) for mention in wanted]
        told = [thing for thing in things if thing is not None]
        for thing, mention in told:
            if removes and mention.head is not None and not mention.spans and mention.definite:
                thing.gone = True
                self.changed.append(f"{slot}.{thing.number}")
            else:
                self._tell(slot, thing, mention, definition)
        loose = self._instead(mentions.loose)
        focus = self._spoken_of(slot, loose) or self._focus(slot)
        if loose and focus is not None:
            everyone = self._state.standing(slot) if self._language.has("all", self._keys) else [focus]
            for one in everyone:
                self._spans(slot, one, loose, definition)
        for one in [thing for thing, _ in told] or self._state.standing(slot):
            self._spans(slot, one, mentions.of_all, definition)

    def _swapped(self, slot: str, mentions: list[Mention]) -> list[Mention]:
        """Of "change the latte to a mocha": the thing becomes the other, and what is left to be told.

        "make the latte a mocha" says the same.
        """
        head = self._definition.slots[slot].head or ""
        told = [one for one in mentions if one.head is not None]
        if len(told) != 2 or len(mentions) != 2:
            return mentions
        old, new = told
        becomes = self._to is not None and new.head is not None and new.head.start >= self._to
        if not becomes and not self._makes(old, new):
            return mentions
        thing = next(
            (one for one in self._state.standing(slot) if old.head and one.slots.get(head) == old.head.value),
            None,
        )
        if thing is None or new.head is None or not old.place < new.place:
            return mentions
        thing.slots[head] = new.head.value
        new.definite, new.quantity = True, None
        return [new]

    def _makes(self, old: Mention, new: Mention) -> bool:
        """Whether it is "make the latte a mocha": an article alone parts what was and what will be."""
        change = self._language.found("change", self._keys)
        if change is None or old.head is None or not old.definite:
            return False
        between = self._keys[self._words_before(old.head.end) : new.place]
        return 0 <= old.place - change[1] <= 1 and between in self._language.phrases["article"]

    def _words_before(self, token: int) -> int:
        return sum(1 for place in self._places if place < token)

    def _instead(self, spans: list[Span]) -> list[Span]:
        """Of "almond instead of oat": what stands behind the "instead of" is not wanted."""
        instead = self._language.found("instead", self._keys)
        if instead is None:
            return spans
        return [
            replace(span, negated=True) if 0 <= self._words_before(span.start) - instead[1] <= 1 else span
            for span in spans
        ]

    def _spoken_of(self, slot: str, spans: list[Span]) -> Thing | None:
        """The thing that has what is not wanted any more."""
        unwanted = [span for span in spans if span.negated]
        having = [
            thing
            for thing in self._state.standing(slot)
            for span in unwanted
            if span.value == (has := thing.slots.get(span.slot))
            or (isinstance(has, list) and span.value in has)
        ]
        return having[-1] if having else None

    def _thing(self, slot: str, mention: Mention, removes: bool) -> tuple[Thing, Mention] | None:
        """The thing that is spoken of: one of before, or a new one."""
        standing = self._state.standing(slot)
        head = self._definition.slots[slot].head or ""
        if mention.ordinal is not None and mention.ordinal < len(standing):
            return standing[mention.ordinal], mention
        if mention.head is None:
            focus = self._focus(slot)
            if focus is None:
                return None
            if not mention.another:
                return focus, mention
            new = self._state.add(slot)
            new.slots = (
                dict(focus.slots) | {"quantity": 1} if "quantity" in focus.slots else dict(focus.slots)
            )
            return new, mention
        same = [thing for thing in standing if thing.slots.get(head) == mention.head.value]
        if same and (mention.definite or removes or self._repeats(slot, mention, same[-1])):
            return same[-1], mention
        if removes and mention.head.negated:
            return None
        replaced = self._replaced(slot, mention, standing)
        return (replaced or self._state.add(slot)), mention

    def _repeats(self, slot: str, mention: Mention, thing: Thing) -> bool:
        """Whether a mention says again what is known: "One latte. Yes, that's it."."""
        asked = (self._state.asked or {}).get("for")
        if (
            asked not in ("confirm", "change", "value")
            or mention.another
            or self._language.has("add", self._keys)
        ):
            return False
        return all(
            thing.slots.get(span.slot) in (span.value, None)
            or span.value in (thing.slots.get(span.slot) or ())
            for span in mention.spans
        )

    def _replaced(self, slot: str, mention: Mention, standing: list[Thing]) -> Thing | None:
        """Of "make it a mocha", "change the latte to a mocha": the thing that becomes another."""
        language, keys = self._language, self._keys
        change = language.found("change", keys)
        to = language.found("to", keys, change[1]) if change else None
        wrong = (self._state.asked or {}).get("for") in ("change", "confirm") and language.has(
            "refused", keys
        )
        instead = language.has("instead", keys) or keys[-1:] == ("instead",)
        # "two lattes, and make one with oat milk" makes no latte of anything: it stands before the verb.
        after = mention.head is not None and change is not None and mention.place >= change[0]
        made = change is not None and after and (to is not None or _said_it(keys, change[1]))
        if not (made or instead or wrong) or language.has("add", keys):
            return None
        return self._focus(slot) if standing else None

    def _tell(self, slot: str, thing: Thing, mention: Mention, definition: SlotDefinition) -> None:
        if mention.head is not None and not mention.head.negated:
            thing.slots[definition.head or ""] = mention.head.value
        quantity = next((name for name, one in definition.slots.items() if one.kind == "quantity"), None)
        if quantity and mention.quantity is not None and (mention.head is not None or mention.another):
            thing.slots[quantity] = mention.quantity
        self._spans(slot, thing, mention.spans, definition)
        self._state.focus = [slot, thing.number]
        self.changed.append(f"{slot}.{thing.number}")

    def _spans(self, slot: str, thing: Thing, spans: list[Span], definition: SlotDefinition) -> None:
        for span in spans:
            if definition.slots[span.slot].kind == "choices":
                old = self._to is not None and span.start < self._to
                add, drop = ([], [span.value]) if span.negated or old else ([span.value], [])
                thing.slots[span.slot] = _chosen(thing.slots.get(span.slot), add, drop)
                if not thing.slots[span.slot]:
                    del thing.slots[span.slot]
            elif span.negated:
                if thing.slots.get(span.slot) == span.value:
                    del thing.slots[span.slot]
            else:
                thing.slots[span.slot] = span.value
            self.changed.append(f"{slot}.{thing.number}.{span.slot}")

    def _focus(self, slot: str) -> Thing | None:
        standing = self._state.standing(slot)
        number = self._state.focus[1] if self._state.focus and self._state.focus[0] == slot else None
        return next((one for one in standing if one.number == number), standing[-1] if standing else None)


def _chosen(before: Any, add: list[str], drop: list[str]) -> list[str]:
    chosen = [one for one in (before or ()) if one not in drop]
    return chosen + [one for one in dict.fromkeys(add) if one not in chosen and one not in drop]


def _said_it(keys: tuple[str, ...], at: int) -> bool:
    return any(key in ("it", "that", "mine", "es", "das", "lo") for key in keys[at : at + 1])
