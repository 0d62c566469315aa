"""The participant's screen, as the chat stage sees it: small enough to be drawn by a test."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from data_layer.database.rows import Row
from stages.chat.left import Left
from study.strings import Strings


class Screen(Protocol):
    """Where a participant reads a thread. Rows are rows of `steps` or `runs`."""

    @property
    def strings(self) -> Strings:
        """What the app says, in the language of this screen's participant."""

    async def kept(self, message: Row) -> None:
        """Say that a participant's message is kept: until then the page does not call it sent."""

    async def show(self, step: Row) -> None:
        """Show a step or message, or replace what stands there under its id."""

    async def show_run(self, run: Row) -> None:
        """Show a run: nothing to read, but what its reply and its steps hang under."""

    async def show_element(self, element: Row) -> None:
        """Show a file under its message. A row of `elements`."""

    async def show_form(self, form: Row) -> None:
        """Show a form under its reply, as it stands now: conversations/forms.py, `form_mark`."""

    async def form_refused(self, form_id: str, errors: Mapping[str, Row]) -> None:
        """Say on the page that sent a form that it was not kept, and what is wrong with which item."""

    async def begin(self, message: Row) -> None:
        """Show the first words of a reply that goes on."""

    async def more(self, step_id: str, text: str) -> None:
        """Add words to it."""

    async def remove(self, step_ids: Sequence[str]) -> None:
        """Take steps, messages and runs off the screen."""

    async def redraw(self, thread: Row) -> None:
        """Show a thread anew, or its newest window. As page_shapes.thread_dict has it."""

    async def mark(self, marks: Mapping[str, Row]) -> None:
        """Show what stands with the messages beside their words: conversations/branches.py, `marks`."""

    async def show_intents(self, thread_id: str, shown: Sequence[Row]) -> None:
        """Show which intent is under way, and where others stand: conversations/intents.py, `shown`."""

    async def offer_retry(self, notice_id: str, message_id: str) -> None:
        """Put a Retry under a notice, for a participant's message that has no answer."""

    async def busy(self, working: bool) -> None:
        """Say that the agent is at work, or that the participant may write again."""

    async def left(self, left: Left) -> None:
        """Show how much the participant may still use; once it is over, the field to write in closes."""

    async def say(self, text: str) -> None:
        """Show a passing line that is no part of the thread."""
