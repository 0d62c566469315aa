"""Holds what a participant's pages ask for to a pace that no person's typing reaches.

One participant's program that says a thousand things at once would have the agent answer, the record
keep and the loop handle a thousand things, while everybody else waits.
"""

import math
from collections.abc import Callable
from typing import Any, Final

from chainlit.session import WebsocketSession
from starlette.requests import HTTPConnection

from data_layer.record import Record
from page.chainlit.cookies import signed_in
from page.chat.connection_refused import NotLetIn
from page.chat.guard import Handler
from page.chat.message_payload import id_in
from study.pace import OPENED, SPOKEN, TOLD, TURNED, RateLimiter
from web.socket_events import FromPage, ToPage

PACES: Final = {
    "client_message": ("spoken", SPOKEN),
    "edit_message": ("spoken", SPOKEN),
    FromPage.TRY_AGAIN: ("spoken", SPOKEN),
    FromPage.ANSWER_FORM: ("spoken", SPOKEN),
    FromPage.SHOW_BRANCH: ("turned", TURNED),
    FromPage.ANSWER_OFFER: ("turned", TURNED),
    "stop": ("stopped", TURNED),
    "connect": ("connected", OPENED),
    "connection_successful": ("opened", OPENED),
}


class EventRateLimit:
    """Stands before the guard.

    Args:
        record: Told of refusals.
        say: A text in the language of a page's participant, by its key and what it is filled with.
    """

    def __init__(self, record: Record, say: Callable[..., str]) -> None:
        self._record = record
        self._say = say
        self._paces = {name: RateLimiter(*limits) for name, limits in PACES.values()}
        self._told = RateLimiter(*TOLD)

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
            await self._tell(sid, event, _id_in(event, data), pace.wait_s(participant_id))
            return None

        return handle

    async def _tell(self, sid: str, event: str, message_id: str | None, wait_s: float) -> None:
        """The page has shown the message on its own: it stays there as not delivered, and can be sent again.

        Of an edit it has taken away what stood below: it gets its thread again, and the words in its field.
        """
        session = WebsocketSession.get(sid)
        if session is not None:
            emit: Any = session.emit
            said = self._say(session, "chat.too_fast", seconds=max(1, math.ceil(wait_s)))
            await emit("toast", {"message": said, "type": "warning"})
            if event in ("client_message", "edit_message"):
                await emit(ToPage.TOO_FAST, {"id": message_id, "edited": event == "edit_message"})
            if event == FromPage.ANSWER_FORM:
                await emit(ToPage.FORM_REFUSED, {"id": message_id, "errors": {}})
            await emit("task_end", {})


def _id_in(event: str, data: tuple[Any, ...]) -> str | None:
    if not data:
        return None
    if event != FromPage.ANSWER_FORM:
        return id_in(data[0])
    found = data[0].get("form_id") if isinstance(data[0], dict) else None
    return found if isinstance(found, str) else None


def _speaking(sid: str) -> str | None:
    session = WebsocketSession.get(sid)
    return session.user.identifier if session is not None and session.user is not None else None


def _connecting(data: tuple[Any, ...]) -> str | None:
    scope = data[0].get("asgi.scope") if data and isinstance(data[0], dict) else None
    user = signed_in(HTTPConnection(scope)) if isinstance(scope, dict) else None
    return user.identifier if user else None
