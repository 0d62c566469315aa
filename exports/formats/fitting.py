"""What a format of office programs cannot hold, and where it was cut: never in silence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from study.text import beginning

# Ends a text that was cut, so that nobody takes it for all that was said.
MARK: Final = " […]"


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that is not whole in a file.

    Args:
        column: Of the table.
        row: Which row of the file, from 1; the header is none.
        characters: How many it has.
        kept: How many of them stand in the file.
    """

    column: str
    row: int
    characters: int
    kept: int


def fitted(text: str, room: int, size: Callable[[str], int]) -> tuple[str, int]:
    """The most of a text's beginning that has room, with the mark behind it.

    Args:
        text: Too long.
        room: For how much there is room.
        size: How much room a text takes.

    Returns:
        The text as it fits, and how many characters of the original stand in it.
    """
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if size(text[:middle] + MARK) <= room:
            least = middle
        else:
            most = middle - 1
    kept = beginning(text, least)
    return kept + MARK, len(kept)
