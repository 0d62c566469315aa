"""The list that somebody came to a thread from: what is before and after it there, and the way back."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from data_layer.database.rows import Row
from data_layer.review.filters import ThreadFilter
from data_layer.review.neighbours import neighbours
from data_layer.review.query import parse
from data_layer.review.ranked import SortOrder, most_relevant
from data_layer.review.search import SearchHit, SearchResult, search_threads
from data_layer.review.threads import Sort
from research.routing import ResearchRequest
from research.threads.chosen import asked_of, reach
from study.errors import QueryError
from study.roles import Right

_LIST: Final = "/research/threads"


@dataclass(frozen=True)
class Selection:
    """Addresses around a thread; None where there is nothing.

    Args:
        back: Of the list, where it was left.
        previous: Of the thread, or of the message that was found, before this one.
        next: Of the one after.
        words: What the list is of, in the singular.
        search: What was searched for; empty in the table of threads.
    """

    back: str
    previous: str | None
    next: str | None
    words: str
    search: str


def query_of(asked: dict[str, str], cursor: str, at: str = "") -> str:
    """What the address of a thread says of the list that leads to it.

    Args:
        asked: The list's fields, those that narrow it, and its `sort`.
        cursor: Of the list's page.
        at: The message that was found; empty in the table of threads.
    """
    sort = {} if asked.get("q") or asked.get("like") else {"sort": asked.get("sort") or Sort.ACTIVE.value}
    parts = asked | sort | {"cursor": cursor, "at": at}
    return "?" + urlencode({name: value for name, value in parts.items() if value})


async def selection_of(visit: ResearchRequest, thread: Row) -> Selection | None:
    """Read the list from a thread's address.

    Returns:
        None when the address says nothing of a list, or of one that this researcher cannot see.

    Raises:
        SQLAlchemyError: The database is away.
    """
    asked = asked_of(visit.request.query_params)
    asked = {name: value for name, value in asked.items() if value}
    if not asked or (asked.get("q") and not visit.may(Right.SEARCH)):
        return None
    if asked.get("like") or (asked.get("q") and asked.get("mode")):
        return Selection(_back(asked, visit.query("cursor")), None, None, "message found", "")
    try:
        filter = reach(visit, asked)
        if "q" in asked:
            return await _among_hits(visit, asked, filter)
    except QueryError:
        return None
    sort = Sort(asked["sort"]) if asked.get("sort") in set(Sort) else Sort.ACTIVE
    beside = await neighbours(visit.room.record.read_database, filter, sort, thread)
    cursor = visit.query("cursor")
    before, behind = (
        f"{_LIST}/{one}{query_of(asked, cursor)}" if one else None for one in (beside.previous, beside.next)
    )
    return Selection(_back(asked, cursor), before, behind, "thread", "")


async def _among_hits(visit: ResearchRequest, asked: dict[str, str], filter: ThreadFilter) -> Selection:
    """A search has pages, and the address says which: the hits before and after are on it, or on the next."""
    node, database = parse(asked["q"]), visit.room.record.read_database
    cursor = visit.query("cursor")

    async def read(cursor: str) -> SearchResult:
        if asked.get("sort") == SortOrder.RELEVANT:
            return (await most_relevant(database, node, filter, cursor))[0]
        return await search_threads(database, node, filter, cursor)

    page = await read(cursor)
    place = next((n for n, hit in enumerate(page.hits) if hit.step_id == visit.query("at")), None)
    if place is None:
        return Selection(_back(asked, cursor), None, None, "message found", asked["q"])
    before = _hit(page.hits[place - 1], asked, cursor) if place else None
    behind = None
    if place + 1 < len(page.hits):
        behind = _hit(page.hits[place + 1], asked, cursor)
    elif page.next_cursor:
        further = await read(page.next_cursor)
        behind = _hit(further.hits[0], asked, page.next_cursor) if further.hits else None
    return Selection(_back(asked, cursor), before, behind, "message found", asked["q"])


def _hit(hit: SearchHit, asked: dict[str, str], cursor: str) -> str:
    return f"{_LIST}/{hit.thread_id}{query_of(asked, cursor, hit.step_id)}#{hit.step_id}"


def _back(asked: dict[str, str], cursor: str) -> str:
    return _LIST + "?" + urlencode(asked | ({"cursor": cursor} if cursor else {}))
