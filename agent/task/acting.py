"""The tools of an intent: called for what is new, changed or gone since they were last told."""

import copy
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from agent.events import Event
from agent.task.calling import Caller
from agent.task.dialogue import Dialogue, view_of
from agent.task.state import DialogueState, Thing
from agent.task.templates import evaluated, filled, rendered
from study.task_definition import CallDefinition


class Acting:
    """Calls an intent's tools.

    Args:
        dialogue: The dialogue.
        state: Where it stands; changed in place by what tools say.
        caller: Who calls them.
    """

    def __init__(self, dialogue: Dialogue, state: DialogueState, caller: Caller) -> None:
        self._dialogue = dialogue
        self._state = state
        self._caller = caller
        self.failed = False
        self.completes = False
        self.halted = False
        self.refused: list[str] = []

    async def prepare(self, calls: Sequence[CallDefinition]) -> AsyncGenerator[Event]:
        """Tell tools what they do not know yet; nothing where they know all."""
        things = [thing for items in self._state.things.values() for thing in items]
        if self._state.stands == "same" and all(thing.stands == "same" for thing in things):
            return
        async for event in self.run(calls):
            yield event
        if self.failed or self.halted:
            return
        self._state.sent = copy.deepcopy(self._state.slots)
        for thing in things:
            thing.sent = None if thing.gone else copy.deepcopy(thing.slots)
        for slot in self._state.things:
            self._state.things[slot] = self._state.standing(slot)

    async def run(
        self, calls: Sequence[CallDefinition], *, always: bool = False, asked: bool = False
    ) -> AsyncGenerator[Event]:
        """Call one after another, until one fails.

        Args:
            calls: Which.
            always: Whether or not tools were told before.
            asked: The participant was asked about them, and has said yes.
        """
        stands = {id(thing): thing.stands for items in self._state.things.values() for thing in items}
        whole = self._state.stands
        for call in calls:
            things: list[Thing | None] = list(self._state.things.get(call.each, ())) if call.each else [None]
            for thing in things:
                standing = whole if thing is None else stands[id(thing)]
                if thing is not None and thing.gone and (always or "gone" not in call.when):
                    continue
                if not always and standing not in call.when:
                    continue
                async for event in self._one(call, thing, asked):
                    yield event
                if self.failed or self.halted:
                    return

    async def _one(self, call: CallDefinition, thing: Thing | None, asked: bool) -> AsyncGenerator[Event]:
        values = self._values(call, thing)
        if call.condition is not None and not evaluated(call.condition, values):
            return
        arguments = filled(dict(call.arguments), values)
        async for event in self._caller.call(call.tool, arguments, asked=asked):
            yield event
        answered = self._caller.answered
        self.completes = self.completes or answered.completes
        if answered.is_error:
            self.failed = True
            return
        values["result"] = answered.result
        for name, expression in call.keep.items():
            found = evaluated(expression, values)
            if found in (None, "", []):
                if call.otherwise is not None:
                    self.refused.append(rendered(call.otherwise, values))
                    if thing is not None:
                        thing.gone = True
                    else:
                        self.halted = True
                return
            (self._state.kept if thing is None else thing.kept)[name] = found
        for name, expression in call.share.items():
            self._state.kept[name] = evaluated(expression, values)

    def _values(self, call: CallDefinition, thing: Thing | None) -> dict[str, Any]:
        values = self._dialogue.view(self._state)
        if thing is not None and call.each is not None:
            slot = self._dialogue.intent(self._state.intent or "").slots[call.each]
            values["item"] = view_of(thing, slot)
        return values
