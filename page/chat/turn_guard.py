"""Three events of our own page, guarded: "try_again", "show_branch" for the arrows, and "answer_offer".

What is named by an id here is looked up in the thread of the page's own session, by its participant; a
stranger's id leads nowhere. How often they may come is page/chat/event_rate_limit.py's.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from chainlit.session import WebsocketSession

from data_layer.database.ids import is_uuid
from data_layer.record import Record
from page.chat.chainlit_chat import ChainlitChat
from web.socket_events import FromPage

# More wordings of a message, or answers to one, than anybody counts.
MOST_BRANCHES: Final = 10_000


class TurnGuard:
    """Stands between the socket and the chat stage.

    Args:
        record: Told of refusals.
        chat: Where things are handed to.
    """

    def __init__(self, record: Record, chat: ChainlitChat) -> None:
        self._record = record
        self._chat = chat

    def handlers(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        """The handlers, by event."""
        return {
            FromPage.ANSWER_OFFER: self.answer_offer,
            FromPage.TRY_AGAIN: self.try_again,
            FromPage.SHOW_BRANCH: self.show_branch,
        }

    async def answer_offer(self, sid: str, payload: Any = None, *_data: Any) -> None:
        """Go on with an intent or not: {intent_id, goes_on}."""
        session = _session(sid)
        if session is None:
            return
        intent_id = payload.get("intent_id") if isinstance(payload, dict) else None
        goes_on = payload.get("goes_on") if isinstance(payload, dict) else None
        if not isinstance(intent_id, str) or not is_uuid(intent_id) or not isinstance(goes_on, bool):
            self._refuse(FromPage.ANSWER_OFFER, "it names no intent", session)
            return
        await self._chat.on_offer(session, intent_id, goes_on)

    async def try_again(self, sid: str, payload: Any = None, *_data: Any) -> None:
        """Give another answer: {step_id}, the message's or its answer's."""
        session = _session(sid)
        if session is not None:
            step_id = self._step_in(payload, FromPage.TRY_AGAIN, session)
            if step_id is not None:
                await self._chat.on_again(session, step_id)

    async def show_branch(self, sid: str, payload: Any = None, *_data: Any) -> None:
        """Walk: {step_id, number}, the number counted from 1."""
        session = _session(sid)
        if session is None:
            return
        step_id = self._step_in(payload, FromPage.SHOW_BRANCH, session)
        number = payload.get("number") if isinstance(payload, dict) else None
        if step_id is None:
            return
        if type(number) is not int or not 1 <= number <= MOST_BRANCHES:
            self._refuse(FromPage.SHOW_BRANCH, "the number is none", session)
            return
        await self._chat.on_branch(session, step_id, number)

    def _step_in(self, payload: Any, event: str, session: WebsocketSession) -> str | None:
        step_id = payload.get("step_id") if isinstance(payload, dict) else None
        if not isinstance(step_id, str) or not is_uuid(step_id):
            self._refuse(event, "the id is not a UUID", session)
            return None
        return step_id

    def _refuse(self, event: str, why: str, session: WebsocketSession) -> None:
        self._record.refused(event, why, session.user.identifier if session.user else None)


def _session(sid: str) -> WebsocketSession | None:
    session = WebsocketSession.get(sid)
    return session if session is not None and session.user is not None else None
