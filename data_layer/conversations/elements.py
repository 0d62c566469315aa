"""Elements: files and other things that stand beside a message."""

import asyncio
from typing import Any, Final

from sqlalchemy import select

from data_layer.conversations.threads import owner_of, thread_row
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.files import FileStore
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow
from study.errors import WriteRefused
from study.reasons import Reason
from study.text import storable, storable_json

# What a second put of an element changes.
_RENEWED: Final = ("props", "display", "message_id", "file", "size_bytes", "sha256")


class Elements:
    """Keeps elements.

    Args:
        store: Read from, and written through.
        files: Where the bytes go.
    """

    def __init__(self, store: Store, files: FileStore) -> None:
        self._store = store
        self._files = files

    async def put(self, by: str | None, order: int, row: Row, content: bytes | None) -> None:
        """Keep an element; a second put of the same one renews its properties.

        Args:
            by: The participant in whose thread it must stand; None is the app.
            order: Its place in the thread.
            row: Columns of `elements`.
            content: The file's bytes, if it has some.

        Raises:
            WriteRefused: An id is not a UUID, or the thread or the element is somebody else's.
            OSError: The file cannot be written.
        """
        element_id, thread_id = row["element_id"], row["thread_id"]
        if not is_uuid(element_id) or not is_uuid(thread_id):
            raise WriteRefused(Reason.NO_ID)
        thread = await thread_row(self._store.database, thread_id)
        old = await element_row(self._store.database, element_id)
        owner = thread["participant_id"] if thread else None
        if (by is not None and owner not in (None, by)) or (old and old["thread_id"] != thread_id):
            raise WriteRefused(Reason.ELEMENT_ELSEWHERE)
        new: dict[str, Any] = {
            **row,
            "name": storable(row["name"]),
            "props": storable_json(row.get("props")),
            "seq": order,
            "created_at": self._store.clock(),
        }
        # A file that was shown once stays as it was.
        if content is not None and not (old and old["file"]):
            kept = await asyncio.to_thread(self._files.keep, element_id, content)
            new |= {"file": kept.file, "size_bytes": kept.size_bytes, "sha256": kept.sha256}
        changes = {name: new[name] for name in _RENEWED if new.get(name) is not None}
        outcome = await self._store.writer.submit(
            InsertRow("elements", new), PatchRow("elements", {"element_id": element_id}, changes)
        )
        if outcome.refused is not None and new.get("file") and not (old and old["file"]):
            # Their participant has withdrawn since.
            await asyncio.to_thread(self._files.remove, new["file"])

    async def delete(self, by: str | None, element_id: str, thread_id: str | None) -> None:
        """Take an element off the screen; row and file stay.

        Raises:
            WriteRefused: It is not in a thread of theirs.
        """
        row = await element_row(self._store.database, element_id)
        owner = await owner_of(self._store.database, row["thread_id"]) if row else None
        if row is None or (thread_id and row["thread_id"] != thread_id) or (by is not None and owner != by):
            raise WriteRefused(Reason.NO_ELEMENT)
        changes = {"deleted_at": self._store.clock(), "deleted_by": by}
        await self._store.writer.submit(
            PatchRow("elements", {"element_id": element_id}, changes, "deleted_at")
        )


async def element_row(database: Database, element_id: str) -> Row | None:
    """One element, deleted or not; None for an id that cannot be one."""
    if not is_uuid(element_id):
        return None
    query = select(schema.elements).where(schema.elements.c.element_id == element_id)
    async with database.connect() as connection:
        row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None
