"""The participant's screen as Chainlit's page draws it.

It speaks through the emitters of its sessions and writes nothing: Chainlit's own Message and Step
would persist beside us. Event names: chainlit/emitter.py:248-470.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from chainlit.action import Action
from chainlit.emitter import ChainlitEmitter
from chainlit.session import WebsocketSession

from data_layer.page_shapes import run_dict, step_dict
from data_layer.writes import Row
from stages import texts

log = structlog.get_logger(__name__)

RETRY_ACTION = "retry"


class ChainlitScreen:
    """Shows a thread to every page that has it open in this turn.

    Args:
        session: The page that the turn came from.
    """

    def __init__(self, session: WebsocketSession) -> None:
        self._sessions = [session]

    def join(self, session: WebsocketSession) -> None:
        """Another page opens the thread while it is being written: it sees the rest as well."""
        if session not in self._sessions:
            self._sessions.append(session)

    async def show(self, step: Row) -> None:
        """Show a step or message, or replace what stands there under its id."""
        await self._emit("new_message", step_dict(step))

    async def show_run(self, run: Row) -> None:
        """Show a run."""
        await self._emit("new_message", run_dict(run))

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

    async def offer_retry(self, notice_id: str, message_id: str) -> None:
        """Put a Retry under a notice."""
        action = Action(
            name=RETRY_ACTION,
            payload={"message_id": message_id},
            label=texts.RETRY,
            icon="rotate-ccw",
        )
        await self._emit("action", action.to_dict() | {"forId": notice_id})

    async def busy(self, working: bool) -> None:
        """Say that the agent is at work, or that the participant may write again."""
        await self._emit("task_start" if working else "task_end", {})

    async def say(self, text: str) -> None:
        """Show a passing line."""
        await self._emit("toast", {"message": text, "type": "info"})

    async def _emit(self, event: str, data: Any) -> None:
        for session in tuple(self._sessions):
            try:
                await ChainlitEmitter(session).emit(event, data)
            except Exception as error:  # A page that is gone must not end the reply of the others.
                log.info("page_not_reached", event_name=event, error_type=type(error).__name__)


def later(coroutine: Any) -> None:
    """Do something after Chainlit has sent what it is about to send.

    The task is kept until it is done: the loop itself holds tasks only weakly.
    """
    task = asyncio.get_running_loop().create_task(coroutine)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


_tasks: set[asyncio.Task[Any]] = set()
