"""An event of our own page, guarded: "answer_form". Only a shape that public/page/forms/ sends passes.

Whether the answers are right, and the form still open, is the chat stage's to say. How often it may come is
page/chat/event_rate_limit.py's, how large it may be frame_limit.py's.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from chainlit.session import WebsocketSession

from data_layer.database.ids import is_uuid
from data_layer.record import Record
from page.chat.chainlit_chat import ChainlitChat
from stages.chat.forms import FormSent
from web.socket_events import FromPage

# Milliseconds since 1970 that a datetime can hold.
_LAST_MS: Final = 253_402_300_799_000
_MOST_ITEMS: Final = 400


class FormGuard:
    """Stands between the socket and the chat stage.

    Args:
        record: Told of refusals.
        chat: Where forms are handed to.
    """

    def __init__(self, record: Record, chat: ChainlitChat) -> None:
        self._record = record
        self._chat = chat

    def handlers(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        """The handlers, by event."""
        return {FromPage.ANSWER_FORM: self.answer_form}

    async def answer_form(self, sid: str, payload: Any = None, *_data: Any) -> None:
        """A form is sent: {form_id, message_id, values, touched, changes}."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        sent = form_sent(payload)
        if sent is None:
            self._record.refused(FromPage.ANSWER_FORM, "it is no form of ours", session.user.identifier)
            return
        self._record.presence.done(session.user.identifier, session.thread_id)
        await self._chat.on_form(session, payload["message_id"], sent)


def form_sent(payload: Any) -> FormSent | None:
    """A form as a page sends it; None for anything else."""
    if not isinstance(payload, dict):
        return None
    form_id, message_id, values = (payload.get(name) for name in ("form_id", "message_id", "values"))
    if not (isinstance(form_id, str) and is_uuid(form_id) and isinstance(message_id, str)):
        return None
    if not is_uuid(message_id) or uuid.UUID(message_id).version != 4:
        return None
    if not isinstance(values, dict) or len(values) > _MOST_ITEMS:
        return None
    return FormSent(
        form_id,
        values,
        {item: _moment(ms) for item, ms in _numbers(payload.get("touched")).items() if 0 <= ms <= _LAST_MS},
        _numbers(payload.get("changes")),
    )


def _numbers(value: Any) -> Mapping[str, int]:
    if not isinstance(value, dict) or len(value) > _MOST_ITEMS:
        return {}
    return {item: number for item, number in value.items() if type(number) is int}


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
