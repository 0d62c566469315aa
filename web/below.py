"""Behind a proxy that serves us below a path: asked there, we answer as at the root, and lead back there.

Two kinds of proxies are about: those that take the path off (Caddy's handle_path, nginx's proxy_pass with a
slash behind it) and those that hand it on. Both are understood, request by request. Everything inside, the
guards above all, sees the addresses that it knows.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LEADS: Final = (b"location", b"hx-redirect")
_COOKIE_PATH: Final = re.compile(rb"(;\s*path=)(/[^;]*)", re.IGNORECASE)


class Below:
    """ASGI middleware, outside all others.

    Args:
        app: What stands behind it.
        path: The public path, such as "/study".
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request as one at the root."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = str(scope["path"])
        if asked == self._path and scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            address = f"{self._path}/" + (f"?{query}" if query else "")
            await RedirectResponse(address, 308)(scope, receive, send)
            return
        if asked.startswith(f"{self._path}/"):
            scope = {**scope, "path": asked.removeprefix(self._path)}
            scope.pop("raw_path", None)  # the same once more, as it was sent
        host = Headers(scope=scope).get("host", "")

        async def answer(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                headers = [self._header(name, value, host) for name, value in message.get("headers", ())]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, answer)

    def _header(self, name: bytes, value: bytes, host: str) -> tuple[bytes, bytes]:
        lower = name.lower()
        if lower in _LEADS:
            return name, self._leading(value, host)
        if lower == b"set-cookie":
            return name, _COOKIE_PATH.sub(self._cookie_path, value, count=1)
        return name, value

    def _cookie_path(self, found: re.Match[bytes]) -> bytes:
        return found[1] + self._path.encode() + found[2].rstrip(b"/")

    def _leading(self, value: bytes, host: str) -> bytes:
        """Where a header leads; our own address comes without its host, which a proxy may have changed."""
        address = value.decode("latin-1")
        if address.startswith(("http://", "https://")) and host:
            parts = urlsplit(address)
            if parts.netloc != host:
                return value
            address = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
        own = address.startswith("/") and not address.startswith("//")
        return (self._path + address).encode("latin-1") if own else value
