"""The way in and the way out."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.people.researchers import SESSION_LASTS, Researcher
from research.context import RoomContext
from research.cookies import give, session_token, take
from research.routing import HEADERS, ResearchRequest, ResearchRoutes
from study.names import NameRefused, normalise_name
from study.roles import ResearcherRole, Right, may
from study.text import beginning
from web.rate_limit import address_of

_WRONG = "The name or the password is not right. An owner of the study can give you another password."
_WRONG_CODE = (
    "That code is not right, or was used before. It changes every 30 seconds: type the one that the app "
    "shows now."
)
_TOO_LATE = "That took too long. Sign in again."


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The sign-in page, and signing out."""
    entry = _Entry(doors.room)
    return [
        Route("/login", entry.show, methods=["GET"], name="GET /login"),
        Route("/login", entry.try_to_enter, methods=["POST"], name="POST /login"),
        Route("/login/code", entry.try_code, methods=["POST"], name="POST /login/code"),
        doors.route("/logout", _leave, Right.ENTER, methods=("POST",)),
    ]


class _Entry:
    def __init__(self, room: RoomContext) -> None:
        self._room = room

    async def show(self, request: Request) -> Response:
        token = session_token(request)
        session = await self._room.record.researchers.session(token) if token else None
        if session is not None:
            asked = request.query_params.get("next", "")
            return RedirectResponse(_next(asked, session.researcher.role), 303, HEADERS)
        return self._form(next_page=request.query_params.get("next", ""))

    async def try_to_enter(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        name, password = beginning(str(form.get("name", "")), 200), str(form.get("password", ""))[:1000]
        next_page = str(form.get("next", ""))
        try:
            key = normalise_name(name).key
        except NameRefused as refused:
            return self._form(400, str(refused), next_page=next_page)
        guesses, of_name = self._room.record.guesses, self._room.throttle.guesses_of(address_of(request), key)
        wait = self._room.throttle.wait_s(address_of(request), key) or await guesses.wait_s(*of_name)
        if wait:
            return self._form(429, _wait(wait), name, next_page, {"Retry-After": str(wait)})
        researcher = await self._room.record.researchers.with_password(name, password)
        if researcher is None:
            await self._room.record.audit.note("sign_in_refused", name=name.strip() or "nobody")
            return self._form(401, _WRONG, name, next_page)
        self._room.throttle.forget(key)
        await guesses.forget(*of_name[1:])
        if researcher.codes_since is not None:
            ticket = await self._room.record.one_time_codes.ticket(researcher.researcher_id)
            return self._code_form(ticket, next_page)
        return await self._let_in(request, researcher, next_page)

    async def try_code(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        ticket, next_page = str(form.get("ticket", ""))[:300], str(form.get("next", ""))
        record, throttle = self._room.record, self._room.throttle
        researcher_id = await record.one_time_codes.of_ticket(ticket)
        researcher = await record.researchers.by_id(researcher_id) if researcher_id else None
        if researcher is None:
            return self._form(401, _TOO_LATE, next_page=next_page)
        codes = throttle.codes_of(researcher.researcher_id)
        wait = throttle.wait_for_code_s(address_of(request), researcher.researcher_id)
        wait = wait or await record.guesses.wait_s(*codes)
        if wait:
            return self._code_form(ticket, next_page, 429, _wait(wait), {"Retry-After": str(wait)})
        if not await record.one_time_codes.take(researcher.researcher_id, str(form.get("code", ""))[:100]):
            await record.audit.note(
                "code_refused", name=researcher.name, researcher_id=researcher.researcher_id
            )
            return self._code_form(ticket, next_page, 401, _WRONG_CODE)
        throttle.forget_codes(researcher.researcher_id)
        await record.guesses.forget(*codes)
        return await self._let_in(request, researcher, next_page)

    async def _let_in(self, request: Request, researcher: Researcher, next_page: str) -> Response:
        token = await self._room.record.researchers.begin(researcher, request.headers.get("user-agent"))
        await self._room.record.audit.note(
            "signed_in", name=researcher.name, researcher_id=researcher.researcher_id
        )
        answer = RedirectResponse(_next(next_page, researcher.role), 303, HEADERS)
        give(request, answer, token, int(SESSION_LASTS.total_seconds()))
        return answer

    def _form(
        self,
        status: int = 200,
        problem: str = "",
        name: str = "",
        next_page: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response:
        return self._page("login.html", status, headers, problem=problem, name=name, next=next_page)

    def _code_form(
        self,
        ticket: str,
        next_page: str,
        status: int = 200,
        problem: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response:
        return self._page("login_code.html", status, headers, problem=problem, ticket=ticket, next=next_page)

    def _page(self, template: str, status: int, headers: dict[str, str] | None, **values: str) -> Response:
        content = self._room.templates.get_template(template).render(
            values, study_title=self._room.study.definition.title
        )
        return HTMLResponse(content, status, HEADERS | (headers or {}))


async def _leave(visit: ResearchRequest) -> Response:
    await visit.note("signed_out")
    await visit.room.record.researchers.end(visit.session.session_id, visit.researcher.researcher_id)
    answer = visit.moved("/research/login")
    take(visit.request, answer)
    return answer


def _wait(seconds: int) -> str:
    return f"Too many attempts. Wait {seconds} seconds, then try again."


def _next(asked: str, role: ResearcherRole) -> str:
    """Where to, after signing in: a page of the room, and nowhere else."""
    inside = asked.startswith("/research/") and "\\" not in asked and asked.isprintable()
    if inside and not asked.startswith(("/research/log", "/research//")):
        return asked
    return "/research/" if may(role, Right.OVERVIEW) else "/research/threads"
