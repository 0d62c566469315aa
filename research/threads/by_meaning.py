"""The search by meaning on the page of threads: what it finds, and how far the embedding is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from data_layer.conversations.threads import step_row
from data_layer.database.ids import is_uuid
from data_layer.database.text import search_words
from data_layer.review.by_meaning import hits_by_id, meaning_of_turn, nearest_messages
from data_layer.review.filters import ThreadFilter
from data_layer.review.query import parse
from data_layer.review.ranked import most_relevant_ids
from data_layer.review.search import PAGE, SearchResult
from data_layer.search.fusion import fused
from meaning.off import switched_on
from meaning.service import Meaning
from research.routing import ResearchRequest
from study.errors import AgentError, QueryError
from study.numbers import whole_number
from study.semantic_search import SearchMode
from study.text import beginning

_MOST_DIGITS: Final = 4
_SHOWN: Final = 120
_NO_TURN: Final = (
    "What is to be found more of is not embedded yet, or has left the screen. Messages are embedded within "
    "a minute, as long as their model answers."
)


@dataclass(frozen=True)
class NearPage:
    """A page of what is near.

    Args:
        found: The hits.
        like: How the message begins whose turn was to be found more of; empty for a search.
    """

    found: SearchResult
    like: str = ""


async def search_near(visit: ResearchRequest, asked: Mapping[str, str], filter: ThreadFilter) -> NearPage:
    """Search by meaning, by both, or for more like a turn.

    Args:
        visit: Who asks.
        asked: The fields of the page.
        filter: Of which threads.

    Raises:
        QueryError: It is off, or the model does not answer, or there is no such turn.
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """
    meaning = switched_on(visit.room.meaning)
    if asked["like"]:
        ids, like, words = *await _like(visit, meaning, asked["like"], filter), []
    else:
        ids, like, words = await _asked(visit, meaning, asked, filter), "", search_words(asked["q"])
    begin = whole_number(visit.query("cursor"), _MOST_DIGITS) or 0
    # The empty word keeps the last from being taken as begun.
    hits = await hits_by_id(visit.room.record.read_database, ids[begin : begin + PAGE], [*words, ""])
    following = str(begin + PAGE) if begin + PAGE < len(ids) else None
    return NearPage(SearchResult(hits, following, False), like)


async def _asked(
    visit: ResearchRequest, meaning: Meaning, asked: Mapping[str, str], filter: ThreadFilter
) -> list[str]:
    database = visit.room.record.read_database
    try:
        query = await meaning.query(asked["q"])
    except AgentError as error:
        raise QueryError(
            f"The model of the search by meaning does not answer ({error.error_type}). Search by words, or "
            "try again in a minute."
        ) from error
    near = await nearest_messages(database, meaning.index, query.vector, filter)
    if asked["mode"] != SearchMode.HYBRID:
        return near
    return fused(await most_relevant_ids(database, parse(asked["q"]), filter), near)


async def _like(
    visit: ResearchRequest, meaning: Meaning, step_id: str, filter: ThreadFilter
) -> tuple[list[str], str]:
    database = visit.room.record.read_database
    step = await step_row(database, step_id) if is_uuid(step_id) else None
    if step is None or not await visit.may_read(step["thread_id"]):
        raise QueryError(_NO_TURN)
    turn = await meaning_of_turn(database, meaning.model, step["thread_id"], step_id)
    if turn is None:
        raise QueryError(_NO_TURN)
    near = await nearest_messages(database, meaning.index, turn.vector, filter, turn.step_ids)
    return near, beginning(" ".join(turn.beginning.split()), _SHOWN)


async def how_far(visit: ResearchRequest) -> str:
    """How far the embedding is, where it is not done; empty where it is, or where there is none.

    Raises:
        SQLAlchemyError: The database is away.
    """
    if (meaning := visit.room.meaning) is None:
        return ""
    worker = meaning.worker
    if worker.state.is_whole and not worker.state.problem:
        counts = await worker.counts()
        return f"{counts.failed:,} messages could not be embedded." if counts.failed else ""
    counts = await worker.counts()
    done = (
        f"{counts.kept:,} of {counts.messages:,} messages are embedded so far; the others are not found yet."
    )
    if not worker.state.problem:
        return done
    return f"{done} It goes on in {worker.state.again_s:.0f} seconds: {worker.state.problem}"
