"""Many threads at once: which were chosen, and what was done to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import FormData

from data_layer.database.ids import is_uuid
from data_layer.review.filter_fields import FIELDS, LONGEST, filter_of
from data_layer.review.filters import ThreadFilter, of_coder
from data_layer.review.query import parse
from data_layer.review.search import threads_found
from data_layer.review.thread_codes import given_with
from data_layer.review.threads import list_thread_ids
from research.routing import ResearchRequest
from study.roles import Right
from study.semantic_search import SearchMode
from study.text import beginning, storable
from web.problem import HttpProblem

# Threads of one act: its rows are written in a second or two, and undone in as long.
MOST: Final = 10_000
# So many are named in the audit log one by one; of more it has the filters, and how many there were.
_NAMED: Final = 50
# How the page is asked, beside what is asked for: a view keeps the order alone.
_ASKED: Final = (*FIELDS, "sort", "mode", "like")
HOW: Final = ("mode", "like")


@dataclass(frozen=True)
class Chosen:
    """Threads that were chosen.

    Args:
        thread_ids: Those of them that whoever asks reads.
        where: The fields that chose them; empty when they were chosen by hand.
        back: The address of the page where they were chosen.
    """

    thread_ids: list[str]
    where: Mapping[str, str]
    back: str

    @property
    def noted(self) -> dict[str, Any]:
        """What the audit log says of them."""
        few = {"threads": self.thread_ids} if len(self.thread_ids) <= _NAMED else {}
        where = {"where": dict(self.where)} if self.where else {}
        return {"count": len(self.thread_ids), **few, **where}


@dataclass(frozen=True)
class BulkChange:
    """What was just done to many threads, as the page of threads says it.

    Args:
        what: "coded", "assigned", "ended", "nothing" or "undone".
        count: To how many.
        name: Of the code, or of who codes.
        one: One of the rows that were written: by it the act is undone. Empty when it cannot be.
    """

    what: str
    count: int = 0
    name: str = ""
    one: str = ""


def asked_of(given: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the page of threads, from an address or a form; each is there."""
    asked = {name: beginning(storable(str(given.get(name, ""))), LONGEST).strip() for name in _ASKED}
    return asked | _how(asked)


def _how(asked: Mapping[str, str]) -> dict[str, str]:
    """Words that are typed are searched for, not more like a turn; by words, where nothing else is said."""
    near = asked["mode"] in (SearchMode.SEMANTIC, SearchMode.HYBRID)
    return {
        "mode": asked["mode"] if near and asked["q"] else "",
        "like": "" if asked["q"] else asked["like"],
    }


def reach(visit: ResearchRequest, asked: Mapping[str, str]) -> ThreadFilter:
    """What the fields ask for, of what a researcher reads: a coder their own threads and annotations.

    Raises:
        QueryError: A date or a number is none; says how to write it.
    """
    filter = filter_of(asked)
    return filter if visit.reads_all else of_coder(filter, visit.researcher.researcher_id)


def chosen_address(asked: Mapping[str, str], **more: str) -> str:
    """The page of threads, as it was asked for."""
    query = urlencode({name: value for name, value in {**asked, **more}.items() if value})
    return "/research/threads" + (f"?{query}" if query else "")


async def chosen_threads(visit: ResearchRequest, form: FormData) -> Chosen:
    """Which threads a form of the table names: by their boxes, or all that match.

    Raises:
        HttpProblem: None, or too many.
        QueryError: The search or a filter cannot be read.
        SQLAlchemyError: The database is away.
    """
    asked, database = asked_of(form), visit.room.record.read_database
    where = {name: value for name, value in asked.items() if value and name not in ("sort", *HOW)}
    back = chosen_address(asked, cursor=str(form.get("cursor", ""))[:LONGEST])
    if form.get("all") == "yes":
        if asked["like"] or asked["mode"]:
            raise HttpProblem(400, "What is near has no end: go back, and tick the boxes of the threads.")
        if where.get("q"):
            found = await _said(visit, where)
            ids = (
                await list_thread_ids(database, ThreadFilter(), MOST, found) if len(found) <= MOST else found
            )
        else:
            ids = await list_thread_ids(database, reach(visit, asked), MOST + 1)
    else:
        named = [str(one) for one in form.getlist("threads") if is_uuid(one)]
        only = reach(visit, {})
        ids, where = await list_thread_ids(database, only, MOST, named) if named else [], {}
    if not ids:
        raise HttpProblem(400, "No thread is chosen. Go back, and tick the boxes of some, or all that match.")
    if len(ids) > MOST:
        raise HttpProblem(
            400, f"More than {MOST:,} threads match, and so many is the most at a time. Narrow the dates."
        )
    return Chosen(ids, where, back)


async def _said(visit: ResearchRequest, where: Mapping[str, str]) -> list[str]:
    if not visit.may(Right.SEARCH):
        raise HttpProblem(403, f"A {visit.researcher.role} may not search.")
    return await threads_found(visit.room.record.read_database, parse(where["q"]), reach(visit, where))


async def done(visit: ResearchRequest) -> BulkChange | None:
    """What an address says was just done, as the record has it."""
    what, one = visit.query("did"), visit.query("one")
    if what in ("nothing", "undone"):
        return BulkChange(what)
    if not is_uuid(one):
        return None
    record, me = visit.room.record, visit.researcher.researcher_id
    if what == "coded":
        given = await given_with(record.read_database, one, me)
        if given is None or given.is_gone:
            return None
        names = {code.code_id: code.name for code in await record.codebook.newest()}
        return BulkChange(what, len(given.annotation_ids), names.get(given.code_id, ""), one)
    if what not in ("assigned", "ended") or not visit.may(Right.ASSIGN):
        return None
    made = what == "assigned"
    rows = await (
        record.coding_tasks.given.made_with(one) if made else record.coding_tasks.given.ended_with(one)
    )
    if not rows or (made and all(row["ended_at"] for row in rows)):
        return None
    person = await record.researchers.by_id(rows[0]["researcher_id"])
    can_undo = not made or rows[0]["assigned_by"] == me
    return BulkChange(what, len(rows), person.name if person else "", one if can_undo else "")
