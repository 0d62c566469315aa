"""What becomes of a participant's threads, told to all their pages: other tabs, other devices."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import structlog
from chainlit.session import ws_sessions_id
from sqlalchemy.exc import SQLAlchemyError

from data_layer.chainlit.shapes import thread_row_dict
from data_layer.conversations.own_threads import listed_threads
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from web.socket_events import ToPage

log = structlog.get_logger(__name__)

# Between two rounds: what changes meanwhile is read and told at once, however many write.
ROUND_S: Final = 0.2
# Threads of one query.
_CHUNK: Final = 500


class Listener(Protocol):
    """A page, as far as this needs one: chainlit.session.WebsocketSession."""

    @property
    def user(self) -> Any:
        """Whose it is."""

    @property
    def emit(self) -> Any:
        """Says something to it."""


def pages_here() -> Iterable[Listener]:
    """Every page of this process."""
    return tuple(ws_sessions_id.values())


class ThreadNews:
    """Tells pages what their lists should show.

    Another process's changes are heard as hints (data_layer/database/hints.py); behind a pooler, which lets
    none through, pages ask when they come to sight again.

    Args:
        database: Read, after a commit.
        pages: Those that can be told.
        round_s: Between two rounds.
    """

    def __init__(
        self,
        database: Database,
        pages: Callable[[], Iterable[Listener]] = pages_here,
        round_s: float = ROUND_S,
    ) -> None:
        self._database = database
        self._pages = pages
        self._round_s = round_s
        self._waiting: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def heard(self, thread_ids: frozenset[str]) -> None:
        """Threads have changed (Writer.listeners)."""
        self._waiting |= thread_ids
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name="thread news")

    async def done(self) -> None:
        """Wait until all that was heard so far has been told."""
        if self._task is not None:
            await self._task

    async def _work(self) -> None:
        while self._waiting:
            told, self._waiting = sorted(self._waiting), set()
            for start in range(0, len(told), _CHUNK):
                await self._tell(told[start : start + _CHUNK])
            await asyncio.sleep(self._round_s)

    async def _tell(self, thread_ids: list[str]) -> None:
        pages: dict[str, list[Listener]] = {}
        for page in self._pages():
            if page.user is not None:
                pages.setdefault(page.user.identifier, []).append(page)
        if not pages:
            return
        try:
            rows = await listed_threads(self._database, thread_ids)
        except (SQLAlchemyError, OSError) as error:
            log.warning("thread_news_not_read", error_type=type(error).__name__)
            return
        for row in rows:
            for page in pages.get(row["participant_id"], ()):
                await page.emit(ToPage.THREAD_NEWS, news_of(row))


def news_of(row: Row) -> Row:
    """A row of the list, and whether it is still there."""
    return thread_row_dict(row, row["participant_id"]) | {
        "deleted": row["deleted_at"] is not None,
        "archived": row["archived_at"] is not None,
    }
