"""Tells whoever runs the study that something is amiss, once, and once more when it is over.

Of several processes one tells it (standing_alarms.py), by each of the ways that there are (alarm_ways.py).
Nothing in it says anything of a participant.
"""

import asyncio
import shutil
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database.engine import Database
from data_layer.database.locations import existing
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.review.overview_queries import spent_in
from study.money import Budget
from study.vocabulary import Status
from web.alarm_ways import AlarmWay
from web.standing_alarms import AlarmNews, StandingAlarms

log = structlog.get_logger(__name__)

# What is amiss, as a sentence; "" while nothing is.
Look: TypeAlias = Callable[[], str]

MEANS: Final = {
    "saving_delayed": "saving is delayed, for the database does not answer",
    "writes_failed": "the database will not take some writes",
    "replies_fail": "ten of the last twenty replies failed",
    "disk": "less than 2 GB of disk are left",
    "budget_nearly_spent": "80 % of the budget are spent",
    "budget_spent": "all of the budget is spent",
}

_EVERY_S: Final = 10.0
# What is spent is summed over all calls: a second of work at a million of them.
_COUNTED_EACH_S: Final = 300.0
# As the room's overview warns (research/overview/upkeep.py, spending.py).
_LITTLE: Final = 2 * 1024**3
_NEARLY: Final = 0.8
# Of so many replies, so many failed: more than one participant's bad luck.
_OF_REPLIES: Final = 20
_FAILED: Final = 10


class Alarms:
    """What is looked at, and what was told of it.

    Args:
        ways: By which it is told.
        looks: By the alarm's name.
        standing: Which alarms stand.
        every_s: Between two looks.
    """

    def __init__(
        self,
        ways: Sequence[AlarmWay],
        looks: Mapping[str, Look],
        standing: StandingAlarms,
        every_s: float = _EVERY_S,
    ) -> None:
        self._ways = ways
        self._looks = looks
        self._standing = standing
        self._every_s = every_s

    @property
    def ways(self) -> list[str]:
        """By which it is told, for people."""
        return [way.name for way in self._ways]

    @property
    def means(self) -> dict[str, str]:
        """What is looked at, for people, by the alarm's name."""
        return {name: MEANS.get(name, name) for name in self._looks}

    def shown(self) -> dict[str, Any]:
        """Which stand, and which were told last; it reads a file."""
        return self._standing.shown()

    async def look_forever(self) -> None:
        """Look, and tell what has changed."""
        while True:
            await self.look()
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Look once; what could not be told is told the next time, where it is still so."""
        for news in await asyncio.to_thread(self._look):
            says = f"Over: {news.says}" if news.over else news.says
            if not await self._tell(news.name, says, over=news.over):
                await asyncio.to_thread(self._standing.give_back, news)

    async def try_out(self) -> None:
        """Tell an alarm that is none, so that somebody sees that alarms arrive."""
        await self._tell("test", "This is a test. Nothing is amiss.", over=False)

    def _look(self) -> list[AlarmNews]:
        return self._standing.take({name: find() for name, find in self._looks.items()})

    async def _tell(self, name: str, says: str, *, over: bool) -> bool:
        host = socket.gethostname()
        told = {"text": f"Verbatim on {host}: {says}", "alarm": name, "over": over, "host": host}
        went = dict(
            zip(self.ways, await asyncio.gather(*(_by(way, told) for way in self._ways)), strict=True)
        )
        arrived = any(not error for error in went.values())
        if arrived or name == "test":
            await asyncio.to_thread(self._standing.told, name, says, went)
        return arrived


async def _by(way: AlarmWay, told: dict[str, Any]) -> str:
    """Tell it by one way; the kind of failure, where it did not arrive."""
    try:
        await way.tell(told)
    except (httpx.HTTPError, OSError) as error:
        # Never its words: they hold the address, and that may hold a key.
        log.warning("alarm_not_told", alarm=told["alarm"], error_type=type(error).__name__)
        return type(error).__name__
    log.info("alarm_told", alarm=told["alarm"], over=told["over"])
    return ""


class RecentReplies:
    """How the last replies ended."""

    def __init__(self) -> None:
        self._failed: deque[bool] = deque(maxlen=_OF_REPLIES)

    def count(self, run: Row) -> None:
        """Count a reply that has ended.

        Args:
            run: Of `runs`.
        """
        self._failed.append(run["status"] == Status.FAILED)

    def look(self) -> str:
        """Say so while many of them failed."""
        failed = sum(self._failed)
        return f"{failed} of the last {len(self._failed)} replies failed." if failed >= _FAILED else ""


class SpentBudget:
    """How much of the budget is spent.

    Args:
        database: Where calls of models stand with their cost.
        budget: The study file's.
        every_s: Between two sums.
    """

    def __init__(self, database: Database, budget: Budget, every_s: float = _COUNTED_EACH_S) -> None:
        self._database = database
        self._budget = budget
        self._every_s = every_s
        self._spent = 0.0

    async def count_forever(self) -> None:
        """Sum it up again and again; while the database is away the last sum stands."""
        while True:
            try:
                await self.count()
            except (SQLAlchemyError, OSError) as error:
                log.warning("budget_not_counted", error_type=type(error).__name__)
            await asyncio.sleep(self._every_s)

    async def count(self) -> None:
        """Sum it up.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        async with self._database.engine.connect() as connection:
            self._spent = await connection.scalar(spent_in(self._budget.currency)) or 0.0

    @property
    def looks(self) -> dict[str, Look]:
        """The two alarms: that little is left, and that nothing is."""
        return {
            "budget_nearly_spent": lambda: self._says() if self._spent >= self._of(_NEARLY) else "",
            "budget_spent": lambda: (
                f"{self._says()} Models are still called." if self._spent >= self._of(1) else ""
            ),
        }

    def _of(self, share: float) -> float:
        return share * self._budget.amount

    def _says(self) -> str:
        of = self._budget
        share = self._spent / of.amount
        return f"{share:.0%} of the budget are spent: {self._spent:,.2f} of {of.amount:,.2f} {of.currency}."


def looks_at(record: Record, replies: RecentReplies) -> dict[str, Look]:
    """What is amiss when.

    Args:
        record: Whose writer and disk.
        replies: The last ones.
    """
    health = record.writer.health

    def delayed() -> str:
        return "The database does not answer: what is said waits in the journal." if health.away else ""

    def refused() -> str:
        return (
            f"The database will not take {health.failed} writes (journal/failed.jsonl)."
            if health.failed
            else ""
        )

    def disk() -> str:
        free = shutil.disk_usage(existing(record.data_dir)).free
        return f"The disk has {free / 1e9:,.1f} GB left." if free < _LITTLE else ""

    return {"saving_delayed": delayed, "writes_failed": refused, "replies_fail": replies.look, "disk": disk}
