"""What a participant remembers of a thread, held against what comes back after a reconnect."""

from typing import Any

from simulation.screen import ShownMessage, SimulatedScreen
from study.vocabulary import FormState


class Memory:
    """The screen as it stood at the end of the last whole turn."""

    def __init__(self) -> None:
        self._kept: dict[str, ShownMessage] = {}
        self._closed: dict[str, tuple[Any, Any]] = {}

    def keep(self, screen: SimulatedScreen) -> None:
        """Remember a screen.

        Args:
            screen: A turn has just ended on it.
        """
        self._kept = {shown.id: shown for shown in screen.seen()}
        self._closed |= {
            form_id: _state_of(form)
            for form_id, form in screen.forms.items()
            if form["state"] != FormState.OPEN
        }

    def faults_of(self, screen: SimulatedScreen, begun: str | None) -> list[str]:
        """Name what a screen that was read again has lost or changed.

        Args:
            screen: As the server has just sent it.
            begun: The message of the turn that was cut off, when its reply had begun, or the server had said
                that it is kept.

        Returns:
            Each broken promise in a sentence.
        """
        now = {shown.id: shown for shown in screen.seen()}
        faults = [
            f"{shown} came back as {now.get(step_id)}"
            for step_id, shown in self._kept.items()
            if now.get(step_id) != shown
        ]
        if [step_id for step_id in now if step_id in self._kept] != [i for i in self._kept if i in now]:
            faults.append(f"came back in another order: {list(now)}")
        faults += [
            f"form {form_id} came back as {_state_of(form)}, not {self._closed[form_id]}"
            for form_id, form in screen.forms.items()
            if self._closed.get(form_id, _state_of(form)) != _state_of(form)
        ]
        if begun is not None and begun not in now:
            faults.append(f"message {begun} was gone though its reply had begun")
        if screen.doubled:
            faults.append(f"twice on the screen: {screen.doubled}")
        return faults


def _state_of(form: dict[str, Any]) -> tuple[Any, Any]:
    return form["state"], form["answers"]
