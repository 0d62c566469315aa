"""Researchers: who comes in as what."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.people.researchers import Researcher
from research.routing import ResearchRequest, ResearchRoutes
from study.errors import AccountError, StudyError
from study.roles import ROLE_MEANS, ResearcherRole, Right
from web.problem import HttpProblem


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The list, for owners."""
    manage = Right.MANAGE
    return [
        doors.route("/researchers", _list, manage),
        doors.route("/researchers", _add, manage, methods=("POST",)),
        doors.route("/researchers/{researcher_id}/role", _role, manage, methods=("POST",)),
        doors.route("/researchers/{researcher_id}/password", _password, manage, methods=("POST",)),
        doors.route("/researchers/{researcher_id}/access", _access, manage, methods=("POST",)),
        doors.route("/researchers/{researcher_id}/codes-off", _codes_off, manage, methods=("POST",)),
    ]


async def _list(visit: ResearchRequest) -> Response:
    return await _drawn(visit)


async def _add(visit: ResearchRequest) -> Response:
    form = await visit.form()
    name, role = str(form.get("name", "")), _role_of(str(form.get("role", "")))
    try:
        password = await visit.room.record.researchers.add(name, role)
    except StudyError as error:
        return await _drawn(visit, problem=str(error), status=400)
    await visit.note("researcher_added", name.strip(), role=role.value)
    return await _drawn(visit, shown=(name.strip(), password))


async def _role(visit: ResearchRequest) -> Response:
    whose = await _asked_for(visit)
    role = _role_of(str((await visit.form()).get("role", "")))
    try:
        await visit.room.record.researchers.give_role(whose.researcher_id, role)
    except AccountError as error:
        return await _drawn(visit, problem=str(error), status=400)
    await visit.note("researcher_role_changed", whose.name, role=role.value)
    return visit.moved("/research/researchers")


async def _password(visit: ResearchRequest) -> Response:
    whose = await _asked_for(visit)
    password = await visit.room.record.researchers.give_password(whose.researcher_id)
    await visit.note("researcher_password_reset", whose.name)
    if whose.researcher_id == visit.researcher.researcher_id:
        # Their own session has ended with the old password: the page that shows the new one is the last.
        return visit.draw("password.html", name=whose.name, password=password)
    return await _drawn(visit, shown=(whose.name, password))


async def _access(visit: ResearchRequest) -> Response:
    whose = await _asked_for(visit)
    people = visit.room.record.researchers
    if (await visit.form()).get("open") == "yes":
        await people.enable(whose.researcher_id)
        await visit.note("researcher_let_in_again", whose.name)
        return visit.moved("/research/researchers")
    try:
        await people.disable(whose.researcher_id)
    except AccountError as error:
        return await _drawn(visit, problem=str(error), status=400)
    await visit.note("researcher_shut_out", whose.name)
    return visit.moved("/research/researchers")


async def _codes_off(visit: ResearchRequest) -> Response:
    whose = await _asked_for(visit)
    await visit.note("researcher_codes_off", whose.name)
    await visit.room.record.one_time_codes.turn_off(whose.researcher_id)
    return visit.moved("/research/researchers")


async def _drawn(
    visit: ResearchRequest, *, problem: str = "", shown: tuple[str, str] | None = None, status: int = 200
) -> Response:
    people = await visit.room.record.researchers.all()
    return visit.draw(
        "researchers.html", status, people=people, roles=ROLE_MEANS, problem=problem, shown=shown
    )


async def _asked_for(visit: ResearchRequest) -> Researcher:
    found = await visit.room.record.researchers.by_id(visit.path("researcher_id"))
    if found is None:
        raise HttpProblem(404, "There is no such researcher.")
    return found


def _role_of(given: str) -> ResearcherRole:
    try:
        return ResearcherRole(given)
    except ValueError:
        raise HttpProblem(400, f"Choose a role: {', '.join(ResearcherRole)}.") from None
