"""The forms that one secret may stand in: its letters in any case, base64, hexadecimal; whole or cut off."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from study.encodings import small

# From this length on nobody says it by chance, and it is hidden also inside a longer word.
_UNMISTAKABLE: Final = 12
# Shorter ones are words ("local", "study"): hiding them would take words away from sentences.
_SHORTEST: Final = 6
# From this length on a half of it is hidden as well: somebody else has cut their sentence off.
_HALVED: Final = 16


@dataclass(frozen=True)
class HeldSecret:
    """One secret, ready to be looked for.

    Args:
        letters: In small letters; more than one where programs tell it in more than one alphabet.
        encoded: Its bytes in base64, at each of the three places in a group of three that it may begin at.
        alone: It is so short that it counts only where no letter or digit stands beside it.
        anchors: One of these stands wherever the letters do.
    """

    letters: tuple[str, ...]
    encoded: tuple[str, ...]
    alone: bool
    anchors: tuple[str, ...]

    @classmethod
    def of(cls, secret: str) -> "HeldSecret | None":
        """Prepare one.

        Args:
            secret: Without white space around it.

        Returns:
            The secret; None where it may be a word of anybody's.
        """
        plain = secret.replace("-", "").replace("_", "").isalpha()
        if len(secret) < _SHORTEST or (len(secret) < _UNMISTAKABLE and plain):
            return None
        content = secret.encode("utf-8", "surrogateescape")
        # A form's "+" for a space; UTF-8 read as Latin-1, as bytes are shown.
        spellings = {secret, secret.replace(" ", "+"), content.decode("latin-1")}
        letters = tuple(small(one) for one in spellings)
        if len(secret) < _UNMISTAKABLE:
            return cls(letters, (), alone=True, anchors=letters)
        letters = (*letters, content.hex())
        halves = tuple(half for one in letters for half in {one[: _half(one)], one[-_half(one) :]})
        return cls(letters, tuple(_base64(content)), alone=False, anchors=halves)

    def may_stand_in(self, text: str, lowered: str) -> bool:
        """Whether it is worth the while to look closer; the arguments are those of `spans_in`."""
        return any(part in lowered for part in self.anchors) or any(one in text for one in self.encoded)

    def spans_in(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a text.

        Args:
            text: The text.
            lowered: The same in small letters.
        """
        for letters in self.letters:
            yield from self._letters_in(letters, lowered)
        for encoded in self.encoded:
            yield from ((start, start + len(encoded)) for start in _finds(encoded, text))

    def _letters_in(self, letters: str, lowered: str) -> Iterator[tuple[int, int]]:
        half = _half(letters)
        for start in _finds(letters[:half], lowered):
            end = start + half
            while end - start < len(letters) and lowered[end : end + 1] == letters[end - start]:
                end += 1
            if not (self.alone and _touches(lowered, start, end)):
                yield start, end
        if half == len(letters):
            return
        for start in _finds(letters[-half:], lowered):
            begin, left = start, len(letters) - half
            while left and begin and lowered[begin - 1] == letters[left - 1]:
                begin, left = begin - 1, left - 1
            yield begin, start + half


def _half(letters: str) -> int:
    """How many of its letters are enough."""
    return len(letters) // 2 if len(letters) >= _HALVED else len(letters)


def _finds(wanted: str, text: str) -> Iterator[int]:
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + 1)


def _touches(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()


def _base64(content: bytes) -> Iterator[str]:
    """The digits that its bytes alone decide, whatever stands before and behind them."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + content).decode()
        # Of 8 * before bits, and of what fills up the last group, no digit is its own.
        first, last = -(-8 * before // 6), (8 * (before + len(content))) // 6
        digits = whole[first:last]
        yield from {digits, digits.replace("+", "-").replace("/", "_")}
