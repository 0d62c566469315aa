"""Takes the cookie off every request whose sign-in has ended, before Chainlit or anything of ours reads it.

Chainlit believes a token until it expires (chainlit/auth/__init__.py:61), also one that was copied
before its owner signed out, and takes it out of the header Authorization as well (auth/cookie.py:58).
"""

from collections.abc import Awaitable, Callable

import structlog
from chainlit.auth import get_token_from_cookies
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from page.chainlit.cookies import SESSION_COOKIE, sign_in_of, signed_in

log = structlog.get_logger(__name__)

Holds = Callable[[str, str], Awaitable[bool]]


class SessionCheck:
    """ASGI middleware, outside those that ask who it is.

    Args:
        app: What stands behind it.
        holds: Whether a sign-in is a participant's and goes on (data_layer/people/sign_ins.py).
        lenient: What stands behind it answers everybody alike; so it does while the database is away.
    """

    def __init__(self, app: ASGIApp, holds: Holds, *, lenient: bool = False) -> None:
        self._app = app
        self._holds = holds
        self._lenient = lenient

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request as whoever still is in."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = _with_plain_headers(scope)
        try:
            still = await self._is_in(HTTPConnection(scope))
        except (SQLAlchemyError, OSError) as error:
            if not self._lenient:
                log.error("sign_in_not_looked_up", error_type=type(error).__name__)
                await _refuse(scope, receive, send)
                return
            still = False
        await self._app(scope if still else _without_session(scope), receive, send)

    async def _is_in(self, connection: HTTPConnection) -> bool:
        if not get_token_from_cookies(dict(connection.cookies)):
            return False
        user = signed_in(connection)
        sign_in_id = sign_in_of(user) if user else None
        return bool(user and sign_in_id and await self._holds(sign_in_id, user.identifier))


def _with_plain_headers(scope: Scope) -> Scope:
    """The same request without Authorization, and with its cookies in one header that all read alike.

    Starlette reads each header for itself and as Latin-1; Engine.IO makes one of all of them, with commas
    between, and reads UTF-8 (async_drivers/asgi.py:206). Two tokens, or an odd space before a name, would be
    one participant's here and another's there. No cookie of ours has anything but ASCII.
    """
    others = [one for one in scope["headers"] if one[0] not in (b"authorization", b"cookie")]
    return _with_cookies({**scope, "headers": others}, [pair for pair in _cookies(scope) if pair.isascii()])


def _without_session(scope: Scope) -> Scope:
    others = [one for one in scope["headers"] if one[0] != b"cookie"]
    kept = [pair for pair in _cookies(scope) if not pair.startswith(SESSION_COOKIE)]
    return _with_cookies({**scope, "headers": others}, kept)


def _cookies(scope: Scope) -> list[str]:
    # Each stripped as Starlette's cookie_parser strips a name, which takes more for a space than bytes do.
    headers = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    return [pair.strip() for header in headers for pair in header.split(";") if pair.strip()]


def _with_cookies(scope: Scope, pairs: list[str]) -> Scope:
    cookie = [(b"cookie", "; ".join(pairs).encode("latin-1"))] if pairs else []
    return {**scope, "headers": [*scope["headers"], *cookie]}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1013})
        return
    answer = PlainTextResponse("Please try again in a minute.\n", 503, {"Retry-After": "60"})
    await answer(scope, receive, send)
