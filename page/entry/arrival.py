"""Personal links: `/enter/<token>` that we signed, and `/enter?PROLIFIC_PID=...` of a recruiting service.

A link in an e-mail is also opened by machines that look for viruses or draw a preview. They keep no
cookie: a visitor is sent round once to see that theirs is kept, and only then is anybody made.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import structlog
from chainlit.auth.jwt import get_jwt_secret
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.people.links import link_in
from data_layer.people.participants import Participant
from page.chainlit.cookies import browser_of, know_browser, new_browser
from page.entry.door import SignInSession
from page.entry.form import EntryPage, RunningStudy, ShownForm
from page.entry.posted import check_origin, read_form
from stages.entry.parameters import parameters_in
from stages.entry.refusals import EntryRefused
from stages.entry.throttle import EntryThrottle
from stages.entry.ways import Ways
from study.participation import LoginMode

log = structlog.get_logger(__name__)

# On the address of a visitor who was sent round. No parameter of a study can bear this name.
_ROUND: Final = "once-more"


class Arrival:
    """Answers links.

    Args:
        study: Says which parameters there are.
        show: Draws the page.
        ways: Finds who somebody is.
        door: Lets them in.
        throttle: Counts what is tried.
        allowed_origins: Of the page's own form, as for Login.
    """

    def __init__(
        self,
        study: RunningStudy,
        show: EntryPage,
        ways: Ways,
        door: SignInSession,
        throttle: EntryThrottle,
        allowed_origins: Sequence[str] = (),
    ) -> None:
        self._study = study
        self._show = show
        self._ways = ways
        self._door = door
        self._throttle = throttle
        self._allowed = tuple(allowed_origins)

    def routes(self) -> list[BaseRoute]:
        """For the front of the app's list."""
        return [
            Route("/enter", self._enter, methods=["GET", "POST"], name="enter"),
            Route("/enter/{token:path}", self._enter, methods=["GET"], name="enter by link"),
        ]

    async def _enter(self, request: Request) -> Response:
        if LoginMode(self._study.definition.login.mode) is not LoginMode.LINK:
            return RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
        given: dict[str, str] = {}
        try:
            token = request.path_params.get("token")
            link_id = self._link_in(token) if token is not None else None
            if token is None:
                names = self._study.definition.login.parameters
                given = parameters_in(names, request.query_params.multi_items())
            if request.method == "HEAD" or _is_ahead_of_time(request):
                return Response(status_code=204, headers={"Cache-Control": "no-store"})
            browser = browser_of(request)
            if browser is None:
                return self._send_round(request, given)
            self._throttle.by_address(request)
            participant = await self._find(request, link_id, given, browser)
            return await self._door.let_in(request, participant, LoginMode.LINK, browser)
        except EntryRefused as problem:
            refused = problem
        except (SQLAlchemyError, OSError) as error:
            log.error("entry_failed", error_type=type(error).__name__)
            refused = EntryRefused(503, "entry.not_now")
        fields = ("code",) if refused.wants_code else ()
        shown = ShownForm(refused.status, refused=refused, fields=fields, action=_address("/enter", given))
        return self._show(request, shown)

    def _link_in(self, token: str) -> str:
        link_id = link_in(token, secret=get_jwt_secret() or "", study_id=self._study.definition.id)
        if link_id is None:
            raise EntryRefused(404, "entry.link_broken")
        return link_id

    def _send_round(self, request: Request, given: Mapping[str, str]) -> Response:
        """Give the browser a cookie and let it come again with it, its parameters and all."""
        if _ROUND in request.query_params:
            raise EntryRefused(400, "entry.need_cookies")
        response = RedirectResponse(
            _address(request.url.path, {**given, _ROUND: "1"}), 303, {"Cache-Control": "no-store"}
        )
        know_browser(request, response, new_browser())
        return response

    async def _find(
        self, request: Request, link_id: str | None, given: Mapping[str, str], browser: str
    ) -> Participant:
        if link_id is not None:
            return await self._ways.by_link(link_id)
        code = ""
        if request.method == "POST":
            check_origin(request, self._allowed)
            code = (await read_form(request)).get("code", "")
        names = self._study.definition.login.parameters
        return await self._ways.by_parameters(names, given, code, browser)


def _is_ahead_of_time(request: Request) -> bool:
    """Whether a browser asks before anybody has clicked.

    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose
    """
    purposes = (request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
    return any("prefetch" in purpose.lower() or "preview" in purpose.lower() for purpose in purposes)


def _address(path: str, parameters: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
