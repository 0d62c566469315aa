"""What stands before the participants' routes: how fast one of them may ask, and whose request it is."""

import contextvars
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from page.chainlit.cookies import signed_in
from page.chainlit.session_check import Holds, SessionCheck
from study.pace import RateLimiter
from web.guards import SAFE, BodyLimit, OriginCheck, refuse
from web.visitor import is_of_this_machine

# What one participant may change, or read where reading is work. A page load asks for ten of these.
PACE: Final = (120, 4.0)

_scope: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("request_scope", default=None)
Guard: TypeAlias = Callable[[ASGIApp], ASGIApp]


def current_participant() -> str | None:
    """The participant whose HTTP request is being served; None outside one."""
    scope = _scope.get()
    if scope is None:
        return None
    user = signed_in(HTTPConnection(scope))
    return user.identifier if user else None


def asked_on_this_machine() -> bool:
    """Whether the HTTP request that is being served comes from a browser on this machine itself."""
    scope = _scope.get()
    return scope is not None and is_of_this_machine(scope)


class RequestContext:
    """ASGI middleware: knows whose request is being served, for whoever is called by Chainlit.

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
        token = _scope.set(scope)
        try:
            await self._app(scope, receive, send)
        finally:
            _scope.reset(token)


class ParticipantPace:
    """ASGI middleware: one participant cannot keep the database busy alone.

    Args:
        app: What stands behind it.
        pace: Of all participants.
        reads: Whether reading counts as well: to search, to list, to draw a long thread.
    """

    def __init__(self, app: ASGIApp, pace: RateLimiter, *, reads: bool = False) -> None:
        self._app = app
        self._pace = pace
        self._reads = reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say when to ask again."""
        if scope["type"] == "http" and (self._reads or scope["method"] not in SAFE):
            user = signed_in(HTTPConnection(scope))
            if user is not None and not self._pace.allows(user.identifier):
                wait = str(max(1, math.ceil(self._pace.wait_s(user.identifier))))
                refusal = refuse(scope, 429, "asked.too_fast", "too fast", {"Retry-After": wait})
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Guards:
    """Puts before each kind of route what belongs there.

    Args:
        holds: Whether a sign-in is a participant's and goes on (data_layer/people/sign_ins.py).
        allowed_origins: Public addresses besides the server's own.
    """

    def __init__(self, holds: Holds, allowed_origins: Sequence[str] = ()) -> None:
        self._holds = holds
        self._allowed = tuple(allowed_origins)
        self._pace = RateLimiter(*PACE)

    def entry(self, routes: Iterable[BaseRoute]) -> list[BaseRoute]:
        """The way in: open while the database is away, and it answers a foreign form with its own page."""
        return [
            _before(route, lambda app: self._known(BodyLimit(ParticipantPace(app, self._pace)), lenient=True))
            for route in routes
        ]

    def own(self, routes: Iterable[BaseRoute]) -> list[BaseRoute]:
        """A participant's own things, where reading is work as well."""
        return [_before(route, lambda app: self._changing(app, reads=True)) for route in routes]

    def uploads(self, routes: Iterable[BaseRoute]) -> list[BaseRoute]:
        """Files: their routes hold them to the study's limits themselves, as they come."""
        return [
            _before(
                route,
                lambda app: self._known(OriginCheck(ParticipantPace(app, self._pace), self._allowed)),
            )
            for route in routes
        ]

    def pages(self, routes: Iterable[BaseRoute]) -> list[BaseRoute]:
        """The page, and what it asks Chainlit's own addresses for."""
        return [_before(route, self._changing) for route in routes]

    def chainlit(self, app: ASGIApp) -> ASGIApp:
        """Chainlit's app, which asks nobody who sent something."""
        return self._changing(app)

    def _changing(self, app: ASGIApp, *, reads: bool = False) -> ASGIApp:
        paced = ParticipantPace(RequestContext(app), self._pace, reads=reads)
        return self._known(BodyLimit(OriginCheck(paced, self._allowed)))

    def _known(self, app: ASGIApp, *, lenient: bool = False) -> ASGIApp:
        return SessionCheck(app, self._holds, lenient=lenient)


def _before(route: BaseRoute, guard: Guard) -> BaseRoute:
    """As Starlette's own `Route(middleware=...)` does it (starlette/routing.py)."""
    if not isinstance(route, Route):
        raise TypeError(f"{route!r} has no app to stand before")
    route.app = guard(route.app)
    return route
