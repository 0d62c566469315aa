"""The API as an app of its own, to be mounted at /api/v1."""

from fastapi import FastAPI

from api import auth, chat, messages, threads
from api.common import PROBLEMS
from api.context import MOUNTED_AT, ApiContext
from api.problem import add_handlers

ROUTERS = (auth.router, threads.router, messages.router, chat.router)


def api_app(context: ApiContext) -> FastAPI:
    """Make the app.

    Args:
        context: What its routes stand on.
    """
    app = FastAPI(
        title="Verbatim",
        summary="Everything that a participant can do in the page, for programs.",
        version="1",
        servers=[{"url": MOUNTED_AT}],
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    app.state.api = context
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router, responses=PROBLEMS)
    return app
