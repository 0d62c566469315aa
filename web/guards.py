"""What stands before each app of ours: what no request may be, and what every answer says.

Plain ASGI middlewares: Starlette's BaseHTTPMiddleware copies the context, and costs twice as much. None looks
at a path to decide whether it concerns it: whoever builds an app puts each where it belongs.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from study.language import language_for
from study.numbers import whole_number
from study.strings import strings_in
from web.origin import is_own
from web.problem import json_problem

log = structlog.get_logger(__name__)

# Chainlit reads a body to its end before it looks at it or asks who sent it (server.py:783); the
# longest that a page of ours sends, a comment on a reply, takes some 10 kB.
LONGEST_BODY: Final = 262_144
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# The key of a request's scope under which refusals say why: in a list, for whoever stands between makes
# another scope of it, with less in its headers.
_WHY: Final = "verbatim.refused"

# Answers that refuse something; each is a line of the log, whichever route gave it.
_REFUSALS: Final = frozenset({401, 403, 404, 413, 415, 429})
# What follows here opens a conversation to whoever has it.
_LINKS: Final = "/shared/"
_DOCUMENTS: Final = ("text/html", "application/json", "text/plain")


class TooLong(Exception):
    """More came than may come, after the answer had begun."""


class ResponseHeaders:
    """Gives each answer what it has to say to a browser, unless its route said it better.

    A refusal is logged here, so that none goes unseen: not Chainlit's either.

    Args:
        app: What stands behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        scope[_WHY] = []

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in _REFUSALS:
                    _log_refusal(scope, message["status"])
                _complete(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, answer)


class BodyLimit:
    """Reads no body that is longer than what our pages send, whether its length is announced or not.

    Args:
        app: What stands behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say that it is too long.

        Raises:
            TooLong: The answer had begun; the server ends the connection.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = whole_number(Headers(scope=scope).get("content-length", "0"))
        if length is None or length > LONGEST_BODY:
            await _too_long(scope)(scope, receive, send)
            return
        measured = _Measured(scope, receive, send)
        try:
            await self._app(scope, measured.receive, measured.send)
        except Exception:
            # Whoever reads a body takes its end for a visitor who has gone; the answer has been given.
            if not measured.refused:
                raise


class _Measured:
    """What comes in, up to LONGEST_BODY: a body in chunks announces no length."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._came = 0
        self._begun = False
        self.refused = False

    async def receive(self) -> Message:
        if self.refused:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._came += len(message.get("body", b""))
        if self._came <= LONGEST_BODY:
            return message
        if self._begun:
            raise TooLong
        self.refused = True
        await _too_long(self._scope)(self._scope, self._receive, self._send)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self.refused:
            self._begun = True
            await self._send(message)


class OriginCheck:
    """Refuses what a page of another site makes a browser send.

    Args:
        app: What stands behind it.
        allowed: Public addresses besides the server's own.
    """

    def __init__(self, app: ASGIApp, allowed: Sequence[str] = ()) -> None:
        self._app = app
        self._allowed = tuple(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say that it came from elsewhere."""
        if scope["type"] == "http" and scope["method"] not in SAFE and self._is_foreign(Headers(scope=scope)):
            await refuse(scope, 403, "asked.other_site", "another origin")(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return origin is not None and not is_own(origin, headers.get("host", ""), self._allowed)


def refuse(
    scope: Scope, status: int, key: str, why: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Make a refusal, in the visitor's language.

    Args:
        scope: Of the request.
        status: Such as 413.
        key: Of its sentence, in study/strings.
        why: For the log.
        headers: What the answer must carry besides.
    """
    say_why(scope, why)
    strings = strings_in(language_for(Headers(scope=scope)))
    return json_problem(status, strings(key), headers)


def say_why(scope: Scope, why: str) -> None:
    """Tell the log why a request is refused: one word of ours, nothing that came with it."""
    scope.setdefault(_WHY, []).append(why)


def _too_long(scope: Scope) -> JSONResponse:
    return refuse(scope, 413, "asked.not_readable", "the body is too long")


def _complete(headers: MutableHeaders) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    # What has no tag is somebody's own, or changes: Chainlit's routes say nothing of caches.
    headers.setdefault("Cache-Control", "no-cache" if "etag" in headers else "no-store")
    if headers.get("content-type", "").startswith(_DOCUMENTS):
        headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")


def _log_refusal(scope: Scope, status: int) -> None:
    why = scope[_WHY][-1] if scope[_WHY] else HTTPStatus(status).phrase.lower()
    log.warning("refused", what=f"{scope['method']} {_shown(scope)}", status=status, why=why)


def _shown(scope: Scope) -> str:
    path = str(scope["path"])
    return ascii(f"{_LINKS}..." if path.startswith(_LINKS) else path[:100])
