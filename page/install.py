"""Makes Chainlit's app this one: its insides patched, its routes behind ours, its sockets guarded."""

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from chainlit.config import public_dir
from chainlit.server import app
from chainlit.session import WebsocketSession
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from data_layer.database.hints import Hint
from data_layer.record import Record
from page import patches
from page.chat.chainlit_chat import ChainlitChat, page_session
from page.chat.event_rate_limit import EventRateLimit
from page.chat.form_guard import FormGuard
from page.chat.guard import Guard, Handler
from page.chat.idle_pages import IdlePages
from page.chat.study_news import StudyNews
from page.chat.thread_news import ThreadNews
from page.chat.turn_guard import TurnGuard
from page.chat.typing_guard import TypingGuard
from page.entry.pages_open import close_ended_forever, close_page, close_pages_of
from page.me.withdrawal import leaving
from page.place import PlaceCookie
from page.routes import beside_the_room, page_routes
from page.static_files.own_files import OwnFiles
from page.static_files.static_cache import StaticCache
from stages.chat.stage import ChatStage
from stages.entry.throttle import EntryThrottle
from stages.protocol.running import StudyProtocol
from study.loader import LoadedStudy
from web.background import Work
from web.below import Below
from web.compression import Compression
from web.guards import BodyLimit, OriginCheck, ResponseHeaders
from web.problem_page import ProblemPages, on_failure, on_refusal
from web.serves import Serves

if TYPE_CHECKING:
    from meaning.service import Meaning

# Bytes that fit into one packet with their headers; zlib's level whose next ones win a hundredth.
_ONE_PACKET: Final = 1024
_COMPRESSION: Final = 5


@dataclass(frozen=True)
class Front:
    """How this process is found, and by whom.

    Args:
        public_path: Where a proxy serves it on its host, such as "/study"; "" at the root.
        origins: Public addresses besides the server's own.
        throttle: Counts how often somebody tries to come in, by whichever door.
        serves: The participants' page, the researchers' room, or both.
    """

    public_path: str = ""
    origins: tuple[str, ...] = ()
    throttle: EntryThrottle = field(default_factory=lambda: EntryThrottle(600))
    serves: Serves = "all"


@dataclass(frozen=True)
class Mounted:
    """An app beside the participants' page.

    Args:
        app: It.
        origins: Pages of other sites that may ask it for changes.
        measures: Whether it holds bodies to a length itself, each route to its own.
    """

    app: ASGIApp
    origins: tuple[str, ...] = ()
    measures: bool = False


@dataclass(frozen=True)
class Installed:
    """What app.py goes on with.

    Args:
        chat: Where Chainlit's callbacks lead.
        background: What runs for as long as the server does.
    """

    chat: ChainlitChat
    background: tuple[Work, ...]


def install(
    study: LoadedStudy,
    record: Record,
    stage: ChatStage,
    front: Front,
    mounts: Mapping[str, Mounted],
    meaning: "Meaning | None" = None,
    protocol: StudyProtocol | None = None,
) -> Installed:
    """Make Chainlit's app this one. `chainlit run -w` does it again in the same process.

    Args:
        study: What runs.
        record: What is kept.
        stage: Where participants are answered.
        front: How this process is found.
        mounts: Apps beside the participants' page, by their path. They get requests as these came, with
            their header Authorization: what the page needs before it stands before the page alone.
        meaning: Search by meaning; None where the study has none.
        protocol: What participants go through; None where they talk and no more.
    """
    chat = ChainlitChat(stage, record.connections, study.definition.language)
    _patch(chat, study)
    idle = _idle_pages(study, record, stage)
    _guard_sockets(chat, record, front, idle)
    # What FastAPI would build of its own routes and middlewares (applications.py) is one part of this.
    app.middleware_stack = served(study, record, front, mounts, meaning, protocol)
    news = StudyNews(record.controls)
    lists = ThreadNews(record.database)
    record.writer.listeners.append(lists.heard)
    record.hints.on(Hint.THREADS, lambda ids: lists.heard(frozenset(ids)))
    record.withdrawals.listeners.append(leaving(stage.stop, close_pages_of))
    return Installed(
        chat,
        (
            lambda: close_ended_forever(record.sign_ins, record.now),
            news.tell_forever,
            lambda: patches.sweep_forever(record.attachments.sweep),
            *((idle.sweep_forever,) if idle else ()),
        ),
    )


def served(
    study: LoadedStudy,
    record: Record,
    front: Front,
    mounts: Mapping[str, Mounted],
    meaning: "Meaning | None" = None,
    protocol: StudyProtocol | None = None,
) -> ASGIApp:
    """What answers requests: each app at its path, the participants' page at all others.

    Args:
        study: As for install.
        record: As for install.
        front: As for install.
        mounts: As for install.
        meaning: As for install.
        protocol: As for install.
    """
    own = OwnFiles(Path(public_dir))
    page: ASGIApp = Router(
        page_routes(
            study,
            record,
            patches.kept_app(),
            own,
            allowed_origins=front.origins,
            throttle=front.throttle,
            meaning=meaning,
            protocol=protocol,
        )
        if front.serves != "room"
        else beside_the_room(own, record.data_dir / "cache")
    )
    if front.serves == "page":
        page = PlaceCookie(page)
    outer = Starlette(
        routes=[
            *(route for path, mounted in mounts.items() for route in _at(path, mounted, front)),
            Mount("", page),
        ],
        middleware=[
            Middleware(ResponseHeaders),
            Middleware(Compression, minimum_size=_ONE_PACKET, compresslevel=_COMPRESSION),
        ],
        exception_handlers={HTTPException: on_refusal, Exception: on_failure},
        lifespan=_chainlits_lifespan,
    )
    outer.state.problem_pages = ProblemPages(lambda: study.definition)
    app.state.served = outer  # for the test that walks every route
    cached = StaticCache(outer, digest=lambda: own.digest)
    return Below(cached, path=front.public_path) if front.public_path else cached


def _chainlits_lifespan(_: Starlette) -> AbstractAsyncContextManager[None]:
    """Chainlit calls on_app_startup and on_app_shutdown in its own (server.py:155)."""
    return cast(AbstractAsyncContextManager[None], app.router.lifespan_context(app))


def _at(path: str, mounted: Mounted, front: Front) -> list[BaseRoute]:
    async def to_slash(_: object) -> RedirectResponse:
        """The address as people type it: what is mounted begins behind its slash."""
        return RedirectResponse(f"{path}/", 308)

    checked = OriginCheck(mounted.app, (*front.origins, *mounted.origins))
    mount = Mount(path, checked if mounted.measures else BodyLimit(checked))
    # Starlette's own passes over a path with a line end in it, which the page would answer then.
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return [Route(path, to_slash), mount]


def _patch(chat: ChainlitChat, study: LoadedStudy) -> None:
    """Each of these leans on Chainlit's insides; none needs another."""
    patches.check_version()
    patches.close_files()
    patches.hide_errors(lambda: chat.strings_of(page_session())("page.failed"))
    patches.remove_sleeps()
    patches.verify_tokens_once()
    patches.silence_translation_warning()
    patches.configure_uploads(study.definition.attachments)


def _idle_pages(study: LoadedStudy, record: Record, stage: ChatStage) -> IdlePages | None:
    minutes = study.definition.limits.idle_minutes
    if minutes is None:
        return None
    return IdlePages(
        minutes,
        record.now,
        record.connections,
        WebsocketSession.get,
        stage.under_way,
        close_page,
    )


def _guard_sockets(chat: ChainlitChat, record: Record, front: Front, idle: IdlePages | None) -> None:
    flood = EventRateLimit(record, lambda session, key, **values: chat.strings_of(session)(key, **values))

    def guarded(handlers: dict[str, Handler]) -> dict[str, Handler]:
        held = flood.hold(
            Guard(handlers, record, chat).handlers()
            | TurnGuard(record, chat).handlers()
            | FormGuard(record, chat).handlers()
            | TypingGuard(record.presence).handlers()
        )
        return idle.hold(held) if idle else held

    patches.guard_sockets(guarded, front.origins)
