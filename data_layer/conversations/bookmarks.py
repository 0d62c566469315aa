"""Bookmarks: messages that a participant wants to find again."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Select, and_, func, select

from data_layer.database import schema
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow
from study.errors import WriteRefused
from study.reasons import Reason
from study.text import beginning
from study.vocabulary import MESSAGE_TYPES

# Shown in a list at once. Nobody finds anything in a longer one.
MOST_LISTED: Final = 500
_SNIPPET: Final = 200

_table, _steps, _threads = schema.bookmarks, schema.steps, schema.threads


class Bookmarks:
    """Puts bookmarks on messages.

    Args:
        store: Read from, and written through.
        event: Makes a row of `events`.
    """

    def __init__(self, store: Store, event: Callable[..., InsertRow]) -> None:
        self._store = store
        self._event = event
        # Two presses at once would both find none yet.
        self._one_at_a_time = asyncio.Lock()

    async def put(self, participant_id: str, message_id: str) -> None:
        """Put a bookmark on a message; one that is there stays.

        Raises:
            WriteRefused: There is no such message in a thread of theirs.
        """
        async with self._one_at_a_time:
            message = await self._message(participant_id, message_id)
            if await self._current(participant_id, message) is not None:
                return
            row: Row = {
                "bookmark_id": str(uuid.uuid4()),
                "thread_id": message["thread_id"],
                "message_id": message_id,
                "participant_id": participant_id,
                "seq": self._store.writer.order.take(),
                "created_at": self._store.clock(),
            }
            await self._store.writer.submit(
                InsertRow("bookmarks", row), self._happened("bookmark_put", participant_id, message)
            )

    async def remove(self, participant_id: str, message_id: str) -> None:
        """Take a bookmark away; the row stays.

        Raises:
            WriteRefused: There is no such message in a thread of theirs.
        """
        async with self._one_at_a_time:
            message = await self._message(participant_id, message_id)
            bookmark_id = await self._current(participant_id, message)
            if bookmark_id is None:
                return
            gone = PatchRow(
                "bookmarks", {"bookmark_id": bookmark_id}, {"deleted_at": self._store.clock()}, "deleted_at"
            )
            await self._store.writer.submit(gone, self._happened("bookmark_removed", participant_id, message))

    async def listed(self, participant_id: str) -> list[Row]:
        """A participant's bookmarks in threads that they have, the newest first.

        Returns:
            message_id, thread_id, title, text (its beginning), type, created_at, and `stands`: whether the
            message is on the screen, or on a branch that was left.
        """
        query = (
            select(
                _table.c.message_id,
                _table.c.thread_id,
                _threads.c.title,
                func.substr(_steps.c.output, 1, _SNIPPET + 1).label("text"),
                _steps.c.type,
                _table.c.created_at,
                _steps.c.deleted_at.is_(None).label("stands"),
            )
            .join(_steps, _steps.c.step_id == _table.c.message_id)
            .join(_threads, _threads.c.thread_id == _table.c.thread_id)
            .where(_table.c.participant_id == participant_id, _table.c.deleted_at.is_(None))
            .where(_threads.c.participant_id == participant_id, _threads.c.deleted_at.is_(None))
            .order_by(_table.c.seq.desc())
            .limit(MOST_LISTED)
        )
        rows = await self._store.rows(query)
        return [row | {"text": beginning(row["text"], _SNIPPET)} for row in rows]

    async def _message(self, participant_id: str, message_id: str) -> Row:
        if not is_uuid(message_id):
            raise WriteRefused(Reason.NO_MESSAGE)
        query = (
            select(_steps.c.step_id, _steps.c.thread_id)
            .join(_threads, _threads.c.thread_id == _steps.c.thread_id)
            .where(_steps.c.step_id == message_id, _steps.c.type.in_([str(kind) for kind in MESSAGE_TYPES]))
            .where(_threads.c.participant_id == participant_id, _threads.c.deleted_at.is_(None))
        )
        row = await self._first(query)
        if row is None:
            raise WriteRefused(Reason.NO_MESSAGE)
        return row

    async def _current(self, participant_id: str, message: Row) -> str | None:
        query = select(_table.c.bookmark_id).where(
            and_(
                _table.c.thread_id == message["thread_id"],
                _table.c.message_id == message["step_id"],
                _table.c.participant_id == participant_id,
                _table.c.deleted_at.is_(None),
            )
        )
        row = await self._first(query)
        return None if row is None else str(row["bookmark_id"])

    async def _first(self, query: Select[Any]) -> Row | None:
        return await self._store.first(query.limit(1))

    def _happened(self, kind: str, participant_id: str, message: Row) -> InsertRow:
        return self._event(
            kind,
            thread_id=message["thread_id"],
            participant_id=participant_id,
            target=message["step_id"],
        )
