"""What an import has to say of its source: what stays out, what is kept in another way, each by its line."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data_layer.database.private import opener

# So many lines of one kind are kept in memory for the screen; the file has all of them.
SHOWN: Final = 20
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Remark:
    """Something that is said of a place in the source.

    Args:
        place: The line, or the place among the threads, from 1; 0 is the whole.
        what: What is the matter.
        repair: What was done, or is to be done.
        left_out: Whether something stays out because of it.
    """

    place: int
    what: str
    repair: str
    left_out: bool

    @property
    def kind(self) -> str:
        """What it is, without the id that stands behind a colon: remarks of one kind are counted together."""
        return self.what.partition(": ")[0]


class Remarks:
    """Takes remarks: counts them, keeps some, writes all to a file.

    Args:
        path: Of the file, CSV; made with the first remark. None keeps no file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.first: list[Remark] = []
        self.counts: Counter[tuple[str, bool]] = Counter()
        self.kept: Counter[str] = Counter()
        self._made = False

    def left_out(self, place: int, what: str, repair: str) -> None:
        """Something does not go in."""
        self._take(Remark(place, what, repair, left_out=True))

    def note(self, place: int, what: str, repair: str) -> None:
        """Something goes in, and not quite as it stood."""
        self._take(Remark(place, what, repair, left_out=False))

    def keep(self, what: str, count: int = 1) -> None:
        """Count something that goes in where it has no place of its own."""
        self.kept[what] += count

    @property
    def made(self) -> Path | None:
        """The file, where there was anything to say."""
        return self.path if self._made else None

    def _take(self, remark: Remark) -> None:
        self.counts[remark.kind, remark.left_out] += 1
        if self.counts[remark.kind, remark.left_out] <= SHOWN:
            self.first.append(remark)
        if self.path is not None:
            self._write(self.path, remark)

    def _write(self, path: Path, remark: Remark) -> None:
        row = [remark.place, "left out" if remark.left_out else "noted", remark.what, remark.repair]
        with open(path, "a" if self._made else "w", encoding="utf-8", newline="", opener=opener) as file:
            written = csv.writer(file)
            if not self._made:
                written.writerow(["line", "kind", "what", "what to do"])
            # A cell that a spreadsheet would reckon is none of ours to make.
            written.writerow([f"'{one}" if str(one).startswith(_FORMULA) else one for one in row])
        self._made = True
