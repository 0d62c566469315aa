"""The participant's screen as Chainlit's page draws it.

It speaks to every page that has the thread open (page_hub.py) and writes nothing: Chainlit's own Message
and Step would persist beside us. Event names: chainlit/emitter.py:248-470; our own are ToPage's.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Protocol

from chainlit.action import Action
from chainlit.session import WebsocketSession

from data_layer.chainlit.shapes import element_dict, run_dict, step_dict
from data_layer.database.rows import Row
from stages.chat.left import Left
from study.strings import Strings
from web.socket_events import ToPage

RETRY_ACTION: Final = "retry"


class Pages(Protocol):
    """The pages that have threads open (page_hub.py)."""

    async def tell(
        self, room: tuple[str, str], event: str, data: Any, but: WebsocketSession | None = None
    ) -> None:
        """Tell every page in a room something, or every page but one."""

    async def tell_everywhere(self, participant_id: str, event: str, data: Any) -> None:
        """Tell every page of a participant that has a thread open."""

    async def tell_page(self, session: WebsocketSession, event: str, data: Any) -> None:
        """Tell one page something, in its turn."""


class RoomScreen:
    """Shows a thread to every page that has it open.

    Args:
        pages: Where they are.
        room: Which of them are meant.
        strings: In their participant's language.
    """

    def __init__(self, pages: Pages, room: tuple[str, str], strings: Strings) -> None:
        self._pages = pages
        self._room = room
        self.strings = strings

    async def kept(self, message: Row) -> None:
        """Show a message that is kept: none of these pages sent it."""
        await self.show(message)

    async def form_refused(self, form_id: str, errors: Mapping[str, Row]) -> None:
        """Nothing: none of these pages sent it."""

    async def say(self, text: str) -> None:
        """Nothing: it is for who asked, and none of these pages did."""

    async def show(self, step: Row) -> None:
        """Show a step or message, or replace what stands there under its id."""
        await self._emit("new_message", step_dict(step))

    async def show_run(self, run: Row) -> None:
        """Show a run."""
        await self._emit("new_message", run_dict(run))

    async def show_element(self, element: Row) -> None:
        """Show a file under its message."""
        await self._emit("element", element_dict(element))

    async def show_form(self, form: Row) -> None:
        """Show a form under its reply, as it stands now."""
        await self._emit(ToPage.FORM, form)

    async def begin(self, message: Row) -> None:
        """Show the first words of a reply that goes on."""
        await self._emit("stream_start", step_dict(message))

    async def more(self, step_id: str, text: str) -> None:
        """Add words to it."""
        token = {"id": step_id, "token": text, "isSequence": False, "isInput": False}
        await self._emit("stream_token", token)

    async def remove(self, step_ids: Sequence[str]) -> None:
        """Take steps, messages and runs off the screen."""
        for step_id in step_ids:
            await self._emit("delete_message", {"id": step_id})

    async def mark(self, marks: Mapping[str, Row]) -> None:
        """Show what stands with the messages beside their words."""
        await self._emit(ToPage.MARKS, dict(marks))

    async def show_intents(self, thread_id: str, shown: Sequence[Row]) -> None:
        """Show which intent is under way, and where others began and ended."""
        await self._emit(ToPage.INTENTS, {"thread": thread_id, "intents": list(shown)})

    async def redraw(self, thread: Mapping[str, Any]) -> None:
        """Show a thread anew, from its first step to its last.

        Args:
            thread: page_shapes.thread_dict's shape, of this room's thread.
        """
        # The page shows the thread's agent already, or another where the study has that one no more.
        metadata = {name: value for name, value in thread["metadata"].items() if name != "chat_profile"}
        await self._emit("resume_thread", {**thread, "metadata": metadata})

    async def offer_retry(self, notice_id: str, message_id: str) -> None:
        """Put a Retry under a notice; one that stands there already is replaced."""
        for event, data in retry_button(notice_id, message_id, self.strings("chat.retry")):
            await self._emit(event, data)

    async def left(self, left: Left) -> None:
        """Show how much the participant may still use; that it is nothing, in all their threads."""
        shape = limits_shape(left)
        if left.over == "participant":
            await self._pages.tell_everywhere(self._room[0], ToPage.LIMITS, shape)
        else:
            await self._emit(ToPage.LIMITS, shape)

    async def busy(self, working: bool) -> None:
        """Say that the agent is at work, or that the participant may write again."""
        await self._emit(at_work(working), {})

    async def _emit(self, event: str, data: Any) -> None:
        await self._pages.tell(self._room, event, data)


def limits_shape(left: Left, not_taken: str | None = None) -> dict[str, Any]:
    """What a page is told of its limits: which of tokens or money it was stays here.

    Args:
        left: What is left.
        not_taken: The id of a message whose words it takes back into its field.
    """
    shape = asdict(left)
    del shape["what"]
    return shape | ({"not_taken": not_taken} if not_taken else {})


def at_work(working: bool) -> str:
    """Chainlit's own word for it."""
    return "task_start" if working else "task_end"


def retry_button(notice_id: str, message_id: str, label: str) -> list[tuple[str, Any]]:
    """Offer a Retry: by the same id each time, for the page adds what it has already once more."""
    action = Action(name=RETRY_ACTION, payload={"message_id": message_id}, label=label, icon="rotate-ccw")
    shape = action.to_dict() | {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, notice_id)), "forId": notice_id}
    return [("remove_action", shape), ("action", shape)]
