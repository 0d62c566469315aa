"""Holds what a participant's pages ask for to a pace that no person's typing reaches.

One participant's program that says a thousand things at once would have the agent answer, the record
keep and the loop handle a thousand things, while everybody else waits.
"""

from collections.abc import Callable
from typing import Any, Final

from chainlit.session import WebsocketSession
from starlette.requests import HTTPConnection

from data_layer.record import Record
from page.cookies import signed_in
from page.guard import Handler
from page.not_let_in import NotLetIn
from page.pace import Pace

# How many at once, and how many a second after that; counted for a participant, whose pages may be many.
# What sets the agent to work. People who type fast send one in five seconds.
SPOKEN: Final = (30, 0.5)
# What makes a session of some 70 KB that is kept for a quarter of an hour, or reads a whole thread.
# To look into one thread after the other takes one of each.
OPENED: Final = (60, 1.0)
# What changes what stands, or ends it, without asking the agent for anything.
TURNED: Final = (60, 2.0)
# One row in the record tells of a flood; each refusal would make it another.
TOLD: Final = (1, 0.1)

PACES: Final = {
    "client_message": ("spoken", SPOKEN),
    "edit_message": ("spoken", SPOKEN),
    "try_again": ("spoken", SPOKEN),
    "show_branch": ("turned", TURNED),
    "stop": ("stopped", TURNED),
    "connect": ("connected", OPENED),
    "connection_successful": ("opened", OPENED),
}


class Flood:
    """Stands before the guard.

    Args:
        record: Told of refusals.
        say: A text in the language of a page's participant.
    """

    def __init__(self, record: Record, say: Callable[[WebsocketSession, str], str]) -> None:
        self._record = record
        self._say = say
        self._paces = {name: Pace(*limits) for name, limits in PACES.values()}
        self._told = Pace(*TOLD)

    def hold(self, handlers: dict[str, Handler]) -> dict[str, Handler]:
        """Handlers that let through what is not too much; the others are as they were."""
        held = {event: self._held(event, handlers[event]) for event in PACES if event in handlers}
        return handlers | held

    def _held(self, event: str, handler: Handler) -> Handler:
        pace = self._paces[PACES[event][0]]

        async def handle(sid: str, *data: Any) -> Any:
            participant_id = _connecting(data) if event == "connect" else _speaking(sid)
            if participant_id is None or pace.allows(participant_id):
                return await handler(sid, *data)
            if self._told.allows(participant_id):
                self._record.refused(event, "too much in a short time", participant_id)
            if event == "connect":
                raise NotLetIn("too many connections")
            await self._tell(sid)
            return None

        return handle

    async def _tell(self, sid: str) -> None:
        """The page has shown the message on its own: it stays there as not delivered."""
        session = WebsocketSession.get(sid)
        if session is not None:
            emit: Any = session.emit
            await emit("toast", {"message": self._say(session, "chat.too_fast"), "type": "warning"})
            await emit("task_end", {})


def _speaking(sid: str) -> str | None:
    session = WebsocketSession.get(sid)
    return session.user.identifier if session is not None and session.user is not None else None


def _connecting(data: tuple[Any, ...]) -> str | None:
    scope = data[0].get("asgi.scope") if data and isinstance(data[0], dict) else None
    user = signed_in(HTTPConnection(scope)) if isinstance(scope, dict) else None
    return user.identifier if user else None
