"""What a participant remembers of a thread, held against what comes back after a reconnect."""

from simulation.screen import ShownMessage, SimulatedScreen


class Memory:
    """The screen as it stood at the end of the last whole turn."""

    def __init__(self) -> None:
        self._kept: dict[str, ShownMessage] = {}

    def keep(self, screen: SimulatedScreen) -> None:
        """Remember a screen.

        Args:
            screen: A turn has just ended on it.
        """
        self._kept = {shown.id: shown for shown in screen.seen()}

    def faults_of(self, screen: SimulatedScreen, begun: str | None) -> list[str]:
        """Name what a screen that was read again has lost or changed.

        Args:
            screen: As the server has just sent it.
            begun: The message of the turn that was cut off, when its reply had begun.

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
        if begun is not None and begun not in now:
            faults.append(f"message {begun} was gone though its reply had begun")
        if screen.doubled:
            faults.append(f"twice on the screen: {screen.doubled}")
        return faults
