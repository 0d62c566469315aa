"""The researchers' room as an app of its own, to be mounted at /research."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from agent.breaker import BreakerState
from data_layer.record import Record
from research import conditions
from research.accounts import account, researchers, sign_in, tokens
from research.audit import page as audit
from research.coding import annotations, codebook, codebook_import, codebook_moves, excerpts
from research.coding import page as coding
from research.context import FEATURES, RoomContext
from research.exports import page as exports
from research.glossary import page as glossary
from research.live import page as live
from research.overview import page as overview
from research.participants import consent_texts
from research.participants import page as participants
from research.routing import ResearchRequest, ResearchRoutes
from research.study import page as protocol_page
from research.thread import details, watch
from research.thread import page as thread
from research.threads import bulk, views
from research.threads import page as threads
from research.throttle import SignInThrottle
from research.withdrawals import page as withdrawals
from study.loader import LoadedStudy
from study.roles import Right
from web.alarms import Alarms
from web.exporting.runner import Exporting

if TYPE_CHECKING:
    from meaning.service import Meaning

# A page is a module with `routes`; a new one has its line here, and its link in templates/base.html.
PAGES = (
    sign_in,
    overview,
    live,
    threads,
    bulk,
    views,
    thread,
    watch,
    annotations,
    coding,
    participants,
    consent_texts,
    conditions,
    protocol_page,
    details,
    codebook_import,  # before the codebook, whose addresses of single codes would take its own
    codebook,
    codebook_moves,
    excerpts,
    exports,
    withdrawals,
    audit,
    researchers,
    account,
    tokens,
    glossary,
)


def research_app(
    record: Record,
    study: LoadedStudy,
    unavailable: Mapping[str, str] | None = None,
    servers: Callable[[], Sequence[BreakerState]] = tuple,
    exporting: Exporting | None = None,
    meaning: "Meaning | None" = None,
    alarms: Alarms | None = None,
) -> FastAPI:
    """Make the app.

    Args:
        record: What is kept.
        study: Which study.
        unavailable: Why agents of the study cannot answer, with the repair, by name.
        servers: How the servers of models do, as this process knows it.
        exporting: Makes exports, for other doors of this process too.
        meaning: Search by meaning; None where the study has none.
        alarms: Whom they are told, and which stand.
    """
    app = FastAPI(title="Verbatim, the researchers' room", docs_url=None, redoc_url=None, openapi_url=None)
    room = RoomContext(
        record,
        study,
        SignInThrottle(),
        unavailable or {},
        servers,
        exporting=exporting,
        meaning=meaning,
        alarms=alarms,
    )
    app.router.routes = all_routes(room)
    app.state.streams = room.streams
    app.router.redirect_slashes = False
    return app


def all_routes(room: RoomContext) -> list[BaseRoute]:
    """The routes of all pages, and what they are drawn with."""
    doors = ResearchRoutes(room)
    return [
        Mount("/static", _Static(), name="static"),
        *(route for page in PAGES for route in page.routes(doors)),
        # Whoever is not in is asked to sign in, and learns nothing of what is there.
        doors.route("/{path:path}", _nothing_here, Right.ENTER),
    ]


class _Static(StaticFiles):
    """The style sheets and scripts of all features, each in its own folder, under one address."""

    def __init__(self) -> None:
        super().__init__(check_dir=False)
        self.all_directories = [folder / "static" for folder in FEATURES]


async def _nothing_here(visit: ResearchRequest) -> Response:
    return visit.not_found("There is no such page.")
