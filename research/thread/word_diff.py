"""What changed between two wordings, by words."""

import difflib
import re
from dataclasses import dataclass
from typing import Final, Literal

_TOKENS: Final = re.compile(r"\w+|\s+|[^\w\s]")
# difflib takes time in the square of the words; a longer text is shown as one that went and one that came.
_MOST: Final = 4_000


@dataclass(frozen=True)
class DiffPiece:
    """Words that stayed, went or came."""

    kind: Literal["same", "gone", "new"]
    words: str


def word_diff(before: str, after: str) -> list[DiffPiece]:
    """Compare two texts.

    Returns:
        Pieces in order: those that are not new make the text before, those that are not gone the text after.
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    if len(old) + len(new) > _MOST:
        return [piece for piece in (DiffPiece("gone", before), DiffPiece("new", after)) if piece.words]
    pieces: list[DiffPiece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(DiffPiece("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(DiffPiece("gone", "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(DiffPiece("new", "".join(new[j1:j2])))
    return pieces
