"""What can be done to many threads at once: give a code, give them to a coder, export them; and undo."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from data_layer.database.ids import is_uuid
from data_layer.people.researchers import Researcher
from data_layer.review.thread_codes import given_with
from research.routing import HEADERS, ResearchRequest, ResearchRoutes
from research.threads.chosen import Chosen, asked_of, chosen_address, chosen_threads
from study.roles import Right, may
from web.problem import HttpProblem


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """One form of the table, and where its buttons lead."""
    post = ("POST",)
    return [
        doors.route("/chosen/code", _code, Right.ANNOTATE, post),
        doors.route("/chosen/uncode", _uncode, Right.ANNOTATE, post),
        doors.route("/chosen/assign", _assign, Right.ASSIGN, post),
        doors.route("/chosen/end", _end, Right.ASSIGN, post),
        doors.route("/chosen/unassign", _unassign, Right.ASSIGN, post),
        doors.route("/chosen/export", _export, Right.EXPORT, post),
    ]


async def _code(visit: ResearchRequest) -> Response:
    form, record, who = await visit.form(), visit.room.record, visit.researcher
    code_id = str(form.get("give", ""))
    if code_id not in {code.code_id for code in await record.codebook.current()}:
        raise HttpProblem(400, "No code is chosen. Go back, and choose the one to give.")
    them = await chosen_threads(visit, form)
    await visit.note("threads_coded", code_id, **them.noted)
    made = await record.annotations.give_code_to_threads(
        them.thread_ids, code_id, who.researcher_id, who.name
    )
    return _back(visit, them, "coded", made)


async def _uncode(visit: ResearchRequest) -> Response:
    form, record, me = await visit.form(), visit.room.record, visit.researcher.researcher_id
    given = await given_with(record.read_database, str(form.get("one", "")), me)
    if given is None:
        raise HttpProblem(404, "There is nothing to undo.")
    await visit.note("threads_uncoded", given.code_id, count=len(given.annotation_ids))
    await record.annotations.remove(given.annotation_ids, me)
    return _undone(visit, form)


async def _assign(visit: ResearchRequest) -> Response:
    form, record = await visit.form(), visit.room.record
    person, them = await _person(visit, str(form.get("person", ""))), await chosen_threads(visit, form)
    await visit.note("threads_assigned", person.researcher_id, to=person.name, **them.noted)
    made = await record.coding_tasks.given.give(
        them.thread_ids, person.researcher_id, visit.researcher.researcher_id
    )
    return _back(visit, them, "assigned", made)


async def _end(visit: ResearchRequest) -> Response:
    form, record = await visit.form(), visit.room.record
    person, them = await _person(visit, str(form.get("person", ""))), await chosen_threads(visit, form)
    await visit.note("assignments_ended", person.researcher_id, to=person.name, **them.noted)
    ended = await record.coding_tasks.given.end(them.thread_ids, person.researcher_id)
    return _back(visit, them, "ended", ended)


async def _unassign(visit: ResearchRequest) -> Response:
    form, given, me = await visit.form(), visit.room.record.coding_tasks.given, visit.researcher.researcher_id
    one, what = str(form.get("one", "")), str(form.get("what", ""))
    if not is_uuid(one) or what not in ("assigned", "ended"):
        raise HttpProblem(404, "There is nothing to undo.")
    await visit.note("assignment_undone", one, what=what)
    await (given.take_back(one, me) if what == "assigned" else given.give_back(one, me))
    return _undone(visit, form)


async def _export(visit: ResearchRequest) -> Response:
    form = await visit.form()
    if form.get("all") == "yes":
        return visit.moved(chosen_address(asked_of(form) | {"sort": ""}).replace("/threads", "/exports", 1))
    # The form is sent on as it is: the page of exports reads the ids from it.
    return RedirectResponse("/research/exports/chosen", 307, HEADERS)


async def _person(visit: ResearchRequest, researcher_id: str) -> Researcher:
    known = is_uuid(researcher_id)
    person = await visit.room.record.researchers.by_id(researcher_id) if known else None
    if person is None or person.disabled_at is not None or not may(person.role, Right.ANNOTATE):
        raise HttpProblem(400, "Nobody is chosen to code. Go back, and choose who.")
    return person


def _back(visit: ResearchRequest, them: Chosen, what: str, rows: list[str]) -> Response:
    did = f"did={what}&one={rows[0]}" if rows else "did=nothing"
    return visit.moved(f"{them.back}{'&' if '?' in them.back else '?'}{did}")


def _undone(visit: ResearchRequest, form: object) -> Response:
    return visit.moved(chosen_address(asked_of(form), did="undone"))  # type: ignore[arg-type]  # FormData maps
