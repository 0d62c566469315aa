"""A text as words, and words as they are compared: no capitals, accents or endings of plurals."""

import functools
import unicodedata
from dataclasses import dataclass
from typing import Final

import regex

# Of a longer message only the beginning is understood: an order is a sentence or two.
MOST_TOKENS: Final = 400
# And of a longer word: none has as many letters, and what is compared is remembered.
MOST_LETTERS: Final = 100
# A number with its percent sign is one word; Chinese characters stand alone; a dash joins nothing.
_TOKEN: Final = regex.compile(
    r"\p{Han}|\d+(?:[.,]\d+)*%?|[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*|[.,;:!?\n&+]|(?<=\s)[-–—](?=\s)"
)
_STOPS: Final = frozenset(".;!?\n")
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, or a sign between words.

    Args:
        text: As it is written.
        key: As it is compared; empty for a sign.
        start: Where it begins in the text.
        end: Where it ends.
        stop: Whether it ends a sentence.
    """

    text: str
    key: str
    start: int
    end: int
    stop: bool = False


def tokens_of(text: str) -> tuple[Token, ...]:
    """Read the words and signs of a text, at most MOST_TOKENS."""
    found = []
    for match in _TOKEN.finditer(text):
        said = match[0]
        key = _key(said[:MOST_LETTERS]) if said[0].isalnum() else ""
        found.append(Token(said, key, match.start(), match.end(), said in _STOPS))
        if len(found) == MOST_TOKENS:
            break
    return tuple(found)


def keys_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared."""
    return tuple(token.key for token in tokens_of(text) if token.key)


@functools.lru_cache(maxsize=10_000)
def _key(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.translate(_APOSTROPHES)).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = plain.removesuffix("'s") if len(plain) > 4 else plain
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain
