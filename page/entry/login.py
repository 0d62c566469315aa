"""The first screen's own routes: the form, and what it is answered."""

from collections.abc import Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from page.chainlit.cookies import browser_of, know_browser, new_browser
from page.entry.door import SignInSession
from page.entry.form import EntryPage, RunningStudy, ShownForm
from page.entry.posted import check_origin, read_form
from stages.entry.refusals import EntryRefused
from stages.entry.throttle import EntryThrottle
from stages.entry.ways import Ways
from study.names import NameRefused
from study.participation import LoginMode
from study.vocabulary import StudyState

log = structlog.get_logger(__name__)


class LoginRoutes:
    """Answers the form.

    Args:
        study: Says which way leads in.
        show: Draws the page.
        ways: Finds who somebody is.
        door: Lets them in.
        throttle: Counts what is tried.
        allowed_origins: Origins beside the request's own that the form may be sent from, such as
            the public address behind a proxy that rewrites Host: "https://study.example.org".
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
        """For the front of the app's list: after Chainlit's catch-all they are never reached."""
        return [
            Route("/login", self._login, methods=["GET", "POST"], name="login"),
            # Chainlit's page would draw its password form at /login/ and /login/callback.
            Route("/login/{rest:path}", _elsewhere, methods=["GET"]),
        ]

    async def _login(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._posted(request)
        mode = LoginMode(self._study.definition.login.mode)
        refused = EntryRefused(200, "entry.need_link") if mode is LoginMode.LINK else None
        state = await self._ways.study_state()
        if state is not StudyState.OPEN:
            refused = EntryRefused(200, f"closing.{state.value}")
        response = self._show(request, ShownForm(refused=refused))
        if request.method == "GET":
            # Before the form is sent: two tabs that send it at once are one browser then.
            know_browser(request, response, browser_of(request) or new_browser())
        return response

    async def _posted(self, request: Request) -> Response:
        form: dict[str, str] = {}
        mode = LoginMode(self._study.definition.login.mode)
        try:
            if mode is LoginMode.LINK:
                raise EntryRefused(403, "entry.need_link")
            check_origin(request, self._allowed)
            form = await read_form(request)
            self._throttle.by_address(request)
            browser = browser_of(request) or new_browser()
            secret = form.get("password" if mode is LoginMode.PASSWORD else "code", "")
            participant = await self._ways.by_name(mode, form.get("username", ""), secret, browser)
            return await self._door.let_in(request, participant, mode, browser)
        except NameRefused as problem:
            refused = EntryRefused(422, problem.key, **problem.values)
        except EntryRefused as problem:
            refused = problem
        except (SQLAlchemyError, OSError) as error:
            log.error("entry_failed", error_type=type(error).__name__)
            refused = EntryRefused(503, "entry.not_now")
        # What cannot be seen would hide the field's own words, and look like a name that was taken away.
        name = "" if refused.text == "entry.name_empty" else form.get("username", "")
        asks_code = mode is LoginMode.CLAIM and (refused.wants_code or bool(form.get("code")))
        return self._show(
            request,
            ShownForm(
                refused.status,
                name=name,
                refused=refused,
                fields=("username", "code") if asks_code else None,
            ),
        )


async def _elsewhere(request: Request) -> Response:
    return RedirectResponse("/login", 303)
