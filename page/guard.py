"""Chainlit's socket handlers, guarded: who may say what, and where.

Chainlit trusts the client with ids, types, authors and the thread (CHAINLIT: socket.py:145, 323;
emitter.py:267). What it lets through is checked here, before it reaches Chainlit at all.
"""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import structlog
from chainlit.session import WebsocketSession, ws_sessions_id
from chainlit.utils import utc_now as chainlit_now
from starlette.requests import HTTPConnection

from data_layer import threads
from data_layer.connections import thread_of_session
from data_layer.fold_state import is_uuid
from data_layer.record import Record
from data_layer.text import is_blank, storable
from page.cookies import signed_in
from study.errors import WriteRefused
from study.vocabulary import PARTICIPANT_AUTHOR

log = structlog.get_logger(__name__)

Handler = Callable[..., Awaitable[Any]]

# What Chainlit's page sends in this app. Everything else it could send is for features that are off.
KEPT: Final = frozenset(
    {"connect", "connection_successful", "clear_session", "disconnect", "fetch_favorites"}
)
GUARDED: Final = frozenset({"client_message", "edit_message", "stop"})


class Chat(Protocol):
    """The chat stage, as far as the guard hands things to it."""

    async def on_edit(self, session: WebsocketSession, message_id: str, text: str) -> None:
        """A participant has edited a message."""

    def on_stop(self, session: WebsocketSession) -> bool:
        """A participant has pressed Stop."""


class Guard:
    """Stands between the socket and Chainlit.

    Args:
        handlers: Chainlit's, by event.
        record: Asked who owns what; told of refusals.
        chat: The chat stage's Chainlit side.
    """

    def __init__(self, handlers: dict[str, Handler], record: Record, chat: Chat) -> None:
        self._original = dict(handlers)
        self._record = record
        self._chat = chat

    def handlers(self) -> dict[str, Handler]:
        """The handlers to put in place of Chainlit's."""
        kept = {name: handler for name, handler in self._original.items() if name in KEPT}
        return kept | {
            "connect": self.connect,
            "disconnect": self.disconnect,
            "client_message": self.client_message,
            "edit_message": self.edit_message,
            "stop": self.stop,
        }

    async def connect(self, sid: str, environ: dict[str, Any], auth: Any) -> Any:
        """A page connects: only as somebody, only to a thread of theirs or to a new one."""
        participant_id = _participant_of(environ)
        if not isinstance(auth, dict) or not _short(auth.get("sessionId")) or participant_id is None:
            log.warning("connection_refused", why="not signed in, or not our page")
            raise ConnectionRefusedError("authentication failed")
        thread_id = auth.get("threadId") or None
        if thread_id is not None and not is_uuid(thread_id):
            self._record.refused("connect", "the thread id is not a UUID", participant_id)
            raise ConnectionRefusedError("authorization failed")
        session_id = str(auth["sessionId"])
        if session_id not in ws_sessions_id:
            thread_id = await self._thread_for(thread_id, session_id, participant_id)
        shape = {"sessionId": session_id, "threadId": thread_id, "userEnv": None, "clientType": "webapp"}
        answer = await self._original["connect"](
            sid, environ, shape | {"chatProfile": _profile(auth.get("chatProfile"))}
        )
        session = WebsocketSession.get(sid)
        if session is not None:
            self._record.connections.opened(
                sid,
                session_id=session_id,
                participant_id=participant_id,
                thread_id=session.thread_id,
                user_agent=str(environ.get("HTTP_USER_AGENT", "")),
            )
        return answer

    async def disconnect(self, sid: str, reason: str = "") -> None:
        """A page is gone."""
        self._record.connections.closed(sid, str(reason) or "closed")
        await self._original["disconnect"](sid)

    async def client_message(self, sid: str, payload: Any) -> None:
        """A participant has sent a message: only its id and its text are theirs to choose."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        try:
            message_id, text = _spoken(payload, session)
        except WriteRefused as refusal:
            await self._refuse(session, refusal, _id_in(payload))
            return
        clean = {
            "id": message_id,
            "threadId": session.thread_id,
            "parentId": None,
            "type": "user_message",
            "name": PARTICIPANT_AUTHOR,
            "output": text,
            "createdAt": chainlit_now(),
            "metadata": {},
        }
        await self._original["client_message"](
            sid, {"message": clean, "fileReferences": _files(payload.get("fileReferences"))}
        )

    async def edit_message(self, sid: str, payload: Any) -> None:
        """A participant has edited a message of theirs. Chainlit would destroy what came after it."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        try:
            message_id, text = _spoken(payload, session)
        except WriteRefused as refusal:
            # What stands on the screen under that id is a message that is kept: it stays.
            await self._refuse(session, refusal, None)
            return
        await self._chat.on_edit(session, message_id, text)

    async def stop(self, sid: str, *_data: Any) -> None:
        """A participant has pressed Stop. Chainlit would write a message of its own, and lose the reply."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        stopped = self._chat.on_stop(session)
        event = self._record.event(
            "stop_pressed",
            payload={"stopped": stopped},
            thread_id=session.thread_id,
            participant_id=session.user.identifier,
            connection_id=self._record.connections.id_of(sid),
        )
        self._record.writer.submit(event)

    async def _thread_for(self, thread_id: str | None, session_id: str, participant_id: str) -> str | None:
        """The thread of a page that this process has not met.

        A page that outlived its server names no thread when its conversation began in it: the
        record knows where it was. A deleted thread is not gone on with: the page gets a new one.

        Raises:
            ConnectionRefusedError: The thread is another participant's.
        """
        if thread_id is None:
            return await thread_of_session(self._record.database, session_id, participant_id)
        row = await threads.thread_row(self._record.database, thread_id)
        if row is not None and row["participant_id"] != participant_id:
            self._record.refused("connect", "the thread belongs to another participant", participant_id)
            raise ConnectionRefusedError("authorization failed")
        if row is not None and row["deleted_at"] is not None:
            return str(uuid.uuid4())
        return thread_id

    async def _refuse(self, session: WebsocketSession, refusal: WriteRefused, shown_id: str | None) -> None:
        participant_id = session.user.identifier if session.user else None
        self._record.refused("client_message", str(refusal), participant_id)
        emit: Any = session.emit
        if shown_id is not None:
            # The page has shown it already, on its own.
            await emit("delete_message", {"id": shown_id})
        sentence = _NOTHING_TO_SEND if str(refusal) == _EMPTY else _NOT_READABLE
        await emit("toast", {"message": sentence, "type": "warning"})
        await emit("task_end", {})


_EMPTY: Final = "the message is empty"
_NOTHING_TO_SEND: Final = "There is nothing to send yet."
_NOT_READABLE: Final = "That message could not be read. Please write it again."


def _spoken(payload: Any, session: WebsocketSession) -> tuple[str, str]:
    """The id and the text of a message from the client.

    Raises:
        WriteRefused: It is not one that our page sends.
    """
    message = payload.get("message") if isinstance(payload, dict) else None
    if not isinstance(message, dict) or not isinstance(message.get("output"), str):
        raise WriteRefused("the message has no text")
    message_id = message.get("id")
    if not isinstance(message_id, str) or not is_uuid(message_id) or uuid.UUID(message_id).version != 4:
        raise WriteRefused("the message id is not a version 4 UUID")
    if message.get("type", "user_message") != "user_message":
        raise WriteRefused("the message claims to be somebody else's")
    user = session.user
    authors = {None, "", "User", PARTICIPANT_AUTHOR}
    if user is not None:
        authors |= {user.identifier, user.display_name}
    name = message.get("name")
    if not (name is None or isinstance(name, str)) or name not in authors:
        raise WriteRefused("the message bears another author")
    if is_blank(message["output"]):
        raise WriteRefused(_EMPTY)
    return message_id, storable(message["output"])


def _files(references: Any) -> list[dict[str, str]] | None:
    """References to files that were uploaded; Chainlit fails on any other shape, in mid-message."""
    if not isinstance(references, list):
        return None
    ids = [one.get("id") for one in references if isinstance(one, dict)]
    return [{"id": one} for one in ids if isinstance(one, str)] or None


def _id_in(payload: Any) -> str | None:
    message = payload.get("message") if isinstance(payload, dict) else None
    found = message.get("id") if isinstance(message, dict) else None
    return found if isinstance(found, str) else None


def _participant_of(environ: dict[str, Any]) -> str | None:
    scope = environ.get("asgi.scope")
    user = signed_in(HTTPConnection(scope)) if isinstance(scope, dict) else None
    return user.identifier if user else None


def _short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100


def _profile(value: Any) -> str | None:
    return value if _short(value) else None
