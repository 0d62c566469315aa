"""What stands before Chainlit's routes: closed doors, and whose request it is."""

import contextvars
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from page.cookies import signed_in

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
    "/project/share",
    "/project/thread/share",
    "/project/element",
    "/project/file",
)

_scope: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("request_scope", default=None)


def current_participant() -> str | None:
    """The participant whose HTTP request is being served; None outside one."""
    scope = _scope.get()
    if scope is None:
        return None
    user = signed_in(HTTPConnection(scope))
    return user.identifier if user else None


class Border:
    """ASGI middleware: plain, for BaseHTTPMiddleware copies the context and costs twice as much."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say that there is no such page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        if any(path == door or path.startswith(f"{door}/") for door in CLOSED):
            await JSONResponse({"detail": "Not found"}, 404)(scope, receive, send)
            return
        token = _scope.set(scope)
        try:
            await self._app(scope, receive, send)
        finally:
            _scope.reset(token)
