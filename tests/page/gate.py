"""What stands on both sides of the guard in its tests: Chainlit's handlers, and pages that speak to it."""

from collections.abc import Sequence
from typing import Any, Final

import jwt
from chainlit.session import WebsocketSession

from data_layer.database.rows import Row
from data_layer.record import Record
from study.strings import Strings, strings_in
from tests.data_layer.rows import ADA, new_id, rows
from tests.pages import FakePage

SECRET: Final = "a secret of the tests, long enough for HS256"


class Handlers:
    """Chainlit's handlers, which remember what reached them."""

    def __init__(self) -> None:
        self.called: list[tuple[str, Any]] = []
        self.page: FakePage | None = None
        self.environ: Any = None
        self.sids: list[str] = []

    def all(self) -> dict[str, Any]:
        """Each of Chainlit's events, with its handler."""
        names = (
            "connect connection_successful clear_session disconnect stop client_message edit_message "
            "message_favorite fetch_favorites window_message audio_start audio_chunk audio_end "
            "chat_settings_change"
        )
        return {name: self._handler(name) for name in names.split()}

    def of(self, event: str) -> list[Any]:
        """What reached one of them."""
        return [arguments for name, arguments in self.called if name == event]

    def _handler(self, name: str) -> Any:
        async def handle(sid: str, *arguments: Any) -> str:
            self.sids.append(sid)
            self.called.append((name, arguments[-1] if arguments else sid))
            if name == "connect":
                self.environ = arguments[0]
                self.page = FakePage(ADA, arguments[-1]["threadId"])
                self.page.session.restore(sid)
            return name

        return handle


class FakeChat:
    """The chat stage's Chainlit side: remembers what it was asked for."""

    def __init__(self) -> None:
        self.attached: tuple[str, ...] = ()
        self.heard: list[tuple[WebsocketSession, str, str, tuple[str, ...]]] = []
        self.edits: list[tuple[str, str]] = []
        self.stops: list[WebsocketSession] = []
        self.pages: list[tuple[str, WebsocketSession]] = []
        self.asked_by: list[WebsocketSession] = []
        self.takes_files = True

    async def files_of(
        self, session: WebsocketSession, message_id: str, references: Sequence[str]
    ) -> tuple[str, ...]:
        """Which of a message's uploads are its participant's."""
        self.asked_by.append(session)
        self.attached = (message_id, *references)
        return tuple(references) if self.takes_files else ()

    async def on_message(
        self, session: WebsocketSession, message_id: str, text: str, files: tuple[str, ...] = ()
    ) -> None:
        """Somebody has written."""
        self.heard.append((session, message_id, text, files))

    async def on_edit(self, session: WebsocketSession, message_id: str, text: str) -> None:
        """Somebody has edited."""
        self.asked_by.append(session)
        self.edits.append((message_id, text))

    def on_stop(self, session: WebsocketSession) -> bool:
        """Somebody has pressed Stop."""
        self.stops.append(session)
        return True

    def on_opening(self, session: WebsocketSession) -> None:
        """A page is about to be sent its thread."""
        self.pages.append(("opening", session))

    async def on_opened(self, session: WebsocketSession) -> None:
        """A page has been sent its thread."""
        self.pages.append(("opened", session))

    def on_gone(self, session: WebsocketSession) -> None:
        """A page's socket has closed."""
        self.pages.append(("gone", session))

    def strings_of(self, session: WebsocketSession) -> Strings:
        """Everybody here reads English."""
        self.asked_by.append(session)
        return strings_in("en")


def said(text: Any = "Hello", **fields: Any) -> dict[str, Any]:
    """A message as our page sends it."""
    message = {"id": new_id(), "name": "User", "type": "user_message", "output": text, "createdAt": "x"}
    return {"message": message | fields, "fileReferences": []}


def environ(identifier: str | None = ADA, secret: str = SECRET, **told: Any) -> dict[str, Any]:
    """What comes with a connection: the cookie of somebody, with what else it tells, or none."""
    headers = []
    if identifier is not None:
        token = jwt.encode({"identifier": identifier, "exp": 2**33} | told, secret)
        headers = [(b"cookie", f"access_token={token}".encode())]
    return {"asgi.scope": {"type": "websocket", "headers": headers}, "HTTP_USER_AGENT": "Browser"}


def opening(**fields: Any) -> dict[str, Any]:
    """What our page says of itself when it connects."""
    return {"sessionId": new_id(), "threadId": "", "userEnv": "{}", "clientType": "webapp"} | fields


async def refusals(record: Record) -> list[Row]:
    """What the record says of refusals."""
    await record.writer.flush()
    return await rows(record, "events", type="refused")


async def told(record: Record) -> list[tuple[str | None, str]]:
    """Who was refused what; each event says why as well."""
    events = await refusals(record)
    assert not {event["payload"]["why"] for event in events} & {None, "", "None"}
    return [(event["participant_id"], event["payload"]["what"]) for event in events]
