"""What stands before Chainlit's routes: closed doors, what no request may be, and whose request it is."""

import contextvars
import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.cookies import signed_in
from page.origin import is_own
from page.pace import Pace
from page.problem_page import pages_of, wants_page
from study.strings import language_of, strings_in

log = structlog.get_logger(__name__)

# Chainlit's routes for things that this app does not offer, and those that tell how it is made.
# Sharing works there whatever the configuration says (CHAINLIT section 6).
CLOSED: Final = (
    "/docs",
    "/redoc",
    "/openapi.json",
    "/mcp",
    "/copilot",
    "/auth/jwt",
    "/auth/header",
    "/auth/oauth",
    "/feedback",  # ratings: page/own_marks.py
    "/project/share",
    "/project/thread/share",
    "/project/element",
    "/project/file/",  # what lies below it: at the path itself stands our own route (page/uploads.py)
    # Socket.IO without a WebSocket: .chainlit/config.toml lets pages have WebSockets alone, and these
    # are no HTTP requests.
    "/ws",
)
# These answer a foreign form with their own page.
_OWN_ANSWER: Final = ("/login", "/enter")
# To search, to list, to draw a long thread: each of these keeps the database busy.
_READ: Final = ("/me",)
# These take files, and hold them to the study's limits themselves.
_LONG: Final = ("/project/file",)
# Chainlit reads a body to its end before it looks at it or asks who sent it (server.py:783); the
# longest that a page of ours sends, a comment on a reply, takes some 10 kB.
LONGEST_BODY: Final = 262_144
# What one participant may change, or read where reading is work. A page load asks for ten of these.
PACE: Final = (120, 4.0)

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Answers that refuse something; each is a line of the log, whichever route gave it.
_REFUSALS: Final = frozenset({401, 403, 404, 413, 415, 429})
# The key of a request's scope under which a refusal says why.
WHY: Final = "verbatim.refused"
# What follows here opens a conversation to whoever has it.
_LINKS: Final = "/shared/"
_DOCUMENTS: Final = ("text/html", "application/json", "text/plain")

_scope: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("request_scope", default=None)


class _TooLong(Exception):
    """More came than was announced, or than may come."""


def current_participant() -> str | None:
    """The participant whose HTTP request is being served; None outside one."""
    scope = _scope.get()
    if scope is None:
        return None
    user = signed_in(HTTPConnection(scope))
    return user.identifier if user else None


class Border:
    """ASGI middleware: plain, for BaseHTTPMiddleware copies the context and costs twice as much.

    Args:
        app: What stands behind it.
        allowed_origins: Public addresses besides the server's own.
    """

    def __init__(self, app: ASGIApp, allowed_origins: Sequence[str] = ()) -> None:
        self._app = app
        self._allowed = tuple(allowed_origins)
        self._pace = Pace(*PACE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = _Answered(scope, send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, answered)
            return
        token = _scope.set(scope)
        try:
            await self._app(scope, _measured(scope, receive), answered)
        except _TooLong:
            if answered.begun:
                raise
            await _refuse(scope, 413, "asked.not_readable", "the body is too long")(scope, receive, answered)
        finally:
            _scope.reset(token)

    def _refusal(self, scope: Scope) -> Response | None:
        path = str(scope["path"])
        if _below(path, CLOSED):
            scope[WHY] = "a closed door"
            asker = HTTPConnection(scope)
            if wants_page(asker):
                return pages_of(asker).answer(asker, 404)
            return JSONResponse({"detail": "Not found"}, 404)
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not _below(path, _LONG) and not (length.isascii() and length.isdigit() and _short(length)):
            return _refuse(scope, 413, "asked.not_readable", "the body is too long")
        if scope["method"] in _SAFE:
            return self._too_fast(scope) if _below(path, _READ) else None
        origin, host = headers.get("origin"), headers.get("host", "")
        foreign = origin is not None and not is_own(origin, host, self._allowed)
        if foreign and not _below(path, _OWN_ANSWER):
            return _refuse(scope, 403, "asked.other_site", "another origin")
        return self._too_fast(scope)

    def _too_fast(self, scope: Scope) -> Response | None:
        user = signed_in(HTTPConnection(scope))
        if user is not None and not self._pace.allows(user.identifier):
            wait = math.ceil(self._pace.wait_s(user.identifier))
            return _refuse(scope, 429, "asked.too_fast", "too fast", {"Retry-After": str(max(1, wait))})
        return None


class _Answered:
    """Sends an answer with what each of ours has to say to a browser, unless its route said it better.

    A refusal is logged here, so that none goes unseen: not Chainlit's either.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            if message["status"] in _REFUSALS:
                _log_refusal(self._scope, message["status"])
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
            # What has no tag is somebody's own, or changes: Chainlit's routes say nothing of caches.
            headers.setdefault("Cache-Control", "no-cache" if "etag" in headers else "no-store")
            if headers.get("content-type", "").startswith(_DOCUMENTS):
                headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        await self._send(message)


def _measured(scope: Scope, receive: Receive) -> Receive:
    """What comes in, up to LONGEST_BODY: a body in chunks announces no length."""
    if _below(str(scope["path"]), _LONG):
        return receive
    came = 0

    async def measure() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > LONGEST_BODY:
            raise _TooLong
        return message

    return measure


def _refuse(
    scope: Scope, status: int, key: str, why: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    scope[WHY] = why
    strings = strings_in(language_of(Headers(scope=scope).get("accept-language", ""), None))
    content: dict[str, Any] = {"problem": strings(key), "detail": strings(key)}
    return JSONResponse(content, status, headers)


def _log_refusal(scope: Scope, status: int) -> None:
    why = scope.get(WHY) or HTTPStatus(status).phrase.lower()
    log.warning("refused", what=f"{scope['method']} {_shown(scope)}", status=status, why=why)


def _shown(scope: Scope) -> str:
    path = str(scope["path"])
    return ascii(f"{_LINKS}..." if path.startswith(_LINKS) else path[:100])


def _below(path: str, doors: Sequence[str]) -> bool:
    return any(path == door or path.startswith(f"{door.rstrip('/')}/") for door in doors)


def _short(length: str) -> bool:
    return len(length) < 10 and int(length) <= LONGEST_BODY
