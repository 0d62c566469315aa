"""Whether what is kept is kept safely: the disk, the journal, backups, and what to do about them."""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from data_layer.database.locations import existing
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.review.overview import Overview
from research.overview.figures import growth
from research.overview.spending import Spending
from web.numbers import counted, size

# A disk that is full within this time, at the pace of the last days, is warned of.
DISK_LASTS: Final = timedelta(days=30)
# Below this, whatever the pace.
LEAST_FREE: Final = 2 * 1024**3
BACKUP_AGE: Final = timedelta(days=7)
# No forecast is worth more.
_YEARS: Final = 3650


@dataclass(frozen=True)
class Upkeep:
    """How things stand beside the study itself.

    Args:
        away: The database does not answer: saving is delayed.
        waiting: Writes in the journal, for the database when it answers.
        failed: Writes that it will not take.
        free: Bytes on the disk of the data folder.
        total: Bytes, of that disk.
        a_day: Bytes that come to it a day, about; None where that cannot be told.
        backup: The newest one: at, target; None without any.
        backup_age: How old it is.
    """

    away: bool
    waiting: int
    failed: int
    free: int
    total: int
    a_day: float | None
    backup: Row | None
    backup_age: timedelta | None

    @property
    def disk_lasts(self) -> timedelta | None:
        """Until the disk is full at this pace; None when it is for years."""
        days = self.free / self.a_day if self.a_day else _YEARS
        return timedelta(days=days) if days < _YEARS else None

    @property
    def backup_when(self) -> str:
        """How old the newest backup is, for people."""
        if self.backup_age is None:
            return "none"
        return f"{counted(self.backup_age.days, 'day')} ago" if self.backup_age.days else "today"


def upkeep(record: Record, found: Overview) -> Upkeep:
    """Look at the disk and the journal; it blocks."""
    disk = shutil.disk_usage(existing(record.data_dir))
    return Upkeep(
        away=record.writer.health.away,
        waiting=record.journals.count_waiting(),
        failed=record.journals.count_failed(),
        free=disk.free,
        total=disk.total,
        a_day=growth(found),
        backup=found.backup,
        backup_age=_age(found.backup, record.now()),
    )


def warnings(stands: Upkeep, spent: Spending | None) -> Iterator[str]:
    """What somebody should do soon, a sentence or two each."""
    if stands.away:
        yield (
            f"The database does not answer; {counted(stands.waiting, 'write')} of the page wait in the "
            "journal. Nothing is lost. See that the database runs."
        )
    if stands.failed:
        yield (
            f"The database will not take {counted(stands.failed, 'write')}. They are kept in "
            "journal/failed.jsonl of the data folder; tell whoever runs the server."
        )
    if stands.free < LEAST_FREE or (stands.disk_lasts is not None and stands.disk_lasts < DISK_LASTS):
        lasts = (
            f", which lasts for about {counted(stands.disk_lasts.days, 'day')}" if stands.disk_lasts else ""
        )
        yield f"The disk has {size(stands.free)} left{lasts}. Make room before nobody can write any more."
    if stands.backup_age is None:
        yield (
            "No backup was made yet. To make one while the study goes on: "
            ".venv/bin/python cli.py backup FOLDER"
        )
    elif stands.backup_age > BACKUP_AGE:
        yield (
            f"The newest backup is {counted(stands.backup_age.days, 'day')} old. To make one while the study "
            "goes on: .venv/bin/python cli.py backup FOLDER"
        )
    if spent is not None and spent.warns:
        yield (
            f"{spent.share:.0%} of the budget are spent: {spent.spent:,.2f} of {spent.budget.amount:,.2f} "
            f"{spent.budget.currency}. Nothing stops by itself; a limit at the provider does."
        )


def ends(found: Overview) -> list[Row]:
    """Connections by how they ended, the most frequent first; still open ones have no reason."""
    sums: dict[str | None, Row] = defaultdict(lambda: {"connections": 0, "returned": 0})
    for row in found.connections:
        into = sums[row["reason"]]
        into["connections"] += row["connections"]
        into["returned"] += row["connections"] if row["reason"] is not None and row["returned"] else 0
    rows = [{"reason": reason, **counts} for reason, counts in sums.items()]
    return sorted(rows, key=lambda row: (-row["connections"], row["reason"] or ""))


def _age(backup: Row | None, now: datetime) -> timedelta | None:
    return now - backup["at"] if backup is not None else None
