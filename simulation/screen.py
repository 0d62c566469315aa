"""What Chainlit's page would show after the events that it got: the rules of its message list.

Three of them decide what a participant sees, so they are kept exactly (react-client, `addMessage`,
`updateMessageById`, `updateMessageContentById`):
- a step whose parent is not on the list is dropped, and a later update does not bring it back;
- a step that is already on the list is merged with, in its place;
- a token for a step that is not on the list is dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.vocabulary import FormState, StepType

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message or step as it stood on the screen, Chainlit's runs left out.

    Args:
        id: The step's id.
        type: One of StepType's values.
        name: Author of a reply, name of a tool; empty for a participant's message, whose author the
            page does not draw.
        input: What went into a tool; empty for a message.
        output: What was said, or what came out of a tool.
    """

    id: str
    type: str
    name: str
    input: str
    output: str


class SimulatedScreen:
    """One thread on one participant's page."""

    def __init__(self) -> None:
        self.steps: dict[str, Json] = {}
        self.actions: dict[str, Json] = {}
        self.forms: dict[str, Json] = {}
        self.intents: list[Json] = []
        self.dropped: list[str] = []
        self.doubled: list[str] = []
        self.starts = 0
        self.depth = 0
        self.thread_id: str | None = None

    def begin_connection(self) -> None:
        """Forget what a page forgets when it is loaded anew."""
        self.steps.clear()
        self.actions.clear()
        self.forms.clear()
        self.intents.clear()
        self.depth = 0

    def apply(self, event: str, data: Any) -> None:
        """Take one Socket.IO event.

        Args:
            event: Its name; unknown ones are ignored, as the page does.
            data: What came with it.
        """
        handler = _HANDLERS.get(event)
        if handler is not None:
            handler(self, data)

    def add(self, step: Mapping[str, Any]) -> None:
        """Put a step on the list, or merge it with the one of the same id."""
        step_id = str(step["id"])
        parent_id = step.get("parentId")
        if step_id in self.steps:
            self.steps[step_id].update(step)
        elif parent_id and parent_id not in self.steps:
            self.dropped.append(step_id)
        else:
            self.steps[step_id] = dict(step)
        form = (step.get("metadata") or {}).get("form")
        if form is not None:
            self._form(form)

    def seen(self) -> tuple[ShownMessage, ...]:
        """Return the messages and steps in the order in which they came onto the screen."""
        return tuple(
            ShownMessage(
                id=step_id,
                type=str(step.get("type", "")),
                name="" if step.get("type") == StepType.USER_MESSAGE else str(step.get("name", "")),
                input=str(step.get("input") or ""),
                output=str(step.get("output") or ""),
            )
            for step_id, step in self.steps.items()
            if step.get("type") != StepType.RUN
        )

    def after(self, message_id: str) -> tuple[ShownMessage, ...]:
        """Return what stands below a message."""
        seen = self.seen()
        places = [place for place, shown in enumerate(seen) if shown.id == message_id]
        return seen[places[0] + 1 :] if places else ()

    @property
    def busy(self) -> bool:
        """Whether the agent is at work, so that the participant has to wait."""
        return self.depth > 0

    def is_streaming(self, message_id: str) -> bool:
        """Whether something below a message is still being written."""
        return any(self.steps[shown.id].get("streaming") for shown in self.after(message_id))

    def actions_named(self, name: str) -> Sequence[Json]:
        """Return the buttons of that name whose step stands on the screen."""
        return [a for a in self.actions.values() if a.get("name") == name and a.get("forId") in self.steps]

    @property
    def open_form(self) -> Json | None:
        """The form under the last reply, while it waits for an answer."""
        forms = [one for one in self.forms.values() if one["message"] in self.steps]
        return forms[-1] if forms and forms[-1]["state"] == FormState.OPEN else None

    @property
    def offered(self) -> Json | None:
        """The intent that the participant is asked whether to go on with."""
        return next((one for one in reversed(self.intents) if one.get("offered")), None)

    def _form(self, form: Mapping[str, Any]) -> None:
        self.forms[str(form["id"])] = dict(form)

    def _intents(self, news: Mapping[str, Any]) -> None:
        self.intents = list(news["intents"])

    def _update(self, step: Mapping[str, Any]) -> None:
        if str(step["id"]) in self.steps:
            self.steps[str(step["id"])].update(step)

    def _token(self, data: Mapping[str, Any]) -> None:
        step = self.steps.get(str(data["id"]))
        if step is None:
            return
        key = "input" if data.get("isInput") else "output"
        step[key] = data["token"] if data.get("isSequence") else (step.get(key) or "") + data["token"]

    def _delete(self, step: Mapping[str, Any]) -> None:
        gone = {str(step["id"])}
        # Parents stand before their children, so one pass finds the whole family.
        for step_id, held in self.steps.items():
            if held.get("parentId") in gone:
                gone.add(step_id)
        for step_id in gone:
            self.steps.pop(step_id, None)

    def _resume(self, thread: Mapping[str, Any]) -> None:
        self.steps.clear()
        self.forms.clear()
        self.thread_id = str(thread["id"])
        self.intents = list(thread.get("intents") or ())
        for step in thread.get("steps", []):
            if str(step["id"]) in self.steps:
                self.doubled.append(str(step["id"]))
            self.add(step)

    def _action(self, action: Mapping[str, Any]) -> None:
        self.actions[str(action["id"])] = dict(action)

    def _remove_action(self, action: Mapping[str, Any]) -> None:
        self.actions.pop(str(action["id"]), None)

    def _task_start(self, _: Any) -> None:
        self.starts += 1
        self.depth += 1

    def _task_end(self, _: Any) -> None:
        # Chainlit ends a task that it never began whenever somebody connects (socket.py:212).
        self.depth = max(0, self.depth - 1)

    def _first_interaction(self, data: Mapping[str, Any]) -> None:
        self.thread_id = str(data["thread_id"])


_HANDLERS = {
    "new_message": SimulatedScreen.add,
    "stream_start": SimulatedScreen.add,
    "update_message": SimulatedScreen._update,
    "stream_token": SimulatedScreen._token,
    "delete_message": SimulatedScreen._delete,
    "resume_thread": SimulatedScreen._resume,
    "action": SimulatedScreen._action,
    "remove_action": SimulatedScreen._remove_action,
    "task_start": SimulatedScreen._task_start,
    "task_end": SimulatedScreen._task_end,
    "first_interaction": SimulatedScreen._first_interaction,
    "form": SimulatedScreen._form,
    "intents": SimulatedScreen._intents,
}
