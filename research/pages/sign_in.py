"""The way in and the way out."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.researchers import SESSION_LASTS
from research.cookies import give, take, token_of
from research.doors import HEADERS, Doors, Visit
from research.room import Room
from study.names import NameRefused, normalise_name
from study.roles import Right, Role, may

_WRONG = "The name or the password is not right. An owner of the study can give you another password."


def routes(doors: Doors) -> list[BaseRoute]:
    """The sign-in page, and signing out."""
    entry = _Entry(doors.room)
    return [
        Route("/login", entry.show, methods=["GET"], name="GET /login"),
        Route("/login", entry.try_to_enter, methods=["POST"], name="POST /login"),
        doors.route("/logout", _leave, Right.ENTER, methods=("POST",)),
    ]


class _Entry:
    def __init__(self, room: Room) -> None:
        self._room = room

    async def show(self, request: Request) -> Response:
        token = token_of(request)
        session = await self._room.record.researchers.session(token) if token else None
        if session is not None:
            asked = request.query_params.get("next", "")
            return RedirectResponse(_next(asked, session.researcher.role), 303, HEADERS)
        return self._form(next_page=request.query_params.get("next", ""))

    async def try_to_enter(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        name, password = str(form.get("name", ""))[:200], str(form.get("password", ""))[:1000]
        next_page = str(form.get("next", ""))
        try:
            key = normalise_name(name).key
        except NameRefused as refused:
            return self._form(400, str(refused), next_page=next_page)
        wait = self._room.throttle.wait_s(request.client.host if request.client else "", key)
        if wait:
            said = f"Too many attempts. Wait {wait} seconds, then try again."
            return self._form(429, said, name, next_page, {"Retry-After": str(wait)})
        researcher = await self._room.record.researchers.with_password(name, password)
        if researcher is None:
            await self._room.record.audit.note("sign_in_refused", name=name.strip() or "nobody")
            return self._form(401, _WRONG, name, next_page)
        self._room.throttle.forget(key)
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
        content = self._room.templates.get_template("login.html").render(
            problem=problem, name=name, next=next_page, study_title=self._room.study.definition.title
        )
        return HTMLResponse(content, status, HEADERS | (headers or {}))


async def _leave(visit: Visit) -> Response:
    await visit.note("signed_out")
    await visit.room.record.researchers.end(visit.session.session_id, visit.researcher.researcher_id)
    answer = visit.moved("/research/login")
    take(visit.request, answer)
    return answer


def _next(asked: str, role: Role) -> str:
    """Where to, after signing in: a page of the room, and nowhere else."""
    inside = asked.startswith("/research/") and "\\" not in asked and asked.isprintable()
    if inside and not asked.startswith(("/research/log", "/research//")):
        return asked
    return "/research/" if may(role, Right.OVERVIEW) else "/research/threads"
