"""Text on its way into the record."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final

PREVIEW_LENGTH: Final = 60
TITLE_LENGTH: Final = 50
TAG_LENGTH: Final = 40
MOST_TAGS: Final = 20
# The search knows a longer word by its beginning. PostgreSQL keeps a word's length in 11 bits and its
# place in 20 (tsvector's WordEntry), and array_to_tsvector does not look whether they fit.
WORD_LENGTH: Final = 64
INDEXED_BYTES: Final = 500_000

# U+0000 cannot be stored by PostgreSQL, and lone surrogates (a JavaScript string may hold them)
# have no UTF-8. A page shows both as U+FFFD: CommonMark 0.31, section 2.3, says so of NUL, and
# browsers do it with surrogates. So the record, which equals the screen, holds U+FFFD as well.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"

# Scripts that are written without spaces: every character is a word to the search.
_UNSPACED: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    "|[\U00020000-\U0003ffff])"
)
_UNSEEN: Final = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
_WORD: Final = re.compile(r"[^\W_]+")


def storable(text: str) -> str:
    """Replace what no database can hold by what the page shows in its place."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable_json(value: Any) -> Any:
    """The same for every text inside a JSON value; what is not JSON (NaN too) becomes its repr."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return storable(repr(value))


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: white space, control and format characters at most."""
    return all(unicodedata.category(character) in _UNSEEN for character in text)


def title_of(message: str) -> str:
    """A thread's title until it is renamed: the beginning of its first message, cut between two words."""
    line = " ".join(message[: TITLE_LENGTH * 4].split())
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[: TITLE_LENGTH - 1]
    # Not where that would leave little: a long word, or a script that writes none apart.
    at = cut.rfind(" ", TITLE_LENGTH // 2)
    return (cut[:at] if at > 0 else cut).rstrip() + "…"


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Tags as they are kept: one line each, none twice in other letters, at most MOST_TAGS."""
    kept: dict[str, str] = {}
    for tag in tags:
        line = " ".join(storable(unicodedata.normalize("NFC", tag)).split())[:TAG_LENGTH].strip()
        if line and not is_blank(line):
            kept.setdefault(line.casefold(), line)
    return list(kept.values())[:MOST_TAGS]


def search_words(text: str) -> list[str]:
    """The words of a text as the search knows them, on both databases alike.

    Returns:
        Case folded, without diacritics, in order; unspaced scripts character by character.
    """
    if text.isascii():  # The same, five times as fast.
        return [word[:WORD_LENGTH] for word in _WORD.findall(text.lower())]
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return [word[:WORD_LENGTH] for word in _WORD.findall(_UNSPACED.sub(r" \1 ", bare))]


def folded(text: str) -> tuple[str, Sequence[int]]:
    """A text as search_words reads it, before it is cut into words.

    Returns:
        It, and of each of its characters the place in the text that it comes from.
    """
    if text.isascii():
        return text.lower(), range(len(text))
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(one):
                letters.append(one)
                places.append(place)
    return "".join(letters), places


def word_spans(plain: str) -> Iterator[tuple[str, int, int]]:
    """The words of a folded text, and where each begins and ends."""
    for word in _WORD.finditer(plain):
        begin = word.start()
        for piece in _UNSPACED.split(word.group()):
            if piece:
                yield piece[:WORD_LENGTH], begin, begin + len(piece)
            begin += len(piece)


def words_to_index(text: str) -> list[str]:
    """The words that a text can be found by: each once, up to INDEXED_BYTES of them."""
    words = []
    room = INDEXED_BYTES
    for word in dict.fromkeys(search_words(text)):
        room -= len(word.encode())
        if room < 0:
            break
        words.append(word)
    return words
