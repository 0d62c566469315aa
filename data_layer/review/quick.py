"""A search's tree, asked of a message's text as it is, which need not be cut into words for it.

Of a text in plain letters, which most are, a pattern says whether a phrase stands in it, a tenth of the time;
any other is cut into words (text.search_words) and asked by index_query.matches.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from data_layer.database.text import WORD_LENGTH, search_words
from data_layer.review.index_query import matches, times
from data_layer.review.query import All, Either, Node, Not, Phrase, SaidTerm, phrases

# As text.search_words cuts: letters and digits are words, and nothing else is.
_BETWEEN: Final = r"[\W_]+"
_BEFORE: Final = r"(?<![^\W_])"
_BEHIND: Final = r"(?![^\W_])"


class Quick:
    """Asks texts.

    Args:
        node: The search.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        # A longer word is known by its beginning, in a text too.
        self._plain = all(len(word) < WORD_LENGTH for one in phrases(node) for word in one.words)

    def matches(self, text: str, said: str) -> bool:
        """Whether a message matches.

        Args:
            text: Of it.
            said: Its type.
        """
        if self._plain and text.isascii():
            return self._stands(self._node, text.lower(), said)
        return matches(self._node, search_words(text), said)

    def times(self, wanted: Sequence[Phrase], text: str) -> list[int]:
        """How often each phrase stands in a message."""
        if self._plain and text.isascii():
            lower = text.lower()
            return [len(self._patterns[one].findall(lower)) for one in wanted]
        words = search_words(text)
        return [times(one, words) for one in wanted]

    @cached_property
    def _patterns(self) -> dict[Phrase, re.Pattern[str]]:
        return {one: _pattern(one) for one in phrases(self._node)}

    def _stands(self, node: Node, lower: str, said: str) -> bool:
        match node:
            case Phrase():
                return self._patterns[node].search(lower) is not None
            case SaidTerm():
                return said == node.type
            case Not():
                return not self._stands(node.node, lower, said)
            case All():
                return all(self._stands(one, lower, said) for one in node.nodes)
            case Either():
                return any(self._stands(one, lower, said) for one in node.nodes)


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    # Words are letters and digits only: there is nothing in them to escape.
    words = _BETWEEN.join(phrase.words)
    return re.compile(f"{_BEFORE}{words}{'' if phrase.prefix else _BEHIND}", re.ASCII)
