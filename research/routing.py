"""The doors of the room: who asks, whether they may, and what is answered when not.

Every route but the way in is made by `ResearchRoutes.route`, so that no handler can forget to ask.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from data_layer.people.researchers import Researcher, Session
from research.context import RoomContext
from research.cookies import csrf_of, is_csrf, session_token
from study.errors import StudyError, WriteRefused
from study.roles import Right, may
from web.addresses import below_path
from web.pages import page_headers, policy
from web.problem import HttpProblem, json_problem

log = structlog.get_logger(__name__)

LOGIN: Final = "/research/login"
_SAFE: Final = frozenset({"GET", "HEAD"})
# Characters of a growing page that are sent together: a few milliseconds of drawing.
_PIECE: Final = 32_768
_BROKE_OFF: Final = (
    '<div class="problem" role="alert"><p>The page broke off here: what follows is not shown. Load it again; '
    "if it breaks off again, the server’s log has the cause.</p></div>"
)
# No inline script or style, nothing from elsewhere, nothing that could be framed.
_OWN: Final = "'self'"
POLICY: Final = policy(
    script_src=_OWN,
    style_src=_OWN,
    img_src=f"{_OWN} data:",
    font_src=_OWN,
    connect_src=_OWN,
    form_action=_OWN,
)
HEADERS: Final = page_headers(POLICY) | {"X-Robots-Tag": "noindex"}


@dataclass(frozen=True)
class ResearchRequest:
    """A researcher's request.

    Args:
        request: As it came.
        room: What the page stands on.
        session: Whose it is.
        csrf: What each form of this session bears, as the hidden field `csrf`.
    """

    request: Request
    room: RoomContext
    session: Session
    csrf: str

    @property
    def researcher(self) -> Researcher:
        """Who asks."""
        return self.session.researcher

    @property
    def reads_all(self) -> bool:
        """Whether who asks reads every thread. A coder reads what is assigned to them."""
        return self.researcher.reads_all

    async def may_read(self, thread_id: str | None) -> bool:
        """Whether who asks reads a thread, and whatever belongs to it.

        Raises:
            SQLAlchemyError: The database is away.
        """
        if self.reads_all:
            return True
        given = self.room.record.coding_tasks.given
        return thread_id is not None and await given.has(thread_id, self.researcher.researcher_id)

    def may(self, right: Right) -> bool:
        """Whether who asks has a right."""
        return may(self.researcher.role, right)

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, default)

    async def form(self) -> FormData:
        """What a form has sent; the door has looked at its token."""
        return await self.request.form(max_files=0, max_fields=200)

    async def note(self, action: str, target: str | None = None, **details: Any) -> None:
        """Write into the audit log, durably, what is about to happen.

        Raises:
            DatabaseError: It could not be written: then it must not happen.
        """
        who = self.researcher
        await self.room.record.audit.note(
            action,
            name=who.name,
            researcher_id=who.researcher_id,
            target=target,
            details=details or None,
        )

    def draw(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page."""
        content = self.room.templates.get_template(template).render(self._shared() | values)
        return HTMLResponse(content, status, HEADERS)

    def draw_growing(self, template: str, **values: Any) -> Response:
        """A long page, which the browser shows from the top while the rest of it is drawn, in a thread."""
        drawing = self.room.templates.get_template(template).generate(self._shared() | values)
        return StreamingResponse(grown(drawing, template), 200, HEADERS, media_type="text/html")

    def _shared(self) -> dict[str, Any]:
        return {
            "by_meaning": self.room.meaning is not None,
            "csrf": self.csrf,
            "has_protocol": self.room.study.definition.protocol is not None,
            "here": self.request.url.path,
            "may": lambda right: self.may(Right(right)),
            "researcher": self.researcher,
            "study_title": self.room.study.definition.title,
        }

    def streamed(
        self, events: AsyncGenerator[str, None], right: Right, thread_id: str | None = None
    ) -> Response:
        """A stream of events, which ends when who reads it is in no more, or may not read it any more.

        Args:
            events: As web.sse.event writes them.
            right: Which the stream needs.
            thread_id: Of the thread that it tells of, if it is of one.
        """
        if self.request.method == "HEAD":
            return Response(headers=HEADERS, media_type="text/event-stream")

        async def still_may() -> bool:
            session = await self.room.record.researchers.session(session_token(self.request) or "")
            if session is None or not may(session.researcher.role, right):
                return False
            return thread_id is None or await replace(self, session=session).may_read(thread_id)

        return self.room.streams.answer(events, still_may, HEADERS)

    def moved(self, address: str) -> Response:
        """To another page, after a change."""
        return RedirectResponse(address, 303, HEADERS)

    def not_found(self, sentence: str) -> Response:
        """A page that says what is not there."""
        return self.draw("problem.html", 404, problem=sentence)


Handler = Callable[[ResearchRequest], Awaitable[Response]]


class ResearchRoutes:
    """Makes routes that only a signed-in researcher with a right reaches.

    Args:
        room: What the pages stand on.
    """

    def __init__(self, room: RoomContext) -> None:
        self.room = room

    def route(self, path: str, handler: Handler, right: Right, methods: Sequence[str] = ("GET",)) -> Route:
        """Make a route.

        Args:
            path: Below /research, with {parameters}.
            handler: May raise HttpProblem; a StudyError becomes a 400 with its sentence, a WriteRefused
                a 404.
            right: Which the researcher must have.
            methods: Of a request; what is not safe must bear the session's token.
        """

        async def endpoint(request: Request) -> Response:
            try:
                visit = await self._visit(request)
            except (SQLAlchemyError, OSError) as error:
                log.error("room_failed", path=path, error_type=type(error).__name__)
                return _plain("The database does not answer. Try again in a minute.", 503)
            if visit is None:
                return _to_the_way_in(request)
            try:
                await self._check(visit, right, path)
                return await self._handled(visit, handler)
            except HttpProblem as refused:
                return await _problem(visit, refused.status, refused.text)
            except WriteRefused as refused:
                log.warning("refused", what=path, why=str(refused))
                return await _problem(
                    visit, 404, "That is not there, or not in a state in which this can be done."
                )
            except StudyError as error:
                return await _problem(visit, 400, str(error))
            except (SQLAlchemyError, OSError) as error:
                log.error("room_failed", path=path, error_type=type(error).__name__)
                return await _problem(visit, 503, "The database does not answer. Try again in a minute.")

        made = Route(path, endpoint, methods=list(methods), name=f"{' '.join(methods)} {path}")
        made.right = right  # type: ignore[attr-defined]  # read by the test that walks every route
        return made

    async def _handled(self, visit: ResearchRequest, handler: Handler) -> Response:
        if visit.request.method in _SAFE:
            return await handler(visit)
        # What is changed is changed as it stands now, and its page shows it changed.
        self.room.record.must_be_seen()
        try:
            return await handler(visit)
        finally:
            self.room.record.must_be_seen()

    async def _visit(self, request: Request) -> ResearchRequest | None:
        token = session_token(request)
        session = await self.room.record.researchers.session(token) if token else None
        if token is None or session is None:
            return None
        return ResearchRequest(request, self.room, session, csrf_of(token))

    async def _check(self, visit: ResearchRequest, right: Right, path: str) -> None:
        if not visit.may(right):
            log.warning("refused", what=f"research {path}", why=f"a {visit.researcher.role} may not {right}")
            raise HttpProblem(
                403,
                f"A {visit.researcher.role} may not see or do this. An owner of the study can change that.",
            )
        if visit.request.method in _SAFE:
            return
        given = (await visit.form()).get("csrf")
        if not isinstance(given, str) or not is_csrf(session_token(visit.request) or "", given):
            log.warning("refused", what=f"research {path}", why="a form without this session's token")
            raise HttpProblem(
                403, "This form is of an earlier sign-in. Go back, load the page anew, and try again."
            )


def grown(drawing: Iterator[str], template: str) -> Iterator[str]:
    """A page in pieces of some size; one that breaks off says so, for its status has been sent long ago."""
    pieces: list[str] = []
    size = 0
    try:
        for piece in drawing:
            pieces.append(piece)
            size += len(piece)
            if size >= _PIECE:
                yield "".join(pieces)
                pieces, size = [], 0
    except Exception as error:  # Whatever it is: what follows would be missing without a word.
        log.exception("page_broke_off", template=template, error_type=type(error).__name__)
        pieces.append(_BROKE_OFF)
    yield "".join(pieces)


async def _problem(visit: ResearchRequest, status: int, sentence: str) -> Response:
    """What is wrong: to a script that has sent a form the sentence, which its page shows; else a page."""
    if visit.request.method not in _SAFE and (await visit.form()).get("script"):
        return json_problem(status, sentence, HEADERS)
    return visit.draw("problem.html", status, problem=sentence)


def _to_the_way_in(request: Request) -> Response:
    if request.method not in _SAFE:
        return _plain(f"You are signed out. Sign in at {below_path(LOGIN)}, go back, and try again.", 401)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    way_in = f"{LOGIN}?next={quote(asked, safe='')}"
    if request.headers.get("HX-Request"):
        # A part of a page was asked for: the form to sign in with must not stand in its place.
        return Response(None, 401, HEADERS | {"HX-Redirect": way_in})
    return RedirectResponse(way_in, 303, HEADERS)


def _plain(sentence: str, status: int) -> Response:
    return Response(sentence, status, HEADERS, media_type="text/plain")
