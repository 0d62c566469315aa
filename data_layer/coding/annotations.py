"""Annotations: the codes and notes that researchers put on threads, turns and spans of messages."""

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from data_layer.coding.annotation_shapes import (
    EMPTY,
    WHERE,
    Annotation,
    AnnotationPlace,
    annotation_of,
    checked_note,
)
from data_layer.database import schema
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row, in_chunks
from data_layer.writing.coding_writes import PutAnnotation
from data_layer.writing.store import Store
from data_layer.writing.writes import PatchRow, Write
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import MESSAGE_TYPES, AnnotationTarget, ThreadState

_table, _steps, _threads, _codes = schema.annotations, schema.steps, schema.threads, schema.codes


class Annotations:
    """Puts annotations, and takes them away.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        # Two presses at once would both find that the code is not given yet.
        self._one_at_a_time = asyncio.Lock()

    async def of_thread(self, thread_id: str, by: str | None = None) -> list[Annotation]:
        """The living annotations of a thread, the first made first.

        Args:
            thread_id: The thread.
            by: Only this researcher's, when given.
        """
        query = select(_table).where(_table.c.thread_id == thread_id, _table.c.deleted_at.is_(None))
        if by is not None:
            query = query.where(_table.c.researcher_id == by)
        rows = await self._store.rows(query.order_by(_table.c.created_at, _table.c.annotation_id))
        return [annotation_of(row) for row in rows]

    async def give_code(self, place: AnnotationPlace, code_id: str, researcher_id: str, author: str) -> str:
        """Give a code. Where this researcher has given it already, nothing is added.

        Returns:
            The annotation's id.

        Raises:
            WriteRefused: There is no such place or living code, or the message reads otherwise by now.
            DatabaseError: The database does not answer.
        """
        async with self._one_at_a_time:
            row = await self._place(place) | await self._code(code_id)
            same = select(_table.c.annotation_id).where(
                *(_table.c[name] == row[name] for name in (*WHERE, "code_id")),
                _table.c.researcher_id == researcher_id,
                _table.c.deleted_at.is_(None),
            )
            for there in await self._store.rows(same.limit(1)):
                return str(there["annotation_id"])
            return (await self._put([row], researcher_id, author))[0]

    async def give_code_to_threads(
        self, thread_ids: Sequence[str], code_id: str, researcher_id: str, author: str
    ) -> list[str]:
        """Give a code to many threads; those that have it from this researcher already are passed over.

        Returns:
            The ids of the annotations, for `remove` to undo it.

        Raises:
            WriteRefused: There is no such living code.
            DatabaseError: The database does not answer.
        """
        async with self._one_at_a_time:
            code = await self._code(code_id)
            bare: Row = dict.fromkeys(WHERE) | {"target": AnnotationTarget.THREAD.value} | code
            have = (
                select(_table.c.thread_id)
                .where(_table.c.code_id == code_id, _table.c.researcher_id == researcher_id)
                .where(_table.c.target == AnnotationTarget.THREAD.value, _table.c.deleted_at.is_(None))
            )
            can = select(_threads.c.thread_id).where(_threads.c.state != ThreadState.WITHDRAWN.value)
            having = {row["thread_id"] for row in await self._in(have, _table.c.thread_id, thread_ids)}
            able = {row["thread_id"] for row in await self._in(can, _threads.c.thread_id, thread_ids)}
            chosen = [one for one in dict.fromkeys(thread_ids) if one in able - having]
            rows = [bare | {"thread_id": one} for one in chosen]
            return await self._put(rows, researcher_id, author) if rows else []

    async def write_note(self, place: AnnotationPlace, note: str, researcher_id: str, author: str) -> str:
        """Write a note.

        Returns:
            The annotation's id.

        Raises:
            CodingError: It is empty, or too long.
            WriteRefused: There is no such place, or the message reads otherwise by now.
            DatabaseError: The database does not answer.
        """
        said = checked_note(note)
        return (await self._put([await self._place(place) | {"note": said}], researcher_id, author))[0]

    async def change_note(self, annotation_id: str, note: str, researcher_id: str, author: str) -> str:
        """Put another note in the place of one; `bring_back` of the old one undoes it.

        Returns:
            The new annotation's id, or the old one's where it says the same.

        Raises:
            CodingError: It is empty, or too long.
            WriteRefused: There is no such living note of this researcher's.
            DatabaseError: The database does not answer.
        """
        said = checked_note(note)
        async with self._one_at_a_time:
            found = await self._store.rows(select(_table).where(_table.c.annotation_id == annotation_id))
            old = found[0] if found else None
            if (
                old is None
                or old["deleted_at"]
                or old["note"] is None
                or old["researcher_id"] != researcher_id
            ):
                raise WriteRefused(Reason.NO_NOTE)
            if old["note"] == said:
                return annotation_id
            row = {name: old[name] for name in WHERE} | {"note": said, "replaces": annotation_id}
            return (await self._put([row], researcher_id, author))[0]

    async def remove(
        self,
        annotation_ids: Sequence[str],
        researcher_id: str,
        *,
        only_own: bool = False,
        thread_id: str | None = None,
    ) -> list[str]:
        """Take annotations away; the rows stay.

        Args:
            annotation_ids: Which; unknown ones and those that are gone are passed over.
            researcher_id: Who takes them.
            only_own: Only those that this researcher made.
            thread_id: Only in this thread, when given.

        Returns:
            The ids of those that are gone with this, for `bring_back` to undo it.

        Raises:
            DatabaseError: The database does not answer.
        """
        query = select(_table.c.annotation_id).where(_table.c.deleted_at.is_(None))
        ids = await self._which(query, annotation_ids, researcher_id if only_own else None, thread_id)
        gone = {"deleted_at": self._store.clock(), "deleted_by": researcher_id}
        await self._put_all(
            [PatchRow("annotations", {"annotation_id": one}, gone, "deleted_at") for one in ids]
        )
        return ids

    async def bring_back(
        self,
        annotation_ids: Sequence[str],
        researcher_id: str,
        *,
        only_own: bool = False,
        thread_id: str | None = None,
    ) -> list[str]:
        """Bring back what was taken away. What has taken its place since then goes.

        Args:
            annotation_ids: Which; unknown ones and those that are there are passed over.
            researcher_id: Who brings them back.
            only_own: Only those that this researcher made, and took away.
            thread_id: Only in this thread, when given.

        Returns:
            The ids of those that are there again with this.

        Raises:
            DatabaseError: The database does not answer.
        """
        query = select(_table.c.annotation_id).where(_table.c.deleted_at.is_not(None))
        if only_own:
            query = query.where(_table.c.deleted_by == researcher_id)
        ids = await self._which(query, annotation_ids, researcher_id if only_own else None, thread_id)
        heirs = select(_table.c.annotation_id).where(_table.c.deleted_at.is_(None))
        gone = {"deleted_at": self._store.clock(), "deleted_by": researcher_id}
        there: Row = {"deleted_at": None, "deleted_by": None, "returned_at": self._store.clock()}
        await self._put_all(
            [
                PatchRow("annotations", {"annotation_id": row["annotation_id"]}, gone, "deleted_at")
                for row in await self._in(heirs, _table.c.replaces, ids)
            ]
            + [PatchRow("annotations", {"annotation_id": one}, there) for one in ids]
        )
        return ids

    async def places(self, thread_id: str, annotation_ids: Sequence[str]) -> list[str | None]:
        """The messages that annotations of a thread stand on, gone ones too; None for the thread itself."""
        query = select(_table.c.step_id).where(_table.c.thread_id == thread_id)
        return [row["step_id"] for row in await self._in(query, _table.c.annotation_id, annotation_ids)]

    async def counts(self, by: str | None = None) -> dict[str, tuple[int, int]]:
        """Of each code that is given: how often, and in how many threads.

        Args:
            by: Only by this researcher, when given.
        """
        query = (
            select(_table.c.code_id, func.count(), func.count(_table.c.thread_id.distinct()))
            .where(_table.c.deleted_at.is_(None), _table.c.code_id.is_not(None))
            .group_by(_table.c.code_id)
        )
        if by is not None:
            query = query.where(_table.c.researcher_id == by)
        async with self._store.database.engine.connect() as connection:
            return {row[0]: (row[1], row[2]) for row in await connection.execute(query)}

    async def imported_counts(self, by: str | None = None) -> dict[str, int]:
        """Of each code that is given in imported threads: how often there.

        Args:
            by: Only by this researcher, when given.
        """
        held = schema.imports
        query = (
            select(_table.c.code_id, func.count())
            .select_from(held.join(_table, _table.c.thread_id == held.c.thread_id))
            .where(_table.c.deleted_at.is_(None), _table.c.code_id.is_not(None))
            .group_by(_table.c.code_id)
        )
        if by is not None:
            query = query.where(_table.c.researcher_id == by)
        async with self._store.database.engine.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def _which(
        self, query: Select[Any], ids: Sequence[str], by: str | None, thread_id: str | None
    ) -> list[str]:
        if by is not None:
            query = query.where(_table.c.researcher_id == by)
        if thread_id is not None:
            query = query.where(_table.c.thread_id == thread_id)
        found = {row["annotation_id"] for row in await self._in(query, _table.c.annotation_id, ids)}
        return [one for one in dict.fromkeys(ids) if one in found]

    async def _place(self, place: AnnotationPlace) -> Row:
        """The columns that say where; the words of a span are read from the record, never taken on trust."""
        row: Row = dict.fromkeys(WHERE) | {"thread_id": place.thread_id, "target": place.target.value}
        if place.step_id is None:
            return row
        query = select(_steps.c.turn, _steps.c.revision, _steps.c.output).where(
            _steps.c.step_id == (place.step_id if is_uuid(place.step_id) else ""),
            _steps.c.thread_id == place.thread_id,
            _steps.c.type.in_([kind.value for kind in MESSAGE_TYPES]),
        )
        found = await self._store.rows(query)
        if not found:
            raise WriteRefused(Reason.NO_MESSAGE)
        step = found[0]
        row |= {"step_id": place.step_id, "turn": step["turn"], "revision": step["revision"]}
        if place.span is None:
            return row
        start, end = place.span
        if place.revision != step["revision"] or not 0 <= start < end <= len(step["output"]):
            raise WriteRefused(Reason.READS_OTHERWISE)
        return row | {"start_offset": start, "end_offset": end, "quote": step["output"][start:end]}

    async def _code(self, code_id: str) -> Row:
        newest = select(_codes).where(_codes.c.code_id == code_id).order_by(_codes.c.codebook_version.desc())
        found = await self._store.rows(newest.limit(1))
        if not found or found[0]["retired_at"] is not None:
            raise WriteRefused(Reason.NO_LIVING_CODE)
        version = await self._store.rows(select(func.max(_codes.c.codebook_version).label("version")))
        return {"code_id": code_id, "codebook_version": version[0]["version"]}

    async def _put(self, places: Iterable[Row], researcher_id: str, author: str) -> list[str]:
        whose = {"researcher_id": researcher_id, "author": author, "created_at": self._store.clock()}
        rows = [EMPTY | place | whose | {"annotation_id": str(uuid.uuid4())} for place in places]
        await self._put_all([PutAnnotation(row) for row in rows])
        return [row["annotation_id"] for row in rows]

    async def _put_all(self, writes: Sequence[Write]) -> None:
        for some in in_chunks(writes):
            await self._store.commit(*some)

    async def _in(self, query: Select[Any], column: Any, ids: Sequence[str]) -> list[Row]:
        wanted = [one for one in dict.fromkeys(ids) if is_uuid(one)]
        found: list[Row] = []
        for some in in_chunks(wanted):
            found += await self._store.rows(query.where(column.in_(some)))
        return found
