"""The participant's screen, as the chat stage sees it: small enough to be drawn by a test."""

from collections.abc import Sequence
from typing import Protocol

from data_layer.writes import Row


class Screen(Protocol):
    """Where a participant reads a thread. Rows are rows of `steps` or `runs`."""

    async def show(self, step: Row) -> None:
        """Show a step or message, or replace what stands there under its id."""

    async def show_run(self, run: Row) -> None:
        """Show a run: nothing to read, but what its reply and its steps hang under."""

    async def begin(self, message: Row) -> None:
        """Show the first words of a reply that goes on."""

    async def more(self, step_id: str, text: str) -> None:
        """Add words to it."""

    async def remove(self, step_ids: Sequence[str]) -> None:
        """Take steps, messages and runs off the screen."""

    async def offer_retry(self, notice_id: str, message_id: str) -> None:
        """Put a Retry under a notice, for a participant's message that has no answer."""

    async def busy(self, working: bool) -> None:
        """Say that the agent is at work, or that the participant may write again."""

    async def say(self, text: str) -> None:
        """Show a passing line that is no part of the thread."""
