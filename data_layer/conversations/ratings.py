"""Ratings: every change of mind is kept."""

import asyncio
import uuid
from collections.abc import Sequence

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow, Write
from study.errors import WriteRefused
from study.reasons import Reason
from study.text import storable
from study.vocabulary import StepType


class RatingStore:
    """Puts ratings on replies.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        # Two clicks at once would both find no rating yet.
        self._one_at_a_time = asyncio.Lock()

    async def put(
        self,
        participant_id: str,
        target_id: str,
        value: int,
        comment: str | None,
        reasons: Sequence[str] = (),
    ) -> str:
        """Rate a reply, or rate it anew. What says the same again changes nothing.

        Args:
            participant_id: Who rates.
            target_id: The reply, or the run that gave it.
            value: 1 up, 0 down.
            comment: What they add.
            reasons: What they ticked, in the study file's words.

        Returns:
            The rating's id, the same through every change.

        Raises:
            WriteRefused: There is no such reply in a thread of theirs.
        """
        async with self._one_at_a_time:
            return await self._put(participant_id, target_id, value, comment, list(reasons))

    async def take_back(self, participant_id: str, message_id: str) -> None:
        """Take a rating back; what it said stays in the record.

        Raises:
            WriteRefused: There is no rating of theirs on such a reply.
        """
        async with self._one_at_a_time:
            reply = await self._reply(participant_id, message_id)
            last = await self._last(reply, participant_id)
            if last is None:
                raise WriteRefused(Reason.NO_RATING)
            key = {"rating_id": last["rating_id"], "revision": last["revision"]}
            changes = {"is_current": False, "deleted_at": self._store.clock()}
            await self._store.writer.submit(PatchRow("ratings", key, changes, "deleted_at"))

    async def _put(
        self, participant_id: str, target_id: str, value: int, comment: str | None, reasons: list[str]
    ) -> str:
        reply = await self._reply(participant_id, target_id)
        last = await self._last(reply, participant_id)
        rating_id = str(last["rating_id"]) if last else str(uuid.uuid4())
        said: Row = {
            "value": value,
            "reasons": [storable(reason) for reason in reasons] or None,
            "comment": None if comment is None else storable(comment),
        }
        if last is not None and last["is_current"] and all(last[name] == said[name] for name in said):
            return rating_id
        row = {
            "rating_id": rating_id,
            "revision": last["revision"] + 1 if last else 1,
            "thread_id": reply["thread_id"],
            "message_id": reply["step_id"],
            "run_id": reply["run_id"],
            "participant_id": participant_id,
            **said,
            "is_current": True,
            "created_at": self._store.clock(),
        }
        writes: list[Write] = [InsertRow("ratings", row)]
        if last is not None:
            key = {"rating_id": rating_id, "revision": last["revision"]}
            writes.append(PatchRow("ratings", key, {"is_current": False}))
        await self._store.writer.submit(*writes)
        return rating_id

    async def _last(self, reply: Row, participant_id: str) -> Row | None:
        ratings = schema.ratings
        query = (
            select(ratings)
            .where(ratings.c.thread_id == reply["thread_id"], ratings.c.message_id == reply["step_id"])
            .where(ratings.c.participant_id == participant_id)
            .order_by(ratings.c.revision.desc())
            .limit(1)
        )
        return await self._store.first(query)

    async def _reply(self, participant_id: str, target_id: str) -> Row:
        if not is_uuid(target_id):
            raise WriteRefused(Reason.NO_REPLY)
        steps, threads = schema.steps, schema.threads
        query = (
            select(steps.c.step_id, steps.c.thread_id, steps.c.run_id)
            .join(threads, threads.c.thread_id == steps.c.thread_id)
            .where((steps.c.step_id == target_id) | (steps.c.run_id == target_id))
            .where(steps.c.type == StepType.ASSISTANT_MESSAGE.value, steps.c.deleted_at.is_(None))
            .where(threads.c.participant_id == participant_id, threads.c.deleted_at.is_(None))
            .order_by(steps.c.seq.desc())
            .limit(1)
        )
        async with self._store.database.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise WriteRefused(Reason.NO_REPLY)
        return dict(row)
