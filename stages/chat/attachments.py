"""A message's files: checked before it is heard, kept in its own transaction, given to the agent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import Connection, bindparam, select

from agent.context import Attachment
from data_layer.conversations.attachments import Pending, element_of
from data_layer.conversations.elements import element_row
from data_layer.database import schema
from data_layer.database.files import FileStore
from data_layer.database.rows import Row, rows_of
from data_layer.record import Record
from data_layer.writing.writes import InsertRow
from stages.chat.away import AWAY
from stages.screen import Screen
from stages.spoken import Spoken
from study.errors import WriteRefused
from study.participation import AttachmentRules
from study.reasons import Reason

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """The files that a message has taken along.

    Args:
        writes: Their elements, for the message's own transaction.
        names: As the participant reads them.
        pending: The same, while they were waiting.
        missing: One or more are no longer there.
    """

    writes: list[InsertRow] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    missing: bool = False

    @property
    def names(self) -> str:
        """Their names, for a thread that begins without words."""
        return ", ".join(one.name for one in self.pending)

    async def show(self, screen: Screen) -> None:
        """Show them under their message, and say when one is not there."""
        for write in self.writes:
            await screen.show_element(write.row)
        if self.missing:
            await screen.say(screen.strings("attachments.gone"))


class MessageFiles:
    """What participants attach to their messages.

    Args:
        record: Where files wait, and where they are kept.
        allowed: By the study; None drops whatever comes.
    """

    def __init__(self, record: Record, allowed: AttachmentRules | None) -> None:
        self._record = record
        self._allowed = allowed

    async def known(self, participant_id: str, message_id: str, ids: Sequence[str]) -> tuple[str, ...]:
        """Those of a message's references that stand for files of its participant.

        Args:
            participant_id: Who sends it.
            message_id: The message: sent once more, it has its files already.
            ids: What the page says.

        Returns:
            Them, each once; also those that are gone by now, as long as one of them is not.

        Raises:
            WriteRefused: They are more than a message may have.
        """
        if self._allowed is None or not ids:
            return ()
        wanted = tuple(dict.fromkeys(ids))
        if len(wanted) > self._allowed.max_files:
            raise WriteRefused(Reason.TOO_MANY_FILES)
        for one in wanted:
            if await asyncio.to_thread(self._record.attachments.find, participant_id, one):
                return wanted
        return wanted if await self._is_in(message_id, wanted) else ()

    async def take(self, spoken: Spoken) -> Taken:
        """Move a message's files to where they stay.

        Returns:
            What is to be written with the message.
        """
        taken = Taken()
        missing = False
        for one in spoken.files:
            pending, file = await asyncio.to_thread(self._move, spoken.participant_id, one)
            if pending is None or file is None:
                missing = missing or not await self._is_in(spoken.message_id, (one,))
                continue
            write = element_of(
                pending,
                file,
                thread_id=spoken.thread_id,
                message_id=spoken.message_id,
                seq=self._record.take_order(),
                at=self._record.now(),
            )
            taken.writes.append(write)
            taken.pending.append(pending)
        return Taken(taken.writes, taken.pending, missing)

    async def committed(self, taken: Taken) -> None:
        """A message and its files are kept: they wait no longer."""
        for pending in taken.pending:
            await asyncio.to_thread(self._record.attachments.forget, pending)

    async def refused(self, taken: Taken) -> None:
        """A message was refused: what came with it is not kept either, unless its row went in."""
        for write in taken.writes:
            if not await self._is_in(str(write.row["message_id"]), (str(write.row["element_id"]),)):
                await asyncio.to_thread(self._record.files.remove, str(write.row["file"]))

    def _move(self, participant_id: str, attachment_id: str) -> tuple[Pending | None, str | None]:
        try:
            pending = self._record.attachments.find(participant_id, attachment_id)
            return pending, self._record.attachments.take(pending) if pending else None
        except OSError as error:  # The words are kept, whatever becomes of a file.
            log.error("attachment_not_kept", error_type=type(error).__name__)
            return None, None

    async def _is_in(self, message_id: str, ids: Sequence[str]) -> bool:
        try:
            rows = [await element_row(self._record.database, one) for one in ids]
        except AWAY:
            return True  # It cannot be known: better a late copy than lost words.
        return any(row is not None and row["message_id"] == message_id for row in rows)


async def bring_attached(record: Record, thread_id: str) -> None:
    """See that what stands attached to a thread's messages lies here, for an agent to read.

    Raises:
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """
    if not record.files.is_elsewhere:
        return
    rows = await record.database.read(
        lambda connection: rows_of(connection, _ATTACHED, {"thread": thread_id})
    )
    for row in rows:
        try:
            await asyncio.to_thread(record.files.bring, row["file"])
        except OSError as error:  # The agent is told that it is not there.
            log.error("attachment_not_fetched", error_type=type(error).__name__)


def attachments_of(
    connection: Connection, files: FileStore, thread_id: str
) -> dict[str, tuple[Attachment, ...]]:
    """What stands attached to a thread's messages, as an agent gets it, by message."""
    found: dict[str, tuple[Attachment, ...]] = {}
    for row in rows_of(connection, _ATTACHED, {"thread": thread_id}):
        found[row["message_id"]] = (*found.get(row["message_id"], ()), _attachment(row, files))
    return found


_elements = schema.elements
# Built once: every message asks it.
_ATTACHED: Final = (
    select(_elements)
    .where(_elements.c.thread_id == bindparam("thread"), _elements.c.deleted_at.is_(None))
    .where(_elements.c.message_id.is_not(None), _elements.c.file.is_not(None))
    .order_by(_elements.c.seq)
)


def _attachment(row: Row, files: FileStore) -> Attachment:
    return Attachment(
        name=row["name"],
        mime=row["mime"] or "",
        sha256=row["sha256"] or "",
        path=files.path_of(row["file"]),
    )
