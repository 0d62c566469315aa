"""Full-text search over titles and messages: one function, any text a legal query."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import TextClause, column, text

from data_layer.database.text import search_words

# More words than this make no query narrower, only slower.
MAX_WORDS: Final = 16

_MATCHING: Final = {
    "sqlite": "SELECT thread_id FROM search_index WHERE search_index MATCH :query",
    "postgresql": (
        "SELECT thread_id FROM search_index WHERE owner = :owner AND words @@ CAST(:query AS tsquery)"
    ),
}


_TITLED: Final = {
    "sqlite": "SELECT thread_id FROM search_index WHERE search_index MATCH :title AND rowid < 0",
    "postgresql": "SELECT thread_id FROM search_index WHERE words @@ CAST(:title AS tsquery) AND number < 0",
}


def matching_threads(dialect: str, owner: str, query: str) -> TextClause | None:
    """Select the threads of a participant in which all words of a query stand.

    The last word matches as a beginning, so that results come while it is typed.

    Args:
        dialect: "sqlite" or "postgresql".
        owner: The participant_id.
        query: Whatever was typed; quotes, operators and emoji included.

    Returns:
        A select of thread_id, values bound; None when the query has no word to look for.
    """
    words = indexed_words(query)
    if not words:
        return None
    return text(_MATCHING[dialect]).bindparams(**match_query(dialect, owner, words))


def titled_threads(dialect: str, words: Sequence[str]) -> TextClause:
    """Select the threads, whosoever, in whose title all words stand; the last matches as a beginning.

    Args:
        dialect: "sqlite" or "postgresql".
        words: One or more, as words_of has cut them.
    """
    # A title's number is below zero (writing/state.py).
    asked = f"words : ({_fts5(words)})" if dialect == "sqlite" else _tsquery(words)
    return text(_TITLED[dialect]).bindparams(title=asked)


def indexed_words(query: str) -> list[str]:
    """The words that a query looks for."""
    return search_words(query)[:MAX_WORDS]


def match_query(dialect: str, owner: str, words: Sequence[str]) -> dict[str, str]:
    """What is bound to ask the index for a participant's rows in which all words stand."""
    name = owner.replace("-", "")
    if dialect == "sqlite":
        return {"query": f'owner : "{name}" AND words : ({_fts5(words)})'}
    return {"query": _tsquery(words), "owner": name}


def thread_ids_of(clause: TextClause):  # type: ignore[no-untyped-def]  # SQLAlchemy's own type has no public name
    """The same as a subquery of one column."""
    return clause.columns(column("thread_id"))


def _fts5(words: Sequence[str]) -> str:
    # Words are letters and digits only (search_words), so that quoting is all they need:
    # https://www.sqlite.org/fts5.html#fts5_strings
    quoted = [f'"{word}"' for word in words]
    return " AND ".join([*quoted[:-1], f"{quoted[-1]} *"])


def _tsquery(words: Sequence[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return " & ".join([*quoted[:-1], f"{quoted[-1]}:*"])
