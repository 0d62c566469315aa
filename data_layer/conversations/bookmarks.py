"""Bookmarks: messages that a participant wants to find again."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Select, and_, func, select

from data_layer import schema
from data_layer.engine import Database
from data_layer.fold_state import is_uuid
from data_layer.order import Clock
from data_layer.writer import Writer
from data_layer.writes import InsertRow, PatchRow, Row
from study.errors import WriteRefused
from study.vocabulary import MESSAGE_TYPES

# Shown in a list at once. Nobody finds anything in a longer one.
MOST_LISTED: Final = 500
_SNIPPET: Final = 200

_table, _steps, _threads = schema.bookmarks, schema.steps, schema.threads


class Bookmarks:
    """Puts bookmarks on messages.

    Args:
        database: Read to find the message that is meant.
        writer: Written through.
        clock: The time.
        event: Makes a row of `events`.
    """

    def __init__(
        self, database: Database, writer: Writer, clock: Clock, event: Callable[..., InsertRow]
    ) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
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
                "seq": self._writer.order.take(),
                "created_at": self._clock(),
            }
            await self._writer.submit(
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
                "bookmarks", {"bookmark_id": bookmark_id}, {"deleted_at": self._clock()}, "deleted_at"
            )
            await self._writer.submit(gone, self._happened("bookmark_removed", participant_id, message))

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
                func.substr(_steps.c.output, 1, _SNIPPET).label("text"),
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
        async with self._database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def _message(self, participant_id: str, message_id: str) -> Row:
        if not is_uuid(message_id):
            raise WriteRefused("there is no such message")
        query = (
            select(_steps.c.step_id, _steps.c.thread_id)
            .join(_threads, _threads.c.thread_id == _steps.c.thread_id)
            .where(_steps.c.step_id == message_id, _steps.c.type.in_([str(kind) for kind in MESSAGE_TYPES]))
            .where(_threads.c.participant_id == participant_id, _threads.c.deleted_at.is_(None))
        )
        row = await self._first(query)
        if row is None:
            raise WriteRefused("there is no such message")
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
        async with self._database.engine.connect() as connection:
            row = (await connection.execute(query.limit(1))).mappings().first()
        return dict(row) if row else None

    def _happened(self, kind: str, participant_id: str, message: Row) -> InsertRow:
        return self._event(
            kind,
            thread_id=message["thread_id"],
            participant_id=participant_id,
            target=message["step_id"],
        )
