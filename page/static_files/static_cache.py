"""Files that never change, answered before anything else is asked.

A first visit asks for dozens of them. On their way through the middlewares and routes each costs half a
millisecond of CPU, most of it for questions that do not concern a file; from here, a twentieth of that.
Chainlit's bundle, read from its file piece by piece in another thread, costs as much as thirty others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.static_files.assets import FOREVER
from web.compression import accepts_gzip

_PREFIXES: Final = ("/public/at-", "/assets/")
# An address may be written in many ways ("/assets/./x.js"): with more than these, it begins anew.
_MOST: Final = 1024
_LARGEST: Final = 4_000_000
_ALL: Final = 32_000_000  # bytes of all that is kept
# A slow visitor's answer waits for them piece by piece (uvicorn holds a sender up), not whole in a buffer.
_PIECE: Final = 262_144
_IMMUTABLE: Final = (b"cache-control", FOREVER.encode())

_HEARD: Final = ("if-none-match", "range")

_Key = tuple[str, bool]  # the path, and whether it may be compressed


@dataclass(frozen=True)
class _Kept:
    start: Message
    pieces: tuple[Message, ...]
    size: int


class StaticCache:
    """ASGI middleware before all others.

    Args:
        app: What stands behind it.
        digest: Of our own files, as they are now (page/static_files/own_files.py).
    """

    def __init__(self, app: ASGIApp, digest: Callable[[], str]) -> None:
        self._app = app
        self._digest = digest
        self._made_for = ""
        self._kept: dict[_Key, _Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the shelf, or pass the request on and keep what comes back."""
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(key)
        if kept is None:
            await self._app(scope, receive, _Keeper(send, self._kept, key))
            return
        await send(kept.start)
        for piece in kept.pieces:
            await send(piece)

    def _key(self, scope: Scope) -> _Key | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path: str = scope["path"]
        if not path.startswith(_PREFIXES):
            return None
        headers = Headers(scope=scope)
        # The long way, where each of them is heard.
        if any(name in headers for name in _HEARD):
            return None
        digest = self._digest()
        if digest != self._made_for:
            self._made_for = digest
            self._kept.clear()
        return path, accepts_gzip(headers.get("accept-encoding", ""))


class _Keeper:
    """Sends an answer, and keeps it when it is a whole file that will never change."""

    def __init__(self, send: Send, kept: dict[_Key, _Kept], key: _Key) -> None:
        self._send = send
        self._into = kept
        self._key = key
        self._start: Message | None = None
        self._pieces: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            whole = message["status"] == 200 and _IMMUTABLE in headers
            # Said to another origin alone (browsers name their own, too): no other may read from here.
            own = [header for header in headers if not header[0].startswith(b"access-control-")]
            self._start = {**message, "headers": own} if whole else None
        elif message["type"] == "http.response.body" and self._start is not None:
            self._pieces.append(message.get("body", b""))
            if sum(map(len, self._pieces)) > _LARGEST:
                self._start = None
            elif not message.get("more_body"):
                self._keep(self._start, b"".join(self._pieces))
                self._start = None
        await self._send(message)

    def _keep(self, start: Message, body: bytes) -> None:
        held = sum(kept.size for kept in self._into.values())
        if len(self._into) >= _MOST or held + len(body) > _ALL:
            self._into.clear()
        cuts = range(0, len(body) or 1, _PIECE)
        pieces: tuple[Message, ...] = tuple(
            {
                "type": "http.response.body",
                "body": body[cut : cut + _PIECE],
                "more_body": cut + _PIECE < len(body),
            }
            for cut in cuts
        )
        self._into[self._key] = _Kept(start, pieces, len(body))
