"""Why a search finds nothing, with what could be done."""

from data_layer.database.engine import Database
from data_layer.review.filters import ThreadFilter
from data_layer.review.query import Node, Phrase, phrases
from data_layer.review.search import search_threads
from data_layer.search.index import titled_threads


async def why_nothing(database: Database, node: Node, filter: ThreadFilter) -> str:
    """Say why a search finds nothing.

    Args:
        database: Where it was asked.
        node: The search.
        filter: Of which threads.

    Returns:
        A sentence, with what could be done.

    Raises:
        SQLAlchemyError: The database is away.
    """
    wanted = list(dict.fromkeys(phrases(node, marked=True)))
    # Of one phrase without a filter it is known already: that was the search.
    was_asked = isinstance(node, Phrase) and filter.is_open
    unknown = [one for one in wanted if was_asked or not await _stands_somewhere(database, one)]
    if unknown:
        named = ", ".join(f"“{phrase}”" for phrase in unknown)
        # Of a phrase the index of the titles knows the words only.
        if all(len(phrase.words) == 1 for phrase in unknown) and await _is_titled(database, unknown):
            return f"No message has {named}, but a title has. Look under Filters: “Title has”."
        return f"No message has {named}. Look at the spelling, or end a word in * to find what begins so."
    if not filter.is_open and (await search_threads(database, node, ThreadFilter())).hits:
        return "Messages match, but none in the threads that the filters leave. Take a filter away."
    if len(wanted) > 1:
        return (
            "Each of these stands in some message, but none has them as the search asks. "
            "Leave one out, or write OR between them."
        )
    return "What is looked for stands in messages, but NOT or role: leaves all of them out. Take that away."


async def _is_titled(database: Database, unknown: list[Phrase]) -> bool:
    words = [word for phrase in unknown for word in phrase.words]
    async with database.connect() as connection:
        return await connection.scalar(titled_threads(database.dialect, words)) is not None


async def _stands_somewhere(database: Database, phrase: Phrase) -> bool:
    found = await search_threads(database, phrase, ThreadFilter())
    # One that goes on has not been read to its end: nothing is said of it.
    return bool(found.hits or found.next_cursor)
