"""The table of threads, and the search through what was said in them."""

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.review.asked import FIELDS, LONGEST, filter_of
from data_layer.review.filters import ThreadFilter
from data_layer.review.query import QueryError, parse
from data_layer.review.search import Found, find, why_nothing
from data_layer.review.threads import Page, Sort, list_threads
from research.doors import Doors, Refused, Visit
from research.filters import choices
from research.selection import query_of
from study.roles import Right

_SORTS: Final = {
    Sort.ACTIVE: "Last active",
    Sort.NEW: "Newest",
    Sort.OLD: "Oldest",
    Sort.LONG: "Most messages",
    Sort.SHORT: "Fewest messages",
}


def routes(doors: Doors) -> list[BaseRoute]:
    """One page: a table, or what a search has found."""
    return [doors.route("/threads", _show, Right.READ)]


async def _show(visit: Visit) -> Response:
    asked = {name: visit.query(name)[:LONGEST].strip() for name in (*FIELDS, "sort")}
    if asked["q"] and not visit.may(Right.SEARCH):
        raise Refused(
            403, f"A {visit.researcher.role} may not search. An owner of the study can change that."
        )
    try:
        filter = filter_of(asked)
        if not visit.reads_all:
            filter = replace(filter, assigned_to=visit.researcher.researcher_id)
        if asked["q"]:
            return await _search(visit, asked, filter)
    except QueryError as error:
        return await _draw(visit, asked, problem=str(error))
    sort = Sort(asked["sort"]) if asked["sort"] in set(Sort) else Sort.ACTIVE
    page = await list_threads(visit.room.record.database, filter, sort=sort, cursor=visit.query("cursor"))
    return await _draw(visit, asked, page=page, next_cursor=page.next_cursor)


async def _search(visit: Visit, asked: dict[str, str], filter: ThreadFilter) -> Response:
    node, database = parse(asked["q"]), visit.room.record.database
    await visit.note("searched", **{name: value for name, value in asked.items() if value})
    found = await find(database, node, filter, visit.query("cursor"))
    is_empty = not found.hits and not found.next_cursor and not visit.query("cursor")
    why = await why_nothing(database, node, filter) if is_empty else ""
    return await _draw(visit, asked, found=found, why=why, next_cursor=found.next_cursor)


async def _draw(
    visit: Visit,
    asked: dict[str, str],
    *,
    page: Page | None = None,
    found: Found | None = None,
    next_cursor: str | None = None,
    problem: str = "",
    why: str = "",
) -> Response:
    kept = {name: value for name, value in asked.items() if value}
    cursor = visit.query("cursor")
    return visit.draw(
        "threads.html",
        asked=asked,
        cursor=bool(visit.query("cursor")),
        first="/research/threads" + (f"?{urlencode(kept)}" if kept else ""),
        found=found,
        narrowed=sum(1 for name in kept if name not in ("q", "sort")),
        next=f"/research/threads?{urlencode(kept | {'cursor': next_cursor})}" if next_cursor else "",
        page=page,
        problem=problem,
        sorts=_SORTS,
        within=lambda step_id="": query_of(kept, cursor, step_id),
        why=why,
        **await choices(visit),
    )
