"""A search's tree as the index is asked, and as a message is asked.

The index knows which words a message has, not where they stand nor who said them: what it answers is
narrowed, and each message of it is then asked itself.
"""

from collections.abc import Sequence
from typing import Final, Literal

from data_layer.review.query import All, Either, Node, Not, Phrase, SaidTerm
from study.errors import QueryError

Dialect = Literal["sqlite", "postgresql"]

_AND: Final[dict[Dialect, str]] = {"sqlite": " AND ", "postgresql": " & "}
_OR: Final[dict[Dialect, str]] = {"sqlite": " OR ", "postgresql": " | "}
_BUT_NOT: Final[dict[Dialect, str]] = {"sqlite": " NOT ", "postgresql": " & !"}


# FTS5 has an index of its own for beginnings of up to so many letters (migration 0001).
_SHORT_PREFIX: Final = 3


def index_query(node: Node, dialect: Dialect, *, wide: bool = False) -> str:
    """What the index is asked for: at least all messages that match.

    Args:
        node: The search.
        dialect: Which database.
        wide: With longer beginnings of words cut, on SQLite: quicker, and more of it does not match.

    Returns:
        An expression of FTS5 or a tsquery.

    Raises:
        QueryError: Only what must not stand, or a role, is named: every message would have to be read.
    """
    asked = _narrowed(_widened(node) if wide and dialect == "sqlite" else node, dialect)
    if asked is None:
        raise QueryError(
            "NOT and role: leave messages out; on their own, or in one part of an OR, they find nothing. "
            "Write a word beside them, like: walks NOT river"
        )
    return asked


def matches(node: Node, words: Sequence[str], said: str) -> bool:
    """Whether a message matches.

    Args:
        node: The search.
        words: Of the message, as text.search_words cuts it.
        said: Its type.
    """
    if isinstance(node, Phrase):
        return _stands(node, words)
    if isinstance(node, SaidTerm):
        return said == node.type
    if isinstance(node, Not):
        return not matches(node.node, words, said)
    if isinstance(node, All):
        return all(matches(one, words, said) for one in node.nodes)
    return any(matches(one, words, said) for one in node.nodes)


def times(phrase: Phrase, words: Sequence[str]) -> int:
    """How often a phrase stands in a message."""
    *before, last = phrase.words
    if not before and not phrase.prefix:
        return words.count(last)
    long = len(before)
    return sum(
        1
        for at in range(long, len(words))
        if (words[at] == last or (phrase.prefix and words[at].startswith(last)))
        and list(words[at - long : at]) == before
    )


def is_said_by_index(node: Node) -> bool:
    """Whether the index alone says which messages match: words are asked for, not their places nor roles."""
    if isinstance(node, Phrase):
        return _is_word(node)
    if isinstance(node, Either):
        return all(is_said_by_index(one) for one in node.nodes)
    if not isinstance(node, All):
        return False
    wanted = [one for one in node.nodes if not (isinstance(one, Not) and _is_word(one.node))]
    return bool(wanted) and all(is_said_by_index(one) for one in wanted)


def _widened(node: Node) -> Node:
    """With all beginnings short that may stand: a message is left out by nothing that is cut."""
    if isinstance(node, Phrase) and node.prefix:
        *before, last = node.words
        return Phrase((*before, last[:_SHORT_PREFIX]), prefix=True)
    if isinstance(node, All | Either):
        return type(node)(tuple(_widened(one) for one in node.nodes))
    return node


def _narrowed(node: Node, dialect: Dialect) -> str | None:
    """An expression that holds wherever the node does; None where none narrows."""
    if isinstance(node, Phrase):
        return _words(node, dialect)
    if isinstance(node, Either):
        parts = [_narrowed(one, dialect) for one in node.nodes]
        known = [part for part in parts if part is not None]
        return f"({_OR[dialect].join(known)})" if len(known) == len(parts) else None
    if not isinstance(node, All):
        return None
    wanted = [part for one in node.nodes if (part := _narrowed(one, dialect)) is not None]
    if not wanted:
        return None
    # Only a single word is left out by the index: of "long walks" it knows only that both words stand.
    without = [_words(one.node, dialect) for one in node.nodes if isinstance(one, Not) and _is_word(one.node)]
    asked = f"({_AND[dialect].join(wanted)})"
    return f"({_BUT_NOT[dialect].join([asked, *without])})"


def _is_word(node: Node) -> bool:
    return isinstance(node, Phrase) and len(node.words) == 1


def _words(node: Node, dialect: Dialect) -> str:
    assert isinstance(node, Phrase)
    # Words are letters and digits only (text.search_words), so that quoting is all they need.
    mark, star = ('"', " *") if dialect == "sqlite" else ("'", ":*")
    quoted = [f"{mark}{word}{mark}" for word in node.words]
    if node.prefix:
        quoted[-1] += star
    return f"({_AND[dialect].join(quoted)})"


def _stands(phrase: Phrase, words: Sequence[str]) -> bool:
    *before, last = phrase.words
    length = len(before)
    for at in range(length, len(words)):
        word = words[at]
        if (word == last or (phrase.prefix and word.startswith(last))) and list(
            words[at - length : at]
        ) == before:
            return True
    return False
