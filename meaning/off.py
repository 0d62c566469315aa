"""What is said where a study is not searched by meaning."""

from typing import TYPE_CHECKING, Final

from study.errors import QueryError

if TYPE_CHECKING:
    from meaning.service import Meaning

OFF: Final = (
    "Search by meaning is off in this study. It is switched on in study.yaml, like: "
    "semantic_search: {model: text-embedding-3-small} (docs/how-to/search-by-meaning.md)."
)
NOT_CONNECTED: Final = (
    "This study is to be searched by meaning, and no model is connected. Set VERBATIM_EMBEDDING_URL, or "
    "VERBATIM_EMBEDDING_FOLDER, or OPENAI_API_KEY (docs/how-to/search-by-meaning.md)."
)


def switched_on(meaning: "Meaning | None") -> "Meaning":
    """The search by meaning, where there is one.

    Raises:
        QueryError: It is off; says how it is switched on.
    """
    if meaning is None:
        raise QueryError(OFF)
    return meaning
