"""Links with which participants let others read a thread as it stood.

Who has a link's token reads; here is only its SHA-256, so that whoever sees the database opens nothing.
"""

import hashlib
import re
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select, tuple_

from data_layer.conversations import intents
from data_layer.conversations.elements import element_row
from data_layer.conversations.forms import form_as_of
from data_layer.conversations.paging import whole_thread
from data_layer.conversations.threads import ThreadRecord, owner_of, step_row
from data_layer.database import schema
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import Status

# Of one thread, at a time.
MOST: Final = 20

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes
_shares = schema.shares


@dataclass(frozen=True)
class NewShare:
    """A share that was just made; nobody will see its token again.

    Args:
        row: The row of `shares`.
        token: For the link.
    """

    row: Row
    token: str


class TooManyShares(Exception):
    """A thread has as many links as it may have."""


class Shares:
    """Makes, finds and ends shares.

    Args:
        store: Read from, and written through.
        event: Makes a row of `events` (Record.event).
    """

    def __init__(self, store: Store, event: Callable[..., InsertRow]) -> None:
        self._store = store
        self._event = event

    async def make(
        self, by: str, thread_id: str, days: int, *, share_id: str | None = None, token: str | None = None
    ) -> NewShare:
        """Share a thread as it now stands.

        Args:
            by: The participant whose thread it must be.
            thread_id: Which.
            days: How long the link works.
            share_id: Its id, for whoever may ask twice: what was made under it before is made once.
            token: For the link; then it is the same each time too. None for a random one.

        Raises:
            WriteRefused: There is no such thread of theirs.
            TooManyShares: There are MOST links to it already.
        """
        known = await self.of_thread(by, thread_id)
        made = None if share_id is None else await self._row(_shares.c.share_id == share_id)
        token, now = token or secrets.token_urlsafe(32), self._store.clock()
        if made is not None:
            return NewShare(made, token)
        if len(known) >= MOST:
            raise TooManyShares
        row = {
            "share_id": share_id or str(uuid.uuid4()),
            "thread_id": thread_id,
            "participant_id": by,
            "token_hash": _hash(token),
            "last_seq": await self._last_seq(thread_id),
            "created_at": now,
            "expires_at": now + timedelta(days=days),
            "revoked_at": None,
        }
        said = {"share_id": row["share_id"], "last_seq": row["last_seq"]}
        event = self._event("thread_shared", payload=said, thread_id=thread_id, participant_id=by)
        await self._store.writer.submit(InsertRow("shares", row), event)
        return NewShare(row, token)

    async def of_thread(self, by: str, thread_id: str) -> list[Row]:
        """The links to a thread that work, the newest first.

        Raises:
            WriteRefused: There is no such thread of theirs.
        """
        if await owner_of(self._store.database, thread_id) != by:
            raise WriteRefused(Reason.NO_THREAD)
        query = (
            select(_shares)
            .where(_shares.c.thread_id == thread_id, _shares.c.participant_id == by)
            .where(_shares.c.revoked_at.is_(None), _shares.c.expires_at > self._store.clock())
            .order_by(_shares.c.created_at.desc(), _shares.c.share_id)
        )
        return await self._store.rows(query)

    async def end(self, by: str, thread_id: str, share_id: str) -> None:
        """Stop a link from working. Doing it twice does no more.

        Raises:
            WriteRefused: There is no such link of theirs.
        """
        row = await self._row(_shares.c.share_id == share_id) if is_uuid(share_id) else None
        if row is None or row["participant_id"] != by or row["thread_id"] != thread_id:
            raise WriteRefused(Reason.NO_SHARE)
        if row["revoked_at"] is not None:
            return
        event = self._event(
            "share_revoked", payload={"share_id": share_id}, thread_id=thread_id, participant_id=by
        )
        changes = {"revoked_at": self._store.clock()}
        await self._store.writer.submit(
            PatchRow("shares", {"share_id": share_id}, changes, "revoked_at"), event
        )

    async def read(self, token: str) -> list[ThreadRecord]:
        """What a link shows: what stood when it was made and stands still, as it then read.

        Returns:
            The thread in pieces; none when the link is wrong, ended or expired, or the thread was deleted.
        """
        row = await self._working(token)
        if row is None:
            return []
        pieces = await whole_thread(self._store.database, row["thread_id"], row["last_seq"])
        told = await intents.lines(self._store.database, row["thread_id"], row["created_at"])
        return [replace(await self._as_shared(piece, row), intents=told) for piece in pieces]

    async def element(self, token: str, element_id: str) -> Row | None:
        """An element that stands with a message which a link shows; None for every other."""
        row = await self._working(token)
        element = await element_row(self._store.database, element_id)
        if (
            row is None
            or element is None
            or element["deleted_at"]
            or element["thread_id"] != row["thread_id"]
        ):
            return None
        message = await step_row(self._store.database, element["message_id"] or "")
        owner = await owner_of(self._store.database, row["thread_id"])
        if message is None or message["deleted_at"] or message["seq"] > row["last_seq"] or owner is None:
            return None
        return None if await self._said_since([message], row) else element

    async def _working(self, token: str) -> Row | None:
        # Every token that could be one costs the same look-up.
        row = await self._row(_shares.c.token_hash == _hash(token)) if _TOKEN.fullmatch(token) else None
        if row is None or row["revoked_at"] is not None or row["expires_at"] <= self._store.clock():
            return None
        return row

    async def _as_shared(self, piece: ThreadRecord, share: Row) -> ThreadRecord:
        """Without what was edited since: neither what it said, which left the screen, nor what it says."""
        later = await self._said_since(piece.steps, share)
        steps = [row for row in piece.steps if row["step_id"] not in later]
        shown = {row["step_id"] for row in steps}
        return replace(
            piece,
            steps=steps,
            elements=[one for one in piece.elements if one["message_id"] in shown],
            ratings=[],
            earlier=None,
            forms=[form_as_of(one, share["created_at"]) for one in piece.forms],
        )

    async def _said_since(self, steps: Sequence[Row], share: Row) -> set[str]:
        """Those of some steps whose text came after a share was made."""
        changed = [(row["step_id"], row["revision"]) for row in steps if row["revision"] > 1]
        revisions = schema.step_revisions
        query = (
            select(revisions.c.step_id)
            .where(tuple_(revisions.c.step_id, revisions.c.revision).in_(changed))
            .where(revisions.c.created_at > share["created_at"])
        )
        if not changed:
            return set()
        async with self._store.database.engine.connect() as connection:
            return set((await connection.execute(query)).scalars())

    async def _last_seq(self, thread_id: str) -> int:
        """The last step that is whole: of a reply that still grows, nobody has agreed to share the rest."""
        steps = schema.steps
        living = (steps.c.thread_id == thread_id) & steps.c.deleted_at.is_(None)
        growing = living & (steps.c.status == Status.STREAMING.value)
        async with self._store.database.engine.connect() as connection:
            first: int | None = await connection.scalar(select(func.min(steps.c.seq)).where(growing))
            last: int | None = await connection.scalar(select(func.max(steps.c.seq)).where(living))
        return first - 1 if first is not None else last or 0

    async def _row(self, condition: Any) -> Row | None:
        query = select(_shares).where(condition)
        return await self._store.first(query)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
