"""The researchers' room as an app of its own, to be mounted at /research."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from data_layer.record import Record
from research.doors import Doors, Visit
from research.pages import (
    account,
    annotations,
    audit,
    behind,
    chosen,
    codebook,
    exports,
    live,
    overview,
    participants,
    people,
    sign_in,
    thread,
    threads,
    views,
    watch,
    withdrawals,
)
from research.room import STATIC, Room
from research.throttle import Throttle
from study.loader import LoadedStudy
from study.roles import Right

# A page is a module with `routes`; a new one has its line here, and its link in templates/base.html.
PAGES = (
    sign_in,
    overview,
    live,
    threads,
    chosen,
    views,
    thread,
    watch,
    annotations,
    participants,
    behind,
    codebook,
    exports,
    withdrawals,
    audit,
    people,
    account,
)


def research_app(record: Record, study: LoadedStudy) -> FastAPI:
    """Make the app.

    Args:
        record: What is kept.
        study: Which study.
    """
    app = FastAPI(title="Verbatim, the researchers' room", docs_url=None, redoc_url=None, openapi_url=None)
    room = Room(record, study, Throttle())
    app.router.routes = all_routes(room)
    app.state.streams = room.streams
    app.router.redirect_slashes = False
    return app


async def doorstep(_: Request) -> Response:
    """The address as people type it: what is mounted begins behind its slash."""
    return RedirectResponse("/research/", 308)


def all_routes(room: Room) -> list[BaseRoute]:
    """The routes of all pages, and what they are drawn with."""
    doors = Doors(room)
    return [
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
        *(route for page in PAGES for route in page.routes(doors)),
        # Whoever is not in is asked to sign in, and learns nothing of what is there.
        doors.route("/{path:path}", _nothing_here, Right.ENTER),
    ]


async def _nothing_here(visit: Visit) -> Response:
    return visit.not_found("There is no such page.")
