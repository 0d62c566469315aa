"""Saved views: a search and its filters under a name, above the table of threads."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from research.routing import ResearchRequest, ResearchRoutes
from research.threads.chosen import HOW, asked_of, chosen_address
from study.roles import Right
from web.problem import HttpProblem


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """Save, change, take away: for all who search, of their own."""
    search, post = Right.SEARCH, ("POST",)
    return [
        doors.route("/views", _save, search, post),
        doors.route("/views/{view_id}", _change, search, post),
        doors.route("/views/{view_id}/delete", _delete, search, post),
    ]


async def _save(visit: ResearchRequest) -> Response:
    form, who = await visit.form(), visit.researcher
    query = {name: value for name, value in asked_of(form).items() if value and name not in HOW}
    if not query:
        raise HttpProblem(400, "There is nothing to save yet. Search or filter first, then save that.")
    shared = _is_shared(visit, form.get("shared"))
    view_id = await visit.room.record.views.save(
        str(form.get("name", "")), query, who.researcher_id, who.name, is_shared=shared
    )
    await visit.note("view_saved", view_id, shared=shared, query=query)
    return visit.moved(chosen_address(query))


async def _change(visit: ResearchRequest) -> Response:
    form, views, me = await visit.form(), visit.room.record.views, visit.researcher.researcher_id
    view = await views.one(visit.path("view_id"), me)
    if view is None or view.researcher_id != me:
        raise HttpProblem(404, "There is no such view of yours.")
    shared = _is_shared(visit, form.get("shared"))
    await views.change(view.view_id, me, str(form.get("name", "")), is_shared=shared)
    await visit.note("view_changed", view.view_id, shared=shared)
    return visit.moved(chosen_address(view.query))


async def _delete(visit: ResearchRequest) -> Response:
    views, me = visit.room.record.views, visit.researcher.researcher_id
    view = await views.one(visit.path("view_id"), me)
    # Whoever has left the study cannot tidy up: an owner takes anybody's shared view away.
    if view is None or (view.researcher_id != me and not visit.may(Right.MANAGE)):
        raise HttpProblem(404, "There is no such view of yours.")
    await visit.note("view_deleted", view.view_id, name=view.name)
    await views.delete(view.view_id, view.researcher_id)
    return visit.moved(chosen_address(view.query))


def _is_shared(visit: ResearchRequest, asked: object) -> bool:
    """What is shared stands on others' pages: who changes nothing shares nothing."""
    return asked == "yes" and visit.may(Right.ANNOTATE)
