"""Characters that a server has cut in two: JSON writes an emoji as two escapes, and each may come alone."""

import re
from typing import Final

from study.text import REPLACEMENT

_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF: Final = re.compile("[\ud800-\udfff]")


class WholeCharacters:
    """Joins the halves of a text that comes in pieces; a half that stays alone becomes U+FFFD."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Take a piece.

        Args:
            text: As it came; may hold lone surrogates.

        Returns:
            What is whole by now.
        """
        text = self._held + text
        self._held = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return _whole(text[:-1] if self._held else text)

    def end(self) -> str:
        """Nothing more comes.

        Returns:
            U+FFFD when a half was still waiting, else nothing.
        """
        held, self._held = self._held, ""
        return _whole(held)


def _whole(text: str) -> str:
    if text.isascii() or not _HALF.search(text):
        return text
    return _HALF.sub(REPLACEMENT, _PAIR.sub(_joined, text))


def _joined(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")
