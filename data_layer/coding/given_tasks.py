"""Which coding tasks a coder has, and so which threads they read: who gave them, since when, and until when.

A row of `coding_assignments` is a task: its table has the name of an earlier day.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from data_layer.database import schema
from data_layer.database.rows import Row, in_chunks
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow

_TABLE: Final = schema.coding_assignments
# What a coder says of a thread.
_SAID: Final = ("finished_at", "codebook_version")


class GivenTasks:
    """Gives coding tasks to coders, and takes them back; each giving is a row that stays.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def has(self, thread_id: str, researcher_id: str) -> bool:
        """Whether somebody has a thread to code, now.

        Raises:
            SQLAlchemyError: The database is away.
        """
        theirs = (_TABLE.c.researcher_id == researcher_id) & (_TABLE.c.thread_id == thread_id)
        query = select(_TABLE.c.assignment_id).where(theirs, _TABLE.c.ended_at.is_(None)).limit(1)
        async with self._store.database.engine.connect() as connection:
            return await connection.scalar(query) is not None

    async def give(
        self, thread_ids: Sequence[str], researcher_id: str, by: str, said: Mapping[str, Row] | None = None
    ) -> list[str]:
        """Give threads to somebody; what they have already is passed over.

        Args:
            thread_ids: Which.
            researcher_id: Whose they will be.
            by: The researcher_id of who gives them.
            said: What they said of threads that they had before, by thread: finished_at, codebook_version.

        Returns:
            The tasks that were given, by `assignment_id`; all bear the same moment.

        Raises:
            DatabaseError: The database does not answer; what was written before it did not stays.
        """
        now, made = self._store.clock(), []
        for some in in_chunks(list(dict.fromkeys(thread_ids))):
            known = {row["thread_id"] for row in await self._living(researcher_id, some)}
            rows = [
                {
                    "assignment_id": str(uuid.uuid4()),
                    "thread_id": thread_id,
                    "researcher_id": researcher_id,
                    "assigned_by": by,
                    "created_at": now,
                    **(said or {}).get(thread_id, {}),
                }
                for thread_id in some
                if thread_id not in known
            ]
            await self._store.commit(*(InsertRow(_TABLE.name, row) for row in rows))
            made += [row["assignment_id"] for row in rows]
        return [str(one) for one in made]

    async def end(self, thread_ids: Sequence[str], researcher_id: str) -> list[str]:
        """Take threads back from somebody.

        Returns:
            The tasks that ended; all bear the same moment.

        Raises:
            DatabaseError: The database does not answer; what was written before it did not stays.
        """
        now, ended = self._store.clock(), []
        for some in in_chunks(list(dict.fromkeys(thread_ids))):
            ids = [row["assignment_id"] for row in await self._living(researcher_id, some)]
            await self._end(ids, now)
            ended += ids
        return ended

    async def take_back(self, assignment_id: str, by: str) -> list[str]:
        """Undo a giving.

        Args:
            assignment_id: One of those that `give` made.
            by: Who gave the threads: nobody else takes back.

        Returns:
            The threads that are not theirs any more.
        """
        rows = [
            row
            for row in await self.made_with(assignment_id)
            if row["assigned_by"] == by and row["ended_at"] is None
        ]
        await self._end([row["assignment_id"] for row in rows], self._store.clock())
        return [row["thread_id"] for row in rows]

    async def give_back(self, assignment_id: str, by: str) -> list[str]:
        """Undo an ending: the threads are given anew, and those that were coded still are.

        Args:
            assignment_id: One of those that `end` ended.
            by: Who gives them.

        Returns:
            The threads that are theirs again.
        """
        rows = await self.ended_with(assignment_id)
        thread_ids = [row["thread_id"] for row in rows]
        if thread_ids:
            said = {row["thread_id"]: {name: row[name] for name in _SAID} for row in rows}
            await self.give(thread_ids, rows[0]["researcher_id"], by, said)
        return thread_ids

    async def made_with(self, assignment_id: str) -> list[Row]:
        """The tasks that were given together with one, that one too."""
        return await self._at_once_with(assignment_id, _TABLE.c.created_at)

    async def ended_with(self, assignment_id: str) -> list[Row]:
        """The tasks that ended together with one, that one too."""
        return await self._at_once_with(assignment_id, _TABLE.c.ended_at)

    async def _at_once_with(self, assignment_id: str, moment: ColumnElement[Any]) -> list[Row]:
        """Those of the same person, at the same moment."""
        one = await self._rows(_TABLE.c.assignment_id == assignment_id)
        when = one[0][moment.key or ""] if one else None
        if when is None:
            return []
        return await self._rows(_TABLE.c.researcher_id == one[0]["researcher_id"], moment == when)

    async def _living(self, researcher_id: str, thread_ids: Sequence[str]) -> list[Row]:
        theirs = (_TABLE.c.researcher_id == researcher_id) & _TABLE.c.thread_id.in_(thread_ids)
        return await self._rows(theirs, _TABLE.c.ended_at.is_(None))

    async def _rows(self, *which: ColumnElement[bool]) -> list[Row]:
        query = select(_TABLE).where(*which).order_by(_TABLE.c.created_at, _TABLE.c.assignment_id)
        return await self._store.rows(query)

    async def _end(self, assignment_ids: Sequence[str], at: datetime) -> None:
        for some in in_chunks(assignment_ids):
            await self._store.commit(
                *(
                    PatchRow(_TABLE.name, {"assignment_id": one}, {"ended_at": at}, while_null="ended_at")
                    for one in some
                )
            )
