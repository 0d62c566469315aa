"""The table of threads, and the search through what was said in them."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.review.coded import codes_on
from data_layer.review.filters import ThreadFilter
from data_layer.review.query import QueryError, parse
from data_layer.review.search import Found, find
from data_layer.review.threads import Page, Sort, count_threads, list_threads
from data_layer.review.why import why_nothing
from research.chosen import MOST, address_of, asked_of, done, reach
from research.doors import Doors, Refused, Visit
from research.filters import choices
from research.selection import query_of
from study.roles import Right, may

_SORTS: Final = {
    Sort.ACTIVE: "Last active",
    Sort.NEW: "Newest",
    Sort.OLD: "Oldest",
    Sort.LONG: "Most messages",
    Sort.SHORT: "Fewest messages",
}


@dataclass(frozen=True)
class _Shown:
    """What a page shows, and how it goes on.

    Args:
        page: Of the table.
        total: Threads that match, MOST + 1 where there are more than MOST.
        found: Of the search.
        why: There is nothing.
        problem: With what was asked for.
    """

    page: Page | None = None
    total: int = 0
    found: Found | None = None
    why: str = ""
    problem: str = ""

    @property
    def next_cursor(self) -> str | None:
        """Of the page behind this one."""
        shown = self.page or self.found
        return shown.next_cursor if shown else None

    @property
    def thread_ids(self) -> list[str]:
        """The threads of the table."""
        return [row["thread_id"] for row in self.page.threads] if self.page else []


def routes(doors: Doors) -> list[BaseRoute]:
    """One page: a table, or what a search has found."""
    return [doors.route("/threads", _show, Right.READ)]


async def _show(visit: Visit) -> Response:
    asked = asked_of(visit.request.query_params)
    if asked["q"] and not visit.may(Right.SEARCH):
        raise Refused(
            403, f"A {visit.researcher.role} may not search. An owner of the study can change that."
        )
    try:
        filter = reach(visit, asked)
        shown = await (_search(visit, asked, filter) if asked["q"] else _table(visit, asked, filter))
    except QueryError as error:
        shown = _Shown(problem=str(error))
    return await _draw(visit, asked, shown)


async def _table(visit: Visit, asked: dict[str, str], filter: ThreadFilter) -> _Shown:
    database = visit.room.record.database
    sort = Sort(asked["sort"]) if asked["sort"] in set(Sort) else Sort.ACTIVE
    page = await list_threads(database, filter, sort=sort, cursor=visit.query("cursor"))
    is_whole = page.next_cursor is None and not visit.query("cursor")
    return _Shown(page, len(page.threads) if is_whole else await count_threads(database, filter, MOST + 1))


async def _search(visit: Visit, asked: dict[str, str], filter: ThreadFilter) -> _Shown:
    node, database = parse(asked["q"]), visit.room.record.database
    await visit.note("searched", **{name: value for name, value in asked.items() if value})
    found = await find(database, node, filter, visit.query("cursor"))
    is_empty = not found.hits and not found.next_cursor and not visit.query("cursor")
    return _Shown(found=found, why=await why_nothing(database, node, filter) if is_empty else "")


async def _draw(visit: Visit, asked: dict[str, str], shown: _Shown) -> Response:
    kept = {name: value for name, value in asked.items() if value}
    cursor = visit.query("cursor")
    return visit.draw(
        "threads.html",
        asked=asked,
        cursor=cursor,
        done=await done(visit),
        first=address_of(kept),
        found=shown.found,
        kept=kept,
        most=MOST,
        narrowed=sum(1 for name in kept if name not in ("q", "sort")),
        next=address_of(kept, cursor=shown.next_cursor) if shown.next_cursor else "",
        page=shown.page,
        problem=shown.problem,
        sees_all=visit.reads_all,
        sorts=_SORTS,
        total=shown.total,
        why=shown.why,
        within=lambda step_id="": query_of(kept, cursor, step_id),
        **await choices(visit),
        **await _made_of(visit, shown.thread_ids),
        **await _views(visit, kept),
    )


async def _made_of(visit: Visit, thread_ids: list[str]) -> dict[str, Any]:
    """What researchers made of the threads of a page, and what could be made of them."""
    record, me = visit.room.record, visit.researcher.researcher_id
    assigns = visit.may(Right.ASSIGN)
    newest = {code.code_id: code for code in await record.codebook.newest()}
    borne = await codes_on(record.database, thread_ids, None if visit.reads_all else me) if thread_ids else {}
    people = await record.researchers.all() if assigns else []
    names = {one.researcher_id: one.name for one in people}
    given = await record.assignments.coders_of(thread_ids) if assigns else {}
    return {
        "borne": {one: [newest[code] for code in codes if code in newest] for one, codes in borne.items()},
        "coding": {one: [names[person] for person in has if person in names] for one, has in given.items()},
        "can_code": [one for one in people if one.disabled_at is None and may(one.role, Right.ANNOTATE)],
        "living": await record.codebook.current() if visit.may(Right.ANNOTATE) else [],
    }


async def _views(visit: Visit, kept: dict[str, str]) -> dict[str, Any]:
    """The saved views, and which of them this page is."""
    if not visit.may(Right.SEARCH):
        return {"views": [], "view": None}
    views = await visit.room.record.views.seen_by(visit.researcher.researcher_id)
    here = [view for view in views if dict(view.query) == kept]
    own = [view for view in here if view.researcher_id == visit.researcher.researcher_id]
    return {
        "views": [(view, address_of(view.query)) for view in views],
        "view": next(iter(own or here), None),
    }
