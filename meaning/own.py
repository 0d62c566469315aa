"""A participant's search through their own conversations: by words, by meaning, by both."""

from typing import TYPE_CHECKING, Final

from data_layer.record import Record
from data_layer.search.fusion import fused
from data_layer.search.participant_search import (
    PAGE,
    ParticipantSearchHit,
    ParticipantSearchResult,
    search_own_threads,
)
from meaning.off import OFF, switched_on
from study.errors import QueryError
from study.numbers import whole_number
from study.semantic_search import SearchMode

if TYPE_CHECKING:
    from meaning.service import Meaning

# Everything is somewhat near to everything: behind these nobody finds what they look for.
POOL: Final = 100
_MOST_DIGITS: Final = 4
_Key = tuple[str, str | None]


async def search_own(
    record: Record,
    meaning: "Meaning | None",
    participant_id: str,
    query: str,
    mode: SearchMode = SearchMode.TEXT,
    cursor: str | None = None,
    limit: int = PAGE,
) -> ParticipantSearchResult:
    """Search what stands in a participant's living threads.

    Args:
        record: Where it stands.
        meaning: The study's search by meaning; None where it has none.
        participant_id: Whose; nobody else's is read.
        query: Whatever was typed.
        mode: What it goes by.
        cursor: Of the page before, of the same mode; one that is not ours starts from the top.
        limit: How many messages a page has at most.

    Returns:
        By words the newest first, with titles on the first page; else the nearest first.

    Raises:
        QueryError: It is to go by meaning, and that is off; says how it is switched on.
        AgentError: The model's server could not be asked.
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """
    if mode is SearchMode.TEXT:
        return await search_own_threads(record.database, participant_id, query, cursor, limit)
    if not switched_on(meaning).wanted.participants:
        raise QueryError(OFF)
    if not query.strip():
        return ParticipantSearchResult([], None)
    # Imported here: who searches by words alone needs no numpy.
    from data_layer.search.own_nearest import nearest_own

    asked = await switched_on(meaning).query(query)
    near = await nearest_own(record.database, participant_id, asked.model, asked.vector, POOL)
    hits = near
    if mode is SearchMode.HYBRID:
        said = (await search_own_threads(record.database, participant_id, query, limit=POOL)).hits
        # Where both found a message, the words are marked in it.
        known = {_key(hit): hit for hit in (*near, *said)}
        hits = [known[key] for key in fused([_key(hit) for hit in said], [_key(hit) for hit in near])]
    begin = whole_number(cursor, _MOST_DIGITS) or 0
    more = begin + limit < len(hits)
    return ParticipantSearchResult(hits[begin : begin + limit], str(begin + limit) if more else None)


def _key(hit: ParticipantSearchHit) -> _Key:
    return hit.thread_id, hit.step_id
