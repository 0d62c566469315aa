"""Human text: what of it can be kept, and where it may be cut."""

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import regex

# U+0000 cannot be stored by PostgreSQL, and lone surrogates (a JavaScript string may hold them)
# have no UTF-8. A page shows both as U+FFFD: CommonMark 0.31, section 2.3, says so of NUL, and
# browsers do it with surrogates. So the record, which equals the screen, holds U+FFFD as well.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"
# Control characters (ECMA-48's C0 and C1), which terminals obey. Also the return that begins a line anew.
_COMMANDS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_UNSEEN: Final = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
# Letters and symbols by their category, and yet nothing that can be seen: Braille's blank, Hangul's
# fillers, the combining joiner, the selectors of variants.
_BLANKS: Final = re.compile("[\u2800\u115f\u1160\u3164\uffa0\u034f\u180b-\u180d\ufe00-\ufe0f]")

# What a reader takes for one character (UAX #29): a flag, a family, a letter with the marks that stand on it.
_GRAPHEME: Final = regex.compile(r"\X")
# Two characters that have nothing to do with each other, whatever stands around them: nearly all of European
# and Chinese text, and found in a tenth of the time.
_APART: Final = re.compile("[ -~\u00c0-\u02ff\u4e00-\u9fff]{2}")
# Whether two of these belong together is said by how many stand before them: read backwards.
_FLAG_LETTERS: Final = regex.compile(r"(?r)\p{Regional_Indicator}*")
# What is read before a place to know whether it lies between graphemes. The longest family has eleven
# characters, a letter may bear any number of marks.
_BEFORE: Final = 256


def storable(text: str) -> str:
    """Replace what no database can hold by what the page shows in its place."""
    if text.isascii() and "\0" not in text:
        return text
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


def unstorable_places(value: object, location: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where texts stand in a JSON value that could not be kept as they are."""
    if isinstance(value, str) and storable(value) != value:
        yield location
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from unstorable_places(item, (*location, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unstorable_places(item, (*location, index))


def without_commands(text: str) -> str:
    """What a terminal may show: other people's words cannot clear it, name its window or hide a line.

    Args:
        text: Any; line ends and tabs stay.
    """
    return _COMMANDS.sub(REPLACEMENT, text)


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: white space, control and format characters at most."""
    return all(unicodedata.category(one) in _UNSEEN or _BLANKS.match(one) for one in text)


def beginning(text: str, length: int) -> str:
    """The most of a text's beginning that has room and ends between graphemes.

    Args:
        text: Any.
        length: How many characters (code points) there is room for.

    Returns:
        At most `length` characters. A first grapheme that alone is longer, a letter under a tower of marks,
        is cut where it must be.
    """
    if len(text) <= length:
        return text
    return text[: grapheme_at(text, length)] or text[:length]


def ending(text: str, length: int) -> str:
    """The most of a text's end that has room and begins between graphemes.

    Args:
        text: Any.
        length: As for `beginning`.

    Returns:
        At most `length` characters; the beginning of the last grapheme where that alone is longer.
    """
    if len(text) <= length:
        return text
    at = len(text) - length
    return text[grapheme_after(text, at) :] or beginning(text[grapheme_at(text, at) :], length)


def grapheme_at(text: str, at: int) -> int:
    """Where the grapheme begins that a place lies in; the place itself where it lies between two."""
    if _APART.match(text, at - 1 if at else 0):
        return at
    start = _start(text, at)
    # Cut out, for \X reads all flags that stand before the place it begins at, for each flag anew. Whether a
    # place lies between two graphemes depends on one character behind it.
    for found in _GRAPHEME.finditer(text[start : at + 1]):
        if start + found.end() > at:
            return start + found.start()
    return at


def grapheme_after(text: str, at: int) -> int:
    """Where the grapheme ends that a place lies in; the place itself where it lies between two."""
    before = grapheme_at(text, at)
    found = _GRAPHEME.match(text, before) if before < at else None
    return found.end() if found else at


def _start(text: str, at: int) -> int:
    """A place some way before another, from which graphemes are counted rightly."""
    start = max(0, at - _BEFORE)
    flags = _FLAG_LETTERS.match(text, 0, start)
    return start - len(flags[0]) % 2 if flags else start
