"""Text on its way into the record."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from study.text import beginning, is_blank, storable

PREVIEW_LENGTH: Final = 60
# Of a thread's last message: what is kept of its beginning, and what the list shows of that.
OPENING_LENGTH: Final = 240
SHOWN_LENGTH: Final = 80
TITLE_LENGTH: Final = 50
TAG_LENGTH: Final = 40
MOST_TAGS: Final = 20
# The search knows a longer word by its beginning. PostgreSQL keeps a word's length in 11 bits and its
# place in 20 (tsvector's WordEntry), and array_to_tsvector does not look whether they fit.
WORD_LENGTH: Final = 64
INDEXED_BYTES: Final = 500_000
_CHARACTER_BYTES: Final = 4  # in UTF-8, at most

# Scripts that are written without spaces: every character is a word to the search.
_UNSPACED: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    "|[\U00020000-\U0003ffff])"
)
_WORD: Final = re.compile(r"[^\W_]+")
_PLAIN_WORD: Final = re.compile("[a-z0-9]+")


def title_of(message: str) -> str:
    """A thread's title until it is renamed: the beginning of its first message, cut between two words."""
    return _one_line(beginning(message, TITLE_LENGTH * 4), TITLE_LENGTH)


def shown_opening(opening: str) -> str:
    """What the list shows of a thread's last message: its first words, with an ellipsis where more follows.

    Args:
        opening: As it is kept, cut anywhere: what follows it is not known where it is as long as that.
    """
    goes_on = len(opening) >= OPENING_LENGTH
    line = _one_line(beginning(opening, OPENING_LENGTH - 1) if goes_on else opening, SHOWN_LENGTH)
    return f"{line}…" if goes_on and line and not line.endswith("…") else line


def _one_line(text: str, length: int) -> str:
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    # Not where that would leave little: a long word, or a script that writes none apart.
    at = line.rfind(" ", length // 2, length - 1)
    if at > 0:
        return line[:at].rstrip() + "…"
    cut = line[: length - 1] if line.isascii() else beginning(line, length - 1)
    return cut.rstrip() + "…"


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Tags as they are kept: one line each, none twice in other letters, at most MOST_TAGS."""
    kept: dict[str, str] = {}
    for tag in tags:
        line = " ".join(storable(unicodedata.normalize("NFC", tag)).split())
        line = beginning(line, TAG_LENGTH).strip()
        if line and not is_blank(line):
            kept.setdefault(line.casefold(), line)
    return list(kept.values())[:MOST_TAGS]


def search_words(text: str) -> list[str]:
    """The words of a text as the search knows them, on both databases alike.

    Returns:
        Case folded, without diacritics, in order; unspaced scripts character by character.
    """
    if text.isascii():  # The same, ten times as fast.
        return [word[:WORD_LENGTH] for word in _PLAIN_WORD.findall(text.lower())]
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
    found = dict.fromkeys(search_words(text))
    if sum(map(len, found)) * _CHARACTER_BYTES <= INDEXED_BYTES:
        return list(found)
    words = []
    room = INDEXED_BYTES
    for word in found:
        room -= len(word.encode())
        if room < 0:
            break
        words.append(word)
    return words
