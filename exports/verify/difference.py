"""What verify finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# How many ids a difference names.
NAMED: Final = 10


class Finding(StrEnum):
    """What was found."""

    FILE_MISSING = "file missing"
    FILE_EXTRA = "file extra"
    FILE_CHANGED = "file changed"
    FILE_UNREADABLE = "file unreadable"
    ROWS_CHANGED = "rows changed in the file"
    ORPHANS = "ids that join nothing"
    NOT_REPLAYED = "rows of the ledger that the seed does not give"
    NOT_EXPORTED = "rows missing from the export"
    NOT_IN_DATABASE = "rows missing from the database"
    DIFFERENT = "rows that differ from the database"
    DISORDERED = "rows in another order than the database's"
    NEWER = "rows that came since the snapshot"
    MOVED_ON = "rows that moved on since the snapshot"
    LEFT = "rows that left since the snapshot"
    WITHDRAWN = "rows of participants who have withdrawn since the snapshot"


# The study has gone on; the export was right. One that holds who has withdrawn is to be deleted even so.
HARMLESS: Final = frozenset({Finding.NEWER, Finding.MOVED_ON, Finding.LEFT, Finding.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that verify found.

    Args:
        finding: What.
        where: The file or the table.
        detail: In a sentence.
        count: How many rows or ids.
        ids: Up to ten of them.
        threads: Which thread each of these is in; "" where none is known.
    """

    finding: Finding
    where: str
    detail: str
    count: int = 0
    ids: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()

    @property
    def wrong(self) -> bool:
        """Whether the export cannot be trusted because of it: use of the study cannot have made it."""
        return self.finding not in HARMLESS

    def __str__(self) -> str:
        ids = ""
        if self.ids:
            more = ", ..." if self.count > len(self.ids) else ""
            ids = f": {', '.join(self.ids)}{more}"
        return f"{self.where}: {self.detail}{ids}"


def ids_to_name(ids: Sequence[str]) -> tuple[str, ...]:
    """The ids that a difference names."""
    return tuple(sorted(ids)[:NAMED])
