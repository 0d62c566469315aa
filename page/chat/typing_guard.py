"""An event of our own page, guarded: "typing". It says that keys are pressed, and nothing of what is typed.

How often it comes is held by frame_limit.py, as every frame; to hear it costs less than to count it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from chainlit.session import WebsocketSession

from data_layer.conversations.presence import Presence
from web.socket_events import FromPage


class TypingGuard:
    """Hears it, for the participant and the thread of the page's own session.

    Args:
        presence: Told of it.
    """

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    def handlers(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        """The handlers, by event."""
        return {FromPage.TYPING: self.typing}

    async def typing(self, sid: str, *_data: Any) -> None:
        """A key was pressed; whatever else the page says is not looked at."""
        session = WebsocketSession.get(sid)
        if session is not None and session.user is not None:
            self._presence.typed(session.user.identifier, session.thread_id)
