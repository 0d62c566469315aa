"""The table of threads, and the search through what was said in them."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.review.filters import ThreadFilter
from data_layer.review.intents import last_intents
from data_layer.review.no_results import why_nothing
from data_layer.review.query import parse
from data_layer.review.ranked import Count, SortOrder, most_relevant, newest_counted
from data_layer.review.search import SearchResult
from data_layer.review.thread_codes import codes_on
from data_layer.review.threads import Sort, ThreadTablePage, count_imported, count_threads, list_threads
from meaning.off import switched_on
from research.coding.progress import own_progress
from research.routing import ResearchRequest, ResearchRoutes
from research.threads.chosen import HOW, MOST, asked_of, chosen_address, done, reach
from research.threads.filters import choices
from research.threads.selection import query_of
from study.errors import QueryError
from study.roles import Right, may
from study.semantic_search import SearchMode
from web.problem import HttpProblem

_SORTS: Final = {
    Sort.ACTIVE: "Last active",
    Sort.NEW: "Newest",
    Sort.OLD: "Oldest",
    Sort.LONG: "Most messages",
    Sort.SHORT: "Fewest messages",
}
_ORDERS: Final = {SortOrder.NEW: "Newest first", SortOrder.RELEVANT: "Most relevant first"}


_MODES: Final = {"": "Words", SearchMode.SEMANTIC.value: "Meaning", SearchMode.HYBRID.value: "Both"}


@dataclass(frozen=True)
class _Shown:
    """What a page shows, and how it goes on.

    Args:
        page: Of the table.
        total: Threads that match, MOST + 1 where there are more than MOST.
        imported: How many of them were imported, likewise.
        found: Of the search.
        count: How many the search finds.
        why: There is nothing.
        problem: With what was asked for.
        like: How the message begins whose turn was to be found more of.
    """

    page: ThreadTablePage | None = None
    total: int = 0
    imported: int = 0
    found: SearchResult | None = None
    count: Count | None = None
    why: str = ""
    problem: str = ""
    like: str = ""

    @property
    def next_cursor(self) -> str | None:
        """Of the page behind this one."""
        shown = self.page or self.found
        return shown.next_cursor if shown else None

    @property
    def thread_ids(self) -> list[str]:
        """The threads of the table."""
        return [row["thread_id"] for row in self.page.threads] if self.page else []


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """One page: a table, or what a search has found."""
    return [doors.route("/threads", _show, Right.READ)]


async def _show(visit: ResearchRequest) -> Response:
    asked = asked_of(visit.request.query_params)
    if (asked["q"] or asked["like"]) and not visit.may(Right.SEARCH):
        raise HttpProblem(
            403, f"A {visit.researcher.role} may not search. An owner of the study can change that."
        )
    try:
        filter = reach(visit, asked)
        shown = await _found(visit, asked, filter)
    except QueryError as error:
        shown = _Shown(problem=str(error))
    return await _draw(visit, asked, shown)


async def _found(visit: ResearchRequest, asked: dict[str, str], filter: ThreadFilter) -> _Shown:
    if asked["like"] or (asked["q"] and asked["mode"]):
        # Imported here: a study without search by meaning needs no numpy.
        from research.threads.by_meaning import search_near

        switched_on(visit.room.meaning)
        await visit.note("searched", **{name: value for name, value in asked.items() if value})
        near = await search_near(visit, asked, filter)
        return _Shown(found=near.found, like=near.like)
    return await (_search(visit, asked, filter) if asked["q"] else _table(visit, asked, filter))


async def _table(visit: ResearchRequest, asked: dict[str, str], filter: ThreadFilter) -> _Shown:
    database = visit.room.record.read_database
    sort = Sort(asked["sort"]) if asked["sort"] in set(Sort) else Sort.ACTIVE
    page = await list_threads(database, filter, sort=sort, cursor=visit.query("cursor"))
    is_whole = page.next_cursor is None and not visit.query("cursor")
    total = len(page.threads) if is_whole else await count_threads(database, filter, MOST + 1)
    return _Shown(page, total, await count_imported(database, filter, MOST + 1))


async def _search(visit: ResearchRequest, asked: dict[str, str], filter: ThreadFilter) -> _Shown:
    node, database = parse(asked["q"]), visit.room.record.read_database
    await visit.note("searched", **{name: value for name, value in asked.items() if value})
    cursor = visit.query("cursor")
    if asked["sort"] == SortOrder.RELEVANT:
        found, count = await most_relevant(database, node, filter, cursor)
    else:
        found, count = await newest_counted(database, node, filter, cursor)
    is_empty = not found.hits and not found.next_cursor and not cursor
    why = await why_nothing(database, node, filter) if is_empty else ""
    return _Shown(found=found, count=count, why=why)


async def _draw(visit: ResearchRequest, asked: dict[str, str], shown: _Shown) -> Response:
    kept = {name: value for name, value in asked.items() if value}
    cursor = visit.query("cursor")
    return visit.draw(
        "threads.html",
        asked=asked,
        own_progress=await own_progress(visit),
        cursor=cursor,
        modes=_MODES,
        near=shown.found is not None and shown.count is None,
        like=shown.like,
        how_far=await _how_far(visit) if visit.may(Right.SEARCH) else "",
        done=await done(visit),
        first=chosen_address(kept),
        found=shown.found,
        count=shown.count,
        kept=kept,
        most=MOST,
        narrowed=sum(1 for name in kept if name not in ("q", "sort", *HOW)),
        next=chosen_address(kept, cursor=shown.next_cursor) if shown.next_cursor else "",
        page=shown.page,
        problem=shown.problem,
        sees_all=visit.reads_all,
        sorts=_ORDERS if asked["q"] else _SORTS,
        total=shown.total,
        imported=shown.imported,
        why=shown.why,
        within=lambda step_id="": query_of(kept, cursor, step_id),
        **await choices(visit),
        **await _made_of(visit, shown.thread_ids),
        **await _views(visit, kept),
    )


async def _how_far(visit: ResearchRequest) -> str:
    if visit.room.meaning is None:
        return ""
    from research.threads.by_meaning import how_far

    return await how_far(visit)


async def _made_of(visit: ResearchRequest, thread_ids: list[str]) -> dict[str, Any]:
    """What researchers made of the threads of a page, and what could be made of them."""
    record, me = visit.room.record, visit.researcher.researcher_id
    assigns = visit.may(Right.ASSIGN)
    newest = {code.code_id: code for code in await record.codebook.newest()}
    borne = (
        await codes_on(record.read_database, thread_ids, None if visit.reads_all else me)
        if thread_ids
        else {}
    )
    people = await record.researchers.all() if assigns else []
    names = {one.researcher_id: one.name for one in people}
    annotates = visit.may(Right.ANNOTATE)
    wanted = await last_intents(record.read_database, thread_ids)
    given = await record.coding_tasks.of(thread_ids, None if assigns else me) if annotates else {}
    return {
        "borne": {one: [newest[code] for code in codes if code in newest] for one, codes in borne.items()},
        "intents": wanted,
        "names": names,
        "tasks": given,
        "can_code": [one for one in people if one.disabled_at is None and may(one.role, Right.ANNOTATE)],
        "living": await record.codebook.current() if annotates else [],
    }


async def _views(visit: ResearchRequest, kept: dict[str, str]) -> dict[str, Any]:
    """The saved views, and which of them this page is."""
    if not visit.may(Right.SEARCH):
        return {"views": [], "view": None}
    views = await visit.room.record.views.seen_by(visit.researcher.researcher_id)
    here = [view for view in views if dict(view.query) == kept]
    own = [view for view in here if view.researcher_id == visit.researcher.researcher_id]
    return {
        "views": [(view, chosen_address(view.query)) for view in views],
        "view": next(iter(own or here), None),
    }
