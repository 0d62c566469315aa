"""The API as an app of its own, to be mounted at /api/v1."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from api import (
    auth,
    chat,
    copies,
    files,
    forms,
    marks,
    me,
    messages,
    revisiting,
    search,
    shares,
    socket,
    study,
    threads,
)
from api.common import PROBLEMS
from api.context import MOUNTED_AT, ApiContext
from api.live.schemas import add_live_schemas
from api.operations import health, metrics
from api.operations.metrics import ServerMetrics
from api.problem import add_handlers, problem_shapes
from api.rate_limits import AddressLimit
from api.reference import page as reference
from api.research.routers import RESEARCH
from api.too_long import ProblemsOfLength
from web.guards import LONGEST_BODY
from web.serves import Serves

# What any process answers.
_ALWAYS: Final = (health.router, metrics.router, reference.router)
_PARTICIPANTS: Final = (
    study.router,
    auth.router,
    me.router,
    threads.router,
    messages.router,
    revisiting.router,
    chat.router,
    socket.router,
    marks.router,
    forms.router,
    files.router,
    shares.router,
    copies.router,
    search.router,
)
ROUTERS: Final[dict[Serves, tuple[APIRouter, ...]]] = {
    "all": (*_PARTICIPANTS, *_ALWAYS, *RESEARCH),
    "page": (*_PARTICIPANTS, *_ALWAYS),
    "room": (*_ALWAYS, *RESEARCH),
}

# What pages of other sites may use, where the operator has named them.
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SENT: Final = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID")
_TOLD: Final = ("ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy")


def api_app(context: ApiContext, origins: Sequence[str] = (), serves: Serves = "all") -> FastAPI:
    """Make the app.

    Args:
        context: What its routes stand on.
        origins: Pages of other sites that may ask it, with a token: never with a cookie.
        serves: Participants, researchers, or both; what a process does not serve is not there.
    """
    app = _routes(serves)
    app.state.api = context
    app.state.metrics = ServerMetrics(context)
    app.state.other_origins = tuple(origins)
    app.add_middleware(AddressLimit)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_TOLD,
        )
    return app


def schema() -> dict[str, Any]:
    """Describe what the API can do, as OpenAPI 3.1 has it."""
    return _routes().openapi()


def _routes(serves: Serves = "all") -> FastAPI:
    app = ProblemsOfLength(
        title="Verbatim",
        summary="Everything that a participant can do in the page, for programs.",
        version="1",
        servers=[{"url": MOUNTED_AT}],
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        max_body_size=LONGEST_BODY,
    )
    add_handlers(app)
    for router in ROUTERS[serves]:
        app.include_router(router, responses=PROBLEMS)
    made = app.openapi

    def described() -> dict[str, Any]:
        whole = add_live_schemas(made())
        whole["components"]["schemas"].update(problem_shapes())
        return whole

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's own documentation does it
    return app
