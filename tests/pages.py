"""Pages that are connected: Chainlit's own sessions, over a socket that only remembers."""

import uuid
from collections.abc import Callable
from typing import Any

from chainlit.chat_context import chat_contexts
from chainlit.context import context_var, init_ws_context
from chainlit.session import WebsocketSession, ws_sessions_id, ws_sessions_sid
from chainlit.user import PersistedUser
from chainlit.user_session import user_sessions

from page.chat.chainlit_chat import ChainlitChat


class FakePage:
    """A participant's page.

    Args:
        participant_id: Who is signed in.
        thread_id: The thread that it opens; none is a new one.
    """

    def __init__(self, participant_id: str, thread_id: str | None = None) -> None:
        self.emitted: list[tuple[str, Any]] = []
        self._acts: dict[str, Callable[[], None]] = {}
        user = PersistedUser(
            id=participant_id,
            createdAt="2026-11-21T12:00:00.000Z",
            identifier=participant_id,
            display_name="Ada",
        )
        self.session = WebsocketSession(
            id=str(uuid.uuid4()),
            socket_id=str(uuid.uuid4()),
            emit=self._emit,  # type: ignore[arg-type]  # Chainlit awaits it, whatever its types say
            emit_call=self._emit,
            user_env={},
            client_type="webapp",
            user=user,
            thread_id=thread_id,
        )

    @property
    def thread_id(self) -> str:
        """The thread that stands on it."""
        return self.session.thread_id

    @property
    def sid(self) -> str:
        """Its socket."""
        return self.session.socket_id

    def enter(self) -> None:
        """Serve it from here on, as Chainlit does in each of its handlers."""
        init_ws_context(self.session)

    async def speak(self) -> None:
        """Do what Chainlit does at the first message: let go what it has held back."""
        self.session.has_first_interaction = True
        await self.session.flush_method_queue()

    def of(self, event: str) -> list[Any]:
        """What it was sent of one kind."""
        return [data for name, data in self.emitted if name == event]

    def when(self, event: str, act: Callable[[], None]) -> None:
        """Do something the moment that it is sent an event: a look at it later may come too late."""
        self._acts[event] = act

    async def _emit(self, event: str, data: Any, *_: Any) -> None:
        self.emitted.append((event, data))
        if act := self._acts.get(event):
            act()


async def heard(chat: ChainlitChat, session: WebsocketSession, message_id: str, text: str) -> None:
    """A page says something, and its turn has ended."""
    await chat.on_message(session, message_id, text)
    turn = session.current_task
    assert turn is not None
    await turn


def forget_pages() -> None:
    """Close every page that a test has opened."""
    for kept in (ws_sessions_id, ws_sessions_sid, chat_contexts, user_sessions):
        kept.clear()


def leave_pages() -> None:
    """Serve no page any more: what follows comes by HTTP, or from the app itself."""
    context_var.set(None)  # type: ignore[arg-type]
