"""The participant's own routes, below /me: who asks, from where, in which language, and what is answered.

Every route of ours beside the page itself is made by `own_route`, so that no handler can forget to ask.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from page.chainlit.cookies import signed_in
from study.errors import WriteRefused
from study.language import language_for
from study.strings import Strings, strings_in
from web.guards import say_why
from web.origin import is_own
from web.pages import NOT_KEPT
from web.problem import HttpProblem, json_problem

log = structlog.get_logger(__name__)

LONGEST_BODY: Final = 65_536
_TOO_LARGE: Final = 413
_SAFE: Final = frozenset({"GET", "HEAD"})


class ParticipantRequest:
    """A participant's request.

    Args:
        request: As it came.
        participant_id: Whose it is: the cookie has been checked.
        strings: In their language.
    """

    def __init__(self, request: Request, participant_id: str, strings: Strings) -> None:
        self.request = request
        self.participant_id = participant_id
        self.strings = strings

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    async def body(self) -> dict[str, Any]:
        """The JSON object that was sent; an empty one when nothing was.

        Raises:
            HttpProblem: It is no JSON object, or a long one.
        """
        content = bytearray()
        try:
            async for chunk in self.request.stream():
                content += chunk
                if len(content) > LONGEST_BODY:
                    raise HttpProblem(413, "asked.not_readable")
            read = json.loads(content) if content else {}
        except (ValueError, RecursionError, ClientDisconnect):
            raise HttpProblem(400, "asked.not_readable") from None
        if not isinstance(read, dict):
            raise HttpProblem(400, "asked.not_readable")
        return read


Answer = Callable[[ParticipantRequest], Awaitable[Response]]


class ParticipantRoutes:
    """Makes routes that only a signed-in participant reaches, and only from our own pages.

    Args:
        language: The study's own; None where each participant's browser chooses.
        allowed_origins: Public addresses besides the server's own.
    """

    def __init__(self, language: str | None = None, allowed_origins: Sequence[str] = ()) -> None:
        self._language = language
        self._allowed = tuple(allowed_origins)

    def strings_of(self, request: Request) -> Strings:
        """What the app says, in the language of whoever asks."""
        return strings_in(language_for(request.headers, self._language))

    def route(self, path: str, answer: Answer, *, methods: Sequence[str] = ("GET",)) -> Route:
        """Make a route.

        Args:
            path: Below /me, with {parameters}.
            answer: May raise HttpProblem; WriteRefused becomes a 404, a database that is away a 503.
            methods: For each that changes something, the request must come from our own page.

        Returns:
            The route, named after its path and methods.
        """

        async def endpoint(request: Request) -> Response:
            strings = self.strings_of(request)
            try:
                self._check_origin(request)
                user = signed_in(request)
                if user is None:
                    raise HttpProblem(401, "asked.signed_out")
                return await answer(ParticipantRequest(request, user.identifier, strings))
            except HttpProblem as problem:
                say_why(request.scope, problem.text)
                # Of a long body the rest is not listened to.
                closing = {"Connection": "close"} if problem.status == _TOO_LARGE else {}
                return json_problem(problem.status, problem.sentence(strings), problem.headers | closing)
            except WriteRefused as refusal:
                say_why(request.scope, str(refusal))
                return json_problem(404, strings("asked.no_such_thing"))
            except (SQLAlchemyError, OSError) as error:
                log.error("route_failed", path=path, error_type=type(error).__name__)
                return json_problem(503, strings("chat.not_now"))

        return Route(path, endpoint, methods=list(methods), name=f"{' '.join(methods)} {path}")

    def _check_origin(self, request: Request) -> None:
        """Browsers name the origin of every request that could change something."""
        origin = request.headers.get("origin")
        if request.method in _SAFE or origin is None:
            return
        if not is_own(origin, request.headers.get("host", ""), self._allowed):
            raise HttpProblem(403, "asked.other_site")


def json_answer(content: Any, status: int = 200) -> Response:
    """A JSON answer that no cache keeps."""
    return JSONResponse(content, status, NOT_KEPT)
