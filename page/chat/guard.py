"""Chainlit's socket handlers, guarded: who may say what, and where.

Chainlit trusts the client with ids, types, authors and the thread (CHAINLIT: socket.py:145, 323;
emitter.py:267). What it lets through is checked here, before it reaches Chainlit at all.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog
from chainlit.session import WebsocketSession, ws_sessions_id
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from data_layer.chainlit.layer import only_the_owner
from data_layer.conversations import threads
from data_layer.conversations.connections import thread_of_session
from data_layer.database.ids import is_uuid
from data_layer.record import Record
from page.chainlit.cookies import sign_in_of, signed_in
from page.chat.chainlit_chat import ChainlitChat
from page.chat.closed_page import let_go_of_socket
from page.chat.connection_refused import NotLetIn
from page.chat.long_polling import transport_of
from page.chat.message_payload import files_in, id_in, is_elsewhere, spoken
from stages.stop_pressed import keep_stop
from study.errors import WriteRefused
from study.reasons import Reason
from study.text import is_blank
from study.vocabulary import StudyState
from web.socket_events import ToPage

log = structlog.get_logger(__name__)

Handler = Callable[..., Awaitable[Any]]

# What Chainlit's page sends in this app. Everything else it could send is for features that are off.
KEPT: Final = frozenset({"clear_session", "fetch_favorites"})


class Guard:
    """Stands between the socket and Chainlit.

    Args:
        handlers: Chainlit's, by event.
        record: Asked who owns what; told of refusals.
        chat: Where what passes goes on.
    """

    def __init__(self, handlers: dict[str, Handler], record: Record, chat: ChainlitChat) -> None:
        self._original = dict(handlers)
        self._record = record
        self._chat = chat
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def handlers(self) -> dict[str, Handler]:
        """The handlers to put in place of Chainlit's."""
        kept = {name: _without_data(handler) for name, handler in self._original.items() if name in KEPT}
        return kept | {
            "connect": self.connect,
            "connection_successful": self.connection_successful,
            "disconnect": self.disconnect,
            "client_message": self.client_message,
            "edit_message": self.edit_message,
            "stop": self.stop,
        }

    async def connect(self, sid: str, environ: dict[str, Any], auth: Any) -> Any:
        """A page connects: only as somebody, only to a thread of theirs or to a new one."""
        participant_id = await self._participant_of(environ)
        if participant_id is None:
            log.warning("connection_refused", why="not signed in")
            raise NotLetIn("signed out")
        # Chainlit names a folder after the session, and removes it with all that is in it when the
        # session ends (session.py:170, 426): an id that is a path would be any folder.
        if not isinstance(auth, dict) or not is_uuid(auth.get("sessionId")):
            log.warning("connection_refused", why="not our page")
            raise NotLetIn("authentication failed")
        thread_id = auth.get("threadId") or None
        if thread_id is not None and not is_uuid(thread_id):
            self._record.refused("connect", "the thread id is not a UUID", participant_id)
            raise NotLetIn("authorization failed")
        session_id = str(auth["sessionId"])
        if session_id not in ws_sessions_id:
            try:
                thread_id = await self._thread_for(thread_id, session_id, participant_id)
            except SQLAlchemyError as error:
                log.error("thread_unreadable", error_type=type(error).__name__)
                raise NotLetIn("not now") from error  # the page tries again
        shape = {"sessionId": session_id, "threadId": thread_id, "userEnv": None, "clientType": "webapp"}
        with only_the_owner():
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
                transport=transport_of(environ.get("asgi.scope")),
            )
        return answer

    async def connection_successful(self, sid: str, *_data: Any) -> None:
        """A page has connected: it is told who it is for and where it is, then sent its thread."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        emit: Any = session.emit
        await emit(ToPage.HELLO, {"participant": session.user.identifier, "thread": session.thread_id})
        await emit(ToPage.STUDY_STATE, {"state": self._record.controls.known.value})
        self._chat.on_opening(session)
        try:
            await self._original["connection_successful"](sid)
        finally:
            await self._chat.on_opened(session)

    async def disconnect(self, sid: str, reason: str = "") -> None:
        """A page is gone."""
        # None when the page has come back by another socket already: Chainlit knows it by that one now.
        session = WebsocketSession.get(sid)
        if session is not None:
            self._chat.on_gone(session)
        self._record.connections.closed(sid, str(reason) or "closed")
        try:
            await self._original["disconnect"](sid)
        finally:
            if session is not None and session.socket_id == sid:
                let_go_of_socket(session)

    async def client_message(self, sid: str, payload: Any = None, *_data: Any) -> None:
        """A participant has sent a message: only its id and its text are theirs to choose."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        async with self._line(session):
            await self._take_message(session, session.user.identifier, payload)

    async def edit_message(self, sid: str, payload: Any = None, *_data: Any) -> None:
        """A participant has edited a message of theirs. Chainlit would destroy what came after it."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        try:
            message_id, text = spoken(payload, session)
        except WriteRefused as refusal:
            # What stands on the screen under that id is a message that is kept: it stays.
            await self._refuse("edit_message", session, refusal, None)
            return
        async with self._line(session):
            await self._chat.on_edit(session, message_id, text)

    async def stop(self, sid: str, *_data: Any) -> None:
        """A participant has pressed Stop. Chainlit would write a message of its own, and lose the reply."""
        session = WebsocketSession.get(sid)
        if session is None or session.user is None:
            return
        async with self._line(session):
            stopped = self._chat.on_stop(session)
        connection_id = self._record.connections.id_of(sid)
        keep_stop(self._record, stopped, session.thread_id, session.user.identifier, connection_id)

    def _line(self, session: WebsocketSession) -> asyncio.Lock:
        """Held while one thing is taken that a page says: the next waits, however long the database takes.

        A page that was disconnected says all at once what was written meanwhile; and Stop is about the
        message before it.
        """
        return self._lines.setdefault(session.id, asyncio.Lock())

    async def _take_message(self, session: WebsocketSession, participant_id: str, payload: Any) -> None:
        if is_elsewhere(payload, session):
            emit: Any = session.emit
            await emit(ToPage.ELSEWHERE, {"id": id_in(payload)})
            return
        if await self._has_ended(session, id_in(payload)):
            return
        try:
            references = files_in(payload)
            message_id, text = spoken(payload, session, wordless=bool(references))
            await self._check_free(message_id, session)
            attached = await self._chat.files_of(session, message_id, references)
            if not attached and is_blank(text):
                raise WriteRefused(Reason.EMPTY)
        except WriteRefused as refusal:
            await self._refuse("client_message", session, refusal, id_in(payload))
            return
        self._record.presence.done(participant_id, session.thread_id)
        await self._chat.on_message(session, message_id, text, attached)

    async def _has_ended(self, session: WebsocketSession, shown_id: str | None) -> bool:
        """Whether the study has ended. Then the page takes the words back into its field, and says why."""
        if self._record.controls.known is not StudyState.ENDED:
            return False
        emit: Any = session.emit
        await emit(ToPage.STUDY_STATE, {"state": StudyState.ENDED.value, "not_taken": shown_id})
        if shown_id is not None:
            await emit("delete_message", {"id": shown_id})
        await emit("task_end", {})
        return True

    async def _check_free(self, message_id: str, session: WebsocketSession) -> None:
        """See that a first message is not another thread's: with its refusal an empty thread would stay.

        Later ones the record refuses.

        Raises:
            WriteRefused: There is a message of that id elsewhere.
        """
        if session.has_first_interaction:
            return
        try:
            row = await threads.step_row(self._record.database, message_id)
        except SQLAlchemyError:
            return  # The message goes to the journal, as all that is said while the database is away.
        if row is not None and row["thread_id"] != session.thread_id:
            raise WriteRefused(Reason.ID_TAKEN)

    async def _participant_of(self, environ: dict[str, Any]) -> str | None:
        """Whose socket it is. It may have been opened before its sign-in ended: that is looked up again."""
        scope = environ.get("asgi.scope")
        user = signed_in(HTTPConnection(scope)) if isinstance(scope, dict) else None
        sign_in_id = sign_in_of(user) if user else None
        if user is None or (
            sign_in_id is not None and not await self._record.sign_ins.holds(sign_in_id, user.identifier)
        ):
            return None
        return str(user.identifier)

    async def _thread_for(self, thread_id: str | None, session_id: str, participant_id: str) -> str | None:
        """The thread of a page that this process has not met.

        A page that outlived its server names no thread when its conversation began in it: the
        record knows where it was. A deleted thread is not gone on with: the page gets a new one.

        Raises:
            NotLetIn: The thread is another participant's.
        """
        if thread_id is None:
            return await thread_of_session(self._record.database, session_id, participant_id)
        row = await threads.thread_row(self._record.database, thread_id)
        if row is not None and row["participant_id"] != participant_id:
            self._record.refused("connect", "the thread belongs to another participant", participant_id)
            raise NotLetIn("authorization failed")
        if row is not None and row["deleted_at"] is not None:
            return str(uuid.uuid4())
        return thread_id

    async def _refuse(
        self, event: str, session: WebsocketSession, refusal: WriteRefused, shown_id: str | None
    ) -> None:
        participant_id = session.user.identifier if session.user else None
        self._record.refused(event, str(refusal), participant_id)
        emit: Any = session.emit
        if shown_id is not None:
            # The page has shown it already, on its own.
            await emit("delete_message", {"id": shown_id})
        key = "chat.nothing_to_send" if refusal.reason is Reason.EMPTY else "chat.not_readable"
        await emit("toast", {"message": self._chat.strings_of(session)(key), "type": "warning"})
        await emit("task_end", {})


def _without_data(handler: Handler) -> Handler:
    async def handle(sid: str, *_data: Any) -> Any:
        return await handler(sid)

    return handle


def _short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100


def _profile(value: Any) -> str | None:
    return value if _short(value) else None
