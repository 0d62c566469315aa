"""A dialogue file, ready to be spoken: its intents' readers, its language, its words."""

from collections.abc import Mapping
from typing import Any, Final

from agent.task.dates import warm_up
from agent.task.language import language_named
from agent.task.reading import IntentReader, Reading
from agent.task.state import DialogueState, Thing
from agent.task.templates import rendered
from agent.task.tokens import Token
from study.strings import strings_in
from study.task_definition import DialogueDefinition, IntentDefinition, SlotDefinition

# What there is instead of what there is not.
MOST_OPTIONS_SAID: Final = 12


class Dialogue:
    """What does not change from turn to turn.

    Args:
        definition: The dialogue file.
    """

    def __init__(self, definition: DialogueDefinition) -> None:
        self.definition = definition
        intents = {name: _with_options(intent, definition) for name, intent in definition.intents.items()}
        self._intents = intents
        self.language = language_named(definition.language)
        self._strings = strings_in(definition.language)
        self.readers = {
            name: IntentReader(name, intent, self.language, definition.timezone, definition.day_first)
            for name, intent in intents.items()
        }
        if any(
            slot.kind in ("date", "time")
            for intent in definition.intents.values()
            for slot in intent.slots.values()
        ):
            warm_up(definition.language)

    def intent(self, name: str) -> IntentDefinition:
        """An intent of the file."""
        return self._intents[name]

    def says(self, key: str, **values: object) -> str:
        """A standard answer, in the study's words where it has some."""
        own = self.definition.says.get(key)
        return rendered(own, values) if own is not None else self._strings(f"task.{key}", **values)

    def read(
        self, text: str, tokens: tuple[Token, ...], at: Any = None, asked: Mapping[str, Any] | None = None
    ) -> list[Reading]:
        """Read a text for each intent; the one that it speaks for most comes first."""
        slot = asked_slot(asked)
        readings = [reader.read(text, tokens, at, slot) for reader in self.readers.values()]
        return sorted(readings, key=lambda reading: -reading.score)

    def view(self, state: DialogueState) -> dict[str, Any]:
        """What answers and tools may use: slots with their defaults, lists, and what tools said."""
        if state.intent is None:
            return {}
        values: dict[str, Any] = dict(state.kept)
        for name, slot in self.intent(state.intent).slots.items():
            if slot.kind == "list":
                values[name] = [view_of(thing, slot) for thing in state.standing(name)]
            else:
                values[name] = state.slots.get(name, slot.default)
        return values

    def missing(self, state: DialogueState) -> dict[str, Any] | None:
        """What is still to be asked for; None when all that is required is known."""
        if state.intent is None:
            return None
        for name, slot in self.intent(state.intent).slots.items():
            if slot.kind == "list":
                things = state.standing(name)
                if slot.required and not things:
                    return {"for": "slot", "slot": name}
                for thing in things:
                    for part, inner in slot.slots.items():
                        if inner.required and inner.default is None and part not in thing.slots:
                            return {"for": "slot", "slot": name, "number": thing.number, "part": part}
            elif slot.required and slot.default is None and name not in state.slots:
                return {"for": "slot", "slot": name}
        return None

    def unknown(self, reading: Reading) -> list[str]:
        """What is said of things that a text names and that are not to be had."""
        if not reading.unknown:
            return []
        lists = (slot for slot in self.intent(reading.intent).slots.values() if slot.head is not None)
        options = [name for slot in lists for name in slot.slots[slot.head or ""].options]
        more = ", …" if len(options) > MOST_OPTIONS_SAID else ""
        offered = ", ".join(options[:MOST_OPTIONS_SAID]) + more
        return [self.says("unknown", value=", ".join(reading.unknown), options=offered)]

    def question(self, state: DialogueState, asked: Mapping[str, Any]) -> str:
        """The words of a question for a slot."""
        slot = self.intent(state.intent or "").slots[asked["slot"]]
        if "part" not in asked:
            return rendered(slot.ask or "", self.view(state))
        thing = next(one for one in state.things[asked["slot"]] if one.number == asked["number"])
        return rendered(
            slot.slots[asked["part"]].ask or "", self.view(state) | {"item": view_of(thing, slot)}
        )


def _with_options(intent: IntentDefinition, definition: DialogueDefinition) -> IntentDefinition:
    """Write out the options that choices have of others."""

    def whole(slot: SlotDefinition) -> SlotDefinition:
        inner = {name: whole(one) for name, one in slot.slots.items()}
        return slot.model_copy(update={"options": definition.options_for(slot), "slots": inner})

    return intent.model_copy(update={"slots": {name: whole(slot) for name, slot in intent.slots.items()}})


def view_of(thing: Thing, slot: SlotDefinition) -> dict[str, Any]:
    """An item with its defaults; what tools said of it is in it, too."""
    defaults = {name: one.default for name, one in slot.slots.items()}
    return defaults | thing.kept | thing.slots


def asked_slot(asked: Mapping[str, Any] | None) -> str | None:
    """The slot that a question asked for, as readers name it."""
    if asked is None or asked.get("for") != "slot":
        return None
    return f"{asked['slot']}.{asked['part']}" if "part" in asked else str(asked["slot"])
