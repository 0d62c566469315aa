"""Takes the cookie off every request whose sign-in has ended, before Chainlit or anything of ours reads it.

Chainlit believes a token until it expires (chainlit/auth/__init__.py:61), also one that was copied
before its owner signed out, and takes it out of the header Authorization as well (auth/cookie.py:58).
"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from chainlit.auth import get_token_from_cookies
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from page.cookies import SESSION_COOKIE, sign_in_of, signed_in

log = structlog.get_logger(__name__)

Holds = Callable[[str, str], Awaitable[bool]]

# These answer everybody alike, also while the database is away.
_FOR_ALL: Final = ("/assets/", "/public/", "/login", "/favicon", "/logo", "/avatars/")


class StillIn:
    """ASGI middleware, outside the border.

    Args:
        app: What stands behind it.
        holds: Whether a sign-in is a participant's and goes on (data_layer/sign_ins.py).
    """

    def __init__(self, app: ASGIApp, holds: Holds) -> None:
        self._app = app
        self._holds = holds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request as whoever still is in."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            still = await self._is_in(HTTPConnection(scope))
        except (SQLAlchemyError, OSError) as error:
            if not str(scope["path"]).startswith(_FOR_ALL):
                log.error("sign_in_not_looked_up", error_type=type(error).__name__)
                await _refuse(scope, receive, send)
                return
            still = False
        await self._app(_reduced(scope, keep_session=still), receive, send)

    async def _is_in(self, connection: HTTPConnection) -> bool:
        if not get_token_from_cookies(dict(connection.cookies)):
            return False
        user = signed_in(connection)
        sign_in_id = sign_in_of(user) if user else None
        return bool(user and sign_in_id and await self._holds(sign_in_id, user.identifier))


def _reduced(scope: Scope, *, keep_session: bool) -> Scope:
    """The same request without Authorization, and without the session cookie of who is not in."""
    headers = []
    for name, value in scope["headers"]:
        if name == b"authorization":
            continue
        if name == b"cookie" and not keep_session:
            value = _other_cookies(value)
        if value or name != b"cookie":
            headers.append((name, value))
    return {**scope, "headers": headers}


def _other_cookies(header: bytes) -> bytes:
    pairs = [pair.strip() for pair in header.split(b";")]
    return b"; ".join(pair for pair in pairs if pair and not pair.startswith(SESSION_COOKIE.encode()))


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1013})
        return
    answer = PlainTextResponse("Please try again in a minute.\n", 503, {"Retry-After": "60"})
    await answer(scope, receive, send)
