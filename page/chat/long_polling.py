"""Socket.IO's long polling, for participants behind a proxy that lets no WebSocket through.

On the wire it is Engine.IO 4's (https://socket.io/docs/v4/engine-io-protocol/). Behind it there is none of
Engine.IO's own polling, which asks nobody who sends a request and whose address alone is a key: each
connection is handed on as a WebSocket (polled_socket.py), to the same guards.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import Any, Final
from urllib.parse import parse_qs

from chainlit.user import User
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from page.chainlit.cookies import sign_in_of, signed_in
from page.chat.polled_socket import PolledSocket, sid_in
from study.numbers import whole_number
from study.pace import OPENED, RateLimiter
from study.vocabulary import Transport
from web.background import later
from web.guards import refuse
from web.origin import is_own

PATH: Final = "/ws/socket.io/"
# The key of a scope under which its transport stands, for page/chat/guard.py.
TRANSPORT: Final = "verbatim.transport"
# As the WebSocket's frames (page/serve.py).
LONGEST_POST: Final = 1_000_000
# As Engine.IO's own clients and servers.
MOST_PACKETS: Final = 16
# Seconds for a body: it holds up to a megabyte of memory.
_BODY_WITHIN_S: Final = 20.0
# Requests of one participant: a page that hears a reply grow asks twenty times a second.
_ASKED: Final = (400, 100.0)
_METHODS: Final = frozenset({"GET", "POST"})
_SEPARATOR: Final = "\x1e"
_CLOSE: Final = "1"
# What a page says: goodbye, the answer to a ping, what is Socket.IO's. Engine.IO fails over some other
# packets, and holds the connection for as long as it waits for pings.
_PACKET: Final = re.compile(r"1\Z|3\Z|4[0-6]")
_HANDED_ON: Final = ("asgi", "path", "root_path", "client", "server", "state")
_NOT_HANDED_ON: Final = frozenset({b"connection", b"upgrade", b"content-length", b"content-type"})
# Seconds that a connection which has ended waits for somebody to fetch what was said last.
_LINGERS_S: Final = 20.0

Refused = Callable[[str, str, str], object]


class LongPolling:
    """ASGI app of one path.

    Args:
        app: What serves WebSockets, with its guards.
        refused: Keeps that something was refused: what, why, and of whom.
        allowed_origins: Public addresses besides the server's own.
    """

    def __init__(self, app: ASGIApp, refused: Refused, allowed_origins: Sequence[str] = ()) -> None:
        self._app = app
        self._refused = refused
        self._allowed = tuple(allowed_origins)
        self._sockets: dict[str, PolledSocket] = {}
        self._asked = RateLimiter(*_ASKED)
        self._opened = RateLimiter(*OPENED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        answer = await self._answer(scope, receive)
        if answer is not None:
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["method"] not in _METHODS or not _is_polling(query):
            return _not_there(scope, "no long polling")
        if self._is_foreign(Headers(scope=scope)):
            return refuse(scope, 403, "asked.other_site", "another origin")
        user = signed_in(HTTPConnection(scope))
        if user is None:
            return refuse(scope, 401, "asked.signed_out", "not signed in")
        opens = "sid" not in query
        pace = self._opened if opens else self._asked
        if not pace.allows(user.identifier):
            return refuse(scope, 429, "asked.too_fast", "too fast", {"Retry-After": "1"})
        if opens:
            return await self._open(scope, user) if scope["method"] == "GET" else _not_there(scope, "no sid")
        sid = query["sid"][0]
        socket = self._socket_of(sid, user)
        if socket is None:
            return _not_there(scope, "no such connection")
        if scope["method"] == "POST":
            return await self._bring(scope, receive, socket)
        return await self._fetch(scope, receive, sid, socket)

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether another site's page has a browser ask: of a GET it says how near, not always who."""
        origin = headers.get("origin")
        if origin is not None and not is_own(origin, headers.get("host", ""), self._allowed):
            return True
        return headers.get("sec-fetch-site", "same-origin") != "same-origin"

    def _socket_of(self, sid: str, user: User) -> PolledSocket | None:
        """The connection of that name, where it is theirs: another's answers as one that is not there."""
        socket = self._sockets.get(sid)
        if socket is None or socket.owner == (user.identifier, sign_in_of(user)):
            return socket
        self._refused("polling", "the connection belongs to another sign-in", user.identifier)
        return None

    async def _open(self, scope: Scope, user: User) -> Response:
        socket = PolledSocket(user.identifier, sign_in_of(user))
        # As the task of a WebSocket: nothing that is known of this request is known of what it begins.
        Context().run(later, self._serve(socket, _as_websocket(scope)))
        frames = await socket.fetch()
        sid = sid_in(frames)
        if sid is None:
            socket.hang_up()
            return PlainTextResponse("Please try again in a minute.\n", 503, {"Retry-After": "60"})
        self._sockets[sid] = socket
        return _packets(frames)

    async def _serve(self, socket: PolledSocket, scope: Scope) -> None:
        await socket.serve(self._app, scope)
        asyncio.get_running_loop().call_later(_LINGERS_S, self._forget, socket)

    def _forget(self, socket: PolledSocket) -> None:
        for sid in [sid for sid, one in self._sockets.items() if one is socket]:
            del self._sockets[sid]

    async def _fetch(self, scope: Scope, receive: Receive, sid: str, socket: PolledSocket) -> Response | None:
        if socket.is_asked:
            # The frames would be torn apart; a page asks once at a time.
            socket.hang_up()
            return _not_there(scope, "two ask for one connection")
        socket.is_asked = True
        try:
            frames = await _while_there(receive, socket)
        finally:
            socket.is_asked = False
        if frames is None:
            return None
        if socket.is_ended:
            self._sockets.pop(sid, None)
            frames = [*(one for one in frames if one != _CLOSE), _CLOSE]
        return _packets(frames)

    async def _bring(self, scope: Scope, receive: Receive, socket: PolledSocket) -> Response:
        if socket.is_told:
            socket.hang_up()
            return _not_there(scope, "two speak by one connection")
        socket.is_told = True
        try:
            return await self._take(scope, receive, socket)
        finally:
            socket.is_told = False

    async def _take(self, scope: Scope, receive: Receive, socket: PolledSocket) -> Response:
        body = await _body(scope, receive)
        if body is None:
            socket.hang_up()
            return refuse(scope, 413, "asked.not_readable", "the body is too long, or too slow")
        frames = _frames_in(body)
        if frames is None:
            socket.hang_up()
            return _not_there(scope, "not readable as packets")
        stands = await socket.bring(frames)
        if _CLOSE in frames:
            socket.hang_up()
            return PlainTextResponse("ok")
        return PlainTextResponse("ok") if stands else _not_there(scope, "the connection has ended")


def transport_of(scope: Any) -> Transport:
    """How a connection came about.

    Args:
        scope: Its own; what stands in it is the server's word, and no client's.
    """
    named = scope.get(TRANSPORT) if isinstance(scope, dict) else None
    return Transport(named or Transport.WEBSOCKET)


def _is_polling(query: Mapping[str, Sequence[str]]) -> bool:
    # With "j" the answer would be a script, which any site may have run.
    return query.get("transport") == ["polling"] and query.get("EIO") == ["4"] and "j" not in query


def _as_websocket(scope: Scope) -> Scope:
    """What a browser would have sent of a WebSocket from the same page."""
    headers = [one for one in scope["headers"] if one[0] not in _NOT_HANDED_ON]
    return {
        **{key: scope[key] for key in _HANDED_ON if key in scope},
        "type": "websocket",
        "http_version": "1.1",
        "scheme": "wss" if scope.get("scheme") == "https" else "ws",
        "query_string": b"EIO=4&transport=websocket",
        "headers": [*headers, (b"connection", b"Upgrade"), (b"upgrade", b"websocket")],
        "subprotocols": [],
        TRANSPORT: Transport.POLLING,
    }


async def _while_there(receive: Receive, socket: PolledSocket) -> list[str] | None:
    """What there is to hear; None when whoever asked has gone meanwhile: what is said then nobody hears."""
    fetching = asyncio.ensure_future(socket.fetch())
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({fetching, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if fetching.done():
            return fetching.result()
        socket.hang_up()
        return None
    finally:
        fetching.cancel()
        leaving.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """What was sent; None when it is too long, announced or not, or does not come to its end."""
    length = whole_number(Headers(scope=scope).get("content-length", "0"))
    if length is None or length > LONGEST_POST:
        return None
    pieces: list[bytes] = []
    came = 0
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            while True:
                message = await receive()
                pieces.append(message.get("body", b""))
                came += len(pieces[-1])
                if came > LONGEST_POST or message["type"] == "http.disconnect":
                    return None
                if not message.get("more_body"):
                    return b"".join(pieces)
    except TimeoutError:
        return None


def _frames_in(body: bytes) -> list[str] | None:
    """The packets of a body; None where it is no such thing."""
    if body.count(_SEPARATOR.encode()) >= MOST_PACKETS:
        return None
    try:
        frames = body.decode().split(_SEPARATOR)
    except UnicodeDecodeError:
        return None
    return frames if all(_PACKET.match(frame) for frame in frames) else None


def _packets(frames: Sequence[str]) -> Response:
    return PlainTextResponse(_SEPARATOR.join(frames))


def _not_there(scope: Scope, why: str) -> Response:
    return refuse(scope, 404, "asked.no_such_thing", why)
