"""Tells whoever runs the study that something is amiss, once, and once more when it is over.

By a POST of JSON to an address of theirs (VERBATIM_ALARM_URL): `text` is what chat services show, the rest
is for programs. Nothing in it says anything of a participant.
"""

import asyncio
import shutil
import socket
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import httpx
import structlog

from data_layer.database.locations import existing
from data_layer.database.rows import Row
from data_layer.record import Record
from study.vocabulary import Status

log = structlog.get_logger(__name__)

# What is amiss, as a sentence; "" while nothing is.
Look: TypeAlias = Callable[[], str]

_EVERY_S: Final = 10.0
_PATIENCE_S: Final = 10.0
# As the room's overview warns (research/overview/upkeep.py).
_LITTLE: Final = 2 * 1024**3
# Of so many replies, so many failed: more than one participant's bad luck.
_OF_REPLIES: Final = 20
_FAILED: Final = 10


class Alarms:
    """What is looked at, and what was told of it.

    Args:
        url: Where it is told.
        looks: By the alarm's name.
        every_s: Between two looks.
    """

    def __init__(self, url: str, looks: Mapping[str, Look], every_s: float = _EVERY_S) -> None:
        self._url = url
        self._looks = looks
        self._every_s = every_s
        self._told: dict[str, str] = {}

    async def look_forever(self) -> None:
        """Look, and tell what has changed."""
        async with httpx.AsyncClient(timeout=_PATIENCE_S) as client:
            while True:
                await self.look(client)
                await asyncio.sleep(self._every_s)

    async def look(self, client: httpx.AsyncClient) -> None:
        """Look once; what could not be told is told the next time, where it is still so.

        Args:
            client: That asks.
        """
        for name, find in self._looks.items():
            says = await asyncio.to_thread(find)
            if bool(says) == (name in self._told):
                continue
            if not await self._tell(client, name, says or f"Over: {self._told[name]}", over=not says):
                continue
            if says:
                self._told[name] = says
            else:
                del self._told[name]

    async def _tell(self, client: httpx.AsyncClient, name: str, says: str, *, over: bool) -> bool:
        host = socket.gethostname()
        told = {"text": f"Verbatim on {host}: {says}", "alarm": name, "over": over, "host": host}
        try:
            answer = await client.post(self._url, json=told)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            # Never its words: they hold the address, and that may hold a key.
            log.warning("alarm_not_told", alarm=name, error_type=type(error).__name__)
            return False
        log.info("alarm_told", alarm=name, over=over)
        return True


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
