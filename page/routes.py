"""The routes of the participants' page: ours, and behind them what is kept of Chainlit's."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from chainlit.config import config_translation_dir, public_dir
from chainlit.server import build_dir, get_html_template
from chainlit.session import WebsocketSession
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from data_layer.record import Record
from page.chainlit.index_page import index_routes
from page.chainlit.request_guard import Guards
from page.chainlit.translations import translation_routes
from page.chat import long_polling as polling
from page.entry.pages_open import close_pages
from page.entry.routes import entry_routes
from page.me.earlier import earlier_routes
from page.me.files import file_routes
from page.me.marks import mark_routes
from page.me.page_reads import page_read_routes
from page.me.participant_request import ParticipantRoutes
from page.me.save import save_routes
from page.me.session_routes import session_routes
from page.me.shared import share_routes
from page.me.threads import own_thread_routes
from page.me.uploads import upload_routes
from page.me.withdrawal import withdrawal_routes
from page.protocol.pages import StagePages
from page.protocol.routes import ProtocolRoutes
from page.static_files.assets import asset_routes, chainlit_assets, public_files
from page.static_files.avatars import avatar_routes
from page.static_files.own_files import OwnFiles
from stages.entry.throttle import EntryThrottle
from stages.own_files import find_file
from stages.protocol.running import StudyProtocol
from study.loader import LoadedStudy
from web.addresses import public_path
from web.problem_page import no_such_page

if TYPE_CHECKING:
    from meaning.service import Meaning

# Of Chainlit's routes, what answers all alike.
_FOR_EVERYBODY: Final = ("/favicon", "/logo")
# Within what is kept of it, and not offered: nothing of Socket.IO's own HTTP (page/chat/long_polling.py), and
# a Route is for HTTP; no thread is called "share".
_NOT_THERE: Final = ("/ws/{rest:path}", "/project/thread/share")
_ANY: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def page_routes(
    study: LoadedStudy,
    record: Record,
    kept: ASGIApp,
    own: OwnFiles,
    *,
    allowed_origins: tuple[str, ...],
    throttle: EntryThrottle,
    meaning: "Meaning | None" = None,
    protocol: StudyProtocol | None = None,
) -> list[BaseRoute]:
    """Make the routes, each behind the guards of its kind.

    Args:
        study: What runs.
        record: Makes participants, finds files.
        kept: What is kept of Chainlit's own app.
        own: Our scripts, sheets and fonts.
        allowed_origins: Public addresses besides the server's own.
        throttle: Counts how often somebody tries to come in.
        meaning: Search by meaning; None where the study has none.
        protocol: What participants go through; None where they talk and no more.

    Returns:
        Sign-in, files, assets, the page itself, and behind them what is kept of Chainlit's.
    """
    cache = record.data_dir / "cache"
    guards = Guards(record.sign_ins.holds, allowed_origins)
    asked = ParticipantRoutes(study.definition.language, allowed_origins)

    way_in, account = entry_routes(
        study,
        record,
        close_pages,
        asked,
        index=lambda: own.addressed(get_html_template(public_path())) + own.head(),
        allowed_origins=allowed_origins,
        throttle=throttle,
    )
    mine = [
        *account,
        *earlier_routes(asked, record),
        *save_routes(asked, record, lambda: study.definition),
        *own_thread_routes(asked, record, meaning),
        *withdrawal_routes(asked, record, lambda: study.definition),
        *mark_routes(asked, record, lambda: study.definition.ratings),
    ]
    stages = None
    if protocol is not None:
        stages = ProtocolRoutes(study, record, protocol, StagePages(own.addressed))
        mine += stages.own(asked)
    chainlit = guards.chainlit(kept)
    return [
        # The same for everybody, and nobody's.
        *avatar_routes(Path(public_dir) / "avatars"),
        *asset_routes([("/assets", chainlit_assets(Path(build_dir), cache))]),
        *own.routes(public_files(Path(public_dir), cache)),
        *translation_routes(study, Path(config_translation_dir)),
        *guards.entry(way_in),
        *guards.own(mine),
        *guards.uploads(upload_routes(lambda: study.definition, record, asked, _owner_of_session)),
        *guards.pages(
            [
                *file_routes(lambda element_id: find_file(record, element_id)),
                *page_read_routes(asked),
                *session_routes(asked),
                *share_routes(asked, record, lambda: study.definition),
                *(stages.page() if stages else ()),
                *index_routes(study, get_html_template, own, stages.leads_to if stages else None),
            ]
        ),
        Route(polling.PATH, polling.LongPolling(chainlit, record.refused, allowed_origins), methods=_ANY),
        *(Route(path, no_such_page, methods=_ANY) for path in _NOT_THERE),
        *(Route(path, kept, methods=["GET"]) for path in _FOR_EVERYBODY),
        Mount("", chainlit),
    ]


def beside_the_room(own: OwnFiles, cache: Path) -> list[BaseRoute]:
    """What a process answers that serves the researchers' room alone: its files, and the way to it.

    Args:
        own: Our scripts, sheets and fonts.
        cache: Where what is compressed is kept.
    """

    async def to_room(_: object) -> RedirectResponse:
        return RedirectResponse(f"{public_path()}/research/", 307)

    return [
        Route("/", to_room),
        *own.routes(public_files(Path(public_dir), cache)),
        Route("/{rest:path}", no_such_page, methods=_ANY),
    ]


def _owner_of_session(session_id: str) -> str | None:
    session = WebsocketSession.get_by_id(session_id)
    return session.user.identifier if session is not None and session.user is not None else None
