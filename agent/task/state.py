"""Where a dialogue stands: plain JSON, reckoned from what was said and what tools answered."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from agent.events import Json


@dataclass
class Thing:
    """One item of a slot of kind list.

    Args:
        number: Names it within the intent, from 1.
        slots: What is known of it.
        kept: What tools said of it.
        sent: Its slots as tools were last told; None before.
        gone: Whether it is wanted no more.
    """

    number: int
    slots: Json = field(default_factory=dict)
    kept: Json = field(default_factory=dict)
    sent: Json | None = None
    gone: bool = False

    @property
    def stands(self) -> str:
        """How it stands to what was sent: "new", "changed", "gone" or "same"."""
        if self.gone:
            return "gone" if self.sent is not None else "same"
        return "new" if self.sent is None else "same" if self.sent == self.slots else "changed"


@dataclass
class DialogueState:
    """The state.

    Args:
        intent: What is under way; None for nothing.
        slots: What is known of it.
        things: The items of its lists, by slot.
        kept: What tools said.
        sent: The slots as tools were last told.
        asked: What the last answer asked for: {"for": "slot"}, "confirm", "value",
            "change", "again", "meant" or "which".
        focus: The thing that was last spoken of: its slot and number.
        made: How many things there have been.
        attempts: The fallback attempts since something was last understood.
    """

    intent: str | None = None
    slots: Json = field(default_factory=dict)
    things: dict[str, list[Thing]] = field(default_factory=dict)
    kept: Json = field(default_factory=dict)
    sent: Json | None = None
    asked: Json | None = None
    focus: list[Any] | None = None
    made: int = 0
    attempts: list[str] = field(default_factory=list)

    def begin(self, intent: str | None) -> None:
        """Begin an intent, or none: nothing of an earlier one goes into it."""
        new = DialogueState(intent)
        for one in fields(self):
            setattr(self, one.name, getattr(new, one.name))

    def standing(self, slot: str) -> list[Thing]:
        """The items of a list that are wanted."""
        return [thing for thing in self.things.get(slot, ()) if not thing.gone]

    def add(self, slot: str) -> Thing:
        """Make a new item."""
        self.made += 1
        thing = Thing(self.made)
        self.things.setdefault(slot, []).append(thing)
        return thing

    @property
    def stands(self) -> str:
        """How the intent's own slots stand to what was sent."""
        return "new" if self.sent is None else "same" if self.sent == self.slots else "changed"

    def parameters(self) -> Json:
        """What is known, as the record shows it."""
        lists = {slot: [dict(thing.slots) for thing in self.standing(slot)] for slot in self.things}
        return copy.deepcopy(self.slots | lists)

    def as_json(self) -> Json:
        """Write it as JSON."""
        written = {one.name: copy.deepcopy(getattr(self, one.name)) for one in fields(self)}
        written["things"] = {
            slot: [vars(thing) for thing in things] for slot, things in written["things"].items()
        }
        return written


def state_from(written: Mapping[str, Any]) -> DialogueState:
    """Read a state that was written as JSON."""
    values = copy.deepcopy(dict(written))
    things = {slot: [Thing(**one) for one in items] for slot, items in values.pop("things", {}).items()}
    return DialogueState(**values, things=things)
