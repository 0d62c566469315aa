"""The name that a participant gives, and what makes two spellings of it one person."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from study.errors import StudyError
from study.strings import ENGLISH, strings_in

LONGEST_NAME: Final = 80  # code points, after NFKC: some characters grow to 18 there

# Characters without ink that may stand in a name unseen: Unicode's Default_Ignorable_Code_Point
# (DerivedCoreProperties.txt), which Python's unicodedata does not offer as a property.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
# Of these, what scripts and emoji need to be drawn right: joiners, variation selectors, flag tags.
_NEEDED: Final = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]")
_BRAILLE_BLANK: Final = "\u2800"  # a symbol by category, an empty cell on the screen
_FOLDED_AS_SPACE: Final = "\t\n\v\f\r\x85"  # control characters that Unicode calls white space


class NameRefused(StudyError):
    """A name that cannot be used.

    Args:
        key: Of the sentence for the participant, with the repair (strings.yaml); the error's own text
            is that sentence in English.
        values: For its placeholders.
    """

    exit_code = 23

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(strings_in(ENGLISH)(key, **values))
        self.key = key
        self.values: dict[str, Any] = values


class Name(NamedTuple):
    """A participant's name: `shown` on the page, `key` to find the person by."""

    shown: str
    key: str


def normalise_name(raw: str) -> Name:
    """Fold what a participant typed, so that look-alike spaces and cases make one person.

    Normalising `shown` again gives the same name; the key of a key is that key.

    Args:
        raw: Any string.

    Returns:
        The name as it is shown (NFKC, single spaces, nothing unseen but what its script needs)
        and its key (that, without case and without anything unseen).

    Raises:
        NameRefused: Nothing visible, longer than 80 characters, or a control character in it.
    """
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in _without_folded(raw)):
        raise NameRefused("entry.name_control")
    shown = _settled(raw, _tidy)
    key = _settled(shown, _reduce)
    if not key:
        raise NameRefused("entry.name_empty")
    if len(shown) > LONGEST_NAME:
        raise NameRefused("entry.name_too_long", length=len(shown), limit=LONGEST_NAME)
    return Name(shown, key)


def _without_folded(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, _FOLDED_AS_SPACE)))


def _spaced(text: str) -> str:
    return " ".join(text.replace(_BRAILLE_BLANK, " ").split())


def _tidy(text: str) -> str:
    seen = _UNSEEN.sub(lambda match: match[0] if _NEEDED.match(match[0]) else "", text)
    return _spaced(unicodedata.normalize("NFKC", seen))


def _reduce(text: str) -> str:
    return _spaced(unicodedata.normalize("NFKC", _UNSEEN.sub("", text).casefold()))


def _settled(text: str, fold: Callable[[str], str]) -> str:
    """Fold until nothing changes: removing a character or a case can let others compose."""
    while (folded := fold(text)) != text:
        text = folded
    return text
