"""Which threads a coder reads: who gave them, since when, and until when."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from data_layer import schema
from data_layer.engine import Database
from data_layer.order import Clock
from data_layer.writer import Writer
from data_layer.writes import InsertRow, PatchRow, Row
from study.errors import DatabaseError

_TABLE: Final = schema.coding_assignments
# Rows of one transaction, and ids of one question: what a participant's message waits for at most.
_AT_ONCE: Final = 500


class Assignments:
    """Gives threads to coders, and takes them back; each giving is a row that stays.

    Args:
        database: Where they are.
        writer: Told of changes.
        clock: The time.
    """

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def is_assigned(self, thread_id: str, researcher_id: str) -> bool:
        """Whether somebody has a thread to code, now.

        Raises:
            SQLAlchemyError: The database is away.
        """
        theirs = (_TABLE.c.researcher_id == researcher_id) & (_TABLE.c.thread_id == thread_id)
        query = select(_TABLE.c.assignment_id).where(theirs, _TABLE.c.ended_at.is_(None)).limit(1)
        async with self._database.engine.connect() as connection:
            return await connection.scalar(query) is not None

    async def assign(self, thread_ids: Sequence[str], researcher_id: str, by: str) -> list[str]:
        """Give threads to somebody; what they have already is passed over.

        Args:
            thread_ids: Which.
            researcher_id: Whose they will be.
            by: The researcher_id of who gives them.

        Returns:
            The assignments that were made; all bear the same moment.

        Raises:
            DatabaseError: The database does not answer; what was written before it did not stays.
        """
        now, made = self._clock(), []
        for some in _portions(thread_ids):
            known = {row["thread_id"] for row in await self._living(researcher_id, some)}
            rows = [
                {
                    "assignment_id": str(uuid.uuid4()),
                    "thread_id": thread_id,
                    "researcher_id": researcher_id,
                    "assigned_by": by,
                    "created_at": now,
                }
                for thread_id in some
                if thread_id not in known
            ]
            await self._sure(*(InsertRow(_TABLE.name, row) for row in rows))
            made += [row["assignment_id"] for row in rows]
        return [str(one) for one in made]

    async def end(self, thread_ids: Sequence[str], researcher_id: str) -> list[str]:
        """Take threads back from somebody.

        Returns:
            The assignments that ended; all bear the same moment.

        Raises:
            DatabaseError: The database does not answer; what was written before it did not stays.
        """
        now, ended = self._clock(), []
        for some in _portions(thread_ids):
            ids = [row["assignment_id"] for row in await self._living(researcher_id, some)]
            await self._end(ids, now)
            ended += ids
        return ended

    async def take_back(self, assignment_id: str, by: str) -> list[str]:
        """Undo a giving.

        Args:
            assignment_id: One of those that `assign` made.
            by: Who gave the threads: nobody else takes back.

        Returns:
            The threads that are not theirs any more.
        """
        rows = [
            row
            for row in await self.made_with(assignment_id)
            if row["assigned_by"] == by and row["ended_at"] is None
        ]
        await self._end([row["assignment_id"] for row in rows], self._clock())
        return [row["thread_id"] for row in rows]

    async def give_back(self, assignment_id: str, by: str) -> list[str]:
        """Undo an ending: the threads are given anew.

        Args:
            assignment_id: One of those that `end` ended.
            by: Who gives them.

        Returns:
            The threads that are theirs again.
        """
        rows = await self.ended_with(assignment_id)
        thread_ids = [row["thread_id"] for row in rows]
        if thread_ids:
            await self.assign(thread_ids, rows[0]["researcher_id"], by)
        return thread_ids

    async def coders_of(self, thread_ids: Sequence[str]) -> dict[str, list[str]]:
        """Who has threads to code.

        Returns:
            Of each thread that somebody has: their researcher_ids, the first to get it first.
        """
        found: dict[str, list[str]] = {}
        for some in _portions(thread_ids):
            for row in await self._rows(_TABLE.c.thread_id.in_(some), _TABLE.c.ended_at.is_(None)):
                found.setdefault(row["thread_id"], []).append(row["researcher_id"])
        return found

    async def made_with(self, assignment_id: str) -> list[Row]:
        """The assignments that were made together with one, that one too."""
        return await self._at_once_with(assignment_id, _TABLE.c.created_at)

    async def ended_with(self, assignment_id: str) -> list[Row]:
        """The assignments that ended together with one, that one too."""
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
        async with self._database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def _end(self, assignment_ids: Sequence[str], at: datetime) -> None:
        for some in _portions(assignment_ids):
            await self._sure(
                *(
                    PatchRow(_TABLE.name, {"assignment_id": one}, {"ended_at": at}, while_null="ended_at")
                    for one in some
                )
            )

    async def _sure(self, *writes: InsertRow | PatchRow) -> None:
        if not writes:
            return
        outcome = await self._writer.submit(*writes)
        if outcome.refused or outcome.journaled:
            raise DatabaseError("The database does not answer. See that it runs, then try again.")


def _portions(ids: Sequence[str]) -> Iterator[list[str]]:
    """Each once, in portions."""
    each = list(dict.fromkeys(ids))
    for first in range(0, len(each), _AT_ONCE):
        yield each[first : first + _AT_ONCE]
