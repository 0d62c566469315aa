"""What stands on both sides of the guard in its tests: Chainlit's handlers, and pages that speak to it."""

from collections.abc import Sequence
from typing import Any, Final

import jwt
from chainlit.session import WebsocketSession

from data_layer.record import Record
from data_layer.writes import Row
from study.strings import Strings, strings_in
from tests.data_layer.rows import ADA, new_id, rows
from tests.pages import FakePage

SECRET: Final = "a secret of the tests, long enough for HS256"


class Handlers:
    """Chainlit's handlers, which remember what reached them."""

    def __init__(self) -> None:
        self.called: list[tuple[str, Any]] = []
        self.page: FakePage | None = None

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
            self.called.append((name, arguments[-1] if arguments else sid))
            if name == "connect":
                self.page = FakePage(ADA, arguments[-1]["threadId"])
                self.page.session.restore(sid)
            return name

        return handle


class FakeChat:
    """The chat stage's Chainlit side: remembers what it was asked for."""

    def __init__(self) -> None:
        self.attached: tuple[str, ...] = ()
        self.edits: list[tuple[str, str]] = []
        self.stops = 0
        self.pages: list[tuple[str, WebsocketSession]] = []

    async def attach(
        self, session: WebsocketSession, message_id: str, references: Sequence[str]
    ) -> tuple[str, ...]:
        """A message is about to be heard with these files."""
        self.attached = tuple(references)
        return self.attached

    async def on_edit(self, session: WebsocketSession, message_id: str, text: str) -> None:
        """Somebody has edited."""
        self.edits.append((message_id, text))

    def on_stop(self, session: WebsocketSession) -> bool:
        """Somebody has pressed Stop."""
        self.stops += 1
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
        return strings_in("en")


def said(text: Any = "Hello", **fields: Any) -> dict[str, Any]:
    """A message as our page sends it."""
    message = {"id": new_id(), "name": "User", "type": "user_message", "output": text, "createdAt": "x"}
    return {"message": message | fields, "fileReferences": []}


def environ(identifier: str | None = ADA, secret: str = SECRET) -> dict[str, Any]:
    """What comes with a connection: the cookie of somebody, or none."""
    headers = []
    if identifier is not None:
        token = jwt.encode({"identifier": identifier, "exp": 2**33}, secret)
        headers = [(b"cookie", f"access_token={token}".encode())]
    return {"asgi.scope": {"type": "websocket", "headers": headers}, "HTTP_USER_AGENT": "Browser"}


def opening(**fields: Any) -> dict[str, Any]:
    """What our page says of itself when it connects."""
    return {"sessionId": new_id(), "threadId": "", "userEnv": "{}", "clientType": "webapp"} | fields


async def refusals(record: Record) -> list[Row]:
    """What the record says of refusals."""
    await record.writer.flush()
    return await rows(record, "events", type="refused")
