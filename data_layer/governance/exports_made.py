"""Which exports were made in the room or by night: who, when, of what, and what became of them."""

import uuid
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow
from study.vocabulary import ExportState

SHOWN: Final = 50
# Whoever makes one says every few seconds that it is alive. Its loop is never held up for so long.
SILENT_FOR: Final = timedelta(seconds=60)


class ExportsMade:
    """Keeps the list.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, researcher_id: str | None, name: str, options: Row) -> str:
        """An export begins.

        Args:
            researcher_id: Of whoever asks; None for a command of an operator's.
            name: Who asks.
            options: For what.

        Returns:
            Its id, which names its folder.
        """
        export_id = str(uuid.uuid4())
        await self.begin_as(export_id, researcher_id, name, options)
        return export_id

    async def begin_as(self, export_id: str, researcher_id: str | None, name: str, options: Row) -> bool:
        """An export begins, under an id that whoever asks has for it.

        Args:
            export_id: Its id.
            researcher_id: As of `begin`.
            name: Likewise.
            options: Likewise.

        Returns:
            Whether it does: False when one with this id was begun before, by this process or by another.
        """
        if await self.one(export_id) is not None:
            return False
        now = self._store.clock()
        row = {
            "export_id": export_id,
            "researcher_id": researcher_id,
            "name": name,
            "options": options,
            "state": ExportState.RUNNING.value,
            "created_at": now,
            "beat_at": now,
        }
        await self._store.writer.submit(InsertRow("exports", row))
        there = await self.one(export_id)
        # A row that is there already stays as it is: of two at once the first one's moment is kept.
        return there is None or there["created_at"] == now

    async def beat(self, export_id: str, progress: Row) -> bool:
        """It is still being made: by this process, as all others see.

        Args:
            export_id: Which.
            progress: How far it is, for whoever draws it.

        Returns:
            Whether anybody waits for it; False when it was stopped, or taken for lost.
        """
        changes = {"beat_at": self._store.clock(), "progress": progress}
        await self._store.writer.submit(
            PatchRow("exports", {"export_id": export_id}, changes, while_null="ended_at")
        )
        row = await self.one(export_id)
        return row is not None and row["ended_at"] is None

    def is_lost(self, row: Row) -> bool:
        """Whether nobody makes an export any more that is shown as running."""
        silent = self._store.clock() - (row["beat_at"] or row["created_at"])
        return bool(row["state"] == ExportState.RUNNING.value and silent > SILENT_FOR)

    async def done(self, export_id: str, **figures: Any) -> None:
        """It is whole: row_count, table_count, zip_bytes, zip_sha256."""
        await self._end(export_id, {"state": ExportState.DONE.value, **figures})

    async def failed(self, export_id: str, problem: str) -> None:
        """It is not, and why."""
        await self._end(export_id, {"state": ExportState.FAILED.value, "problem": problem})

    async def deleted(self, export_id: str) -> None:
        """Its files are gone."""
        key = {"export_id": export_id}
        await self._store.writer.submit(
            PatchRow("exports", key, {"deleted_at": self._store.clock()}, while_null="deleted_at")
        )

    async def all(self) -> list[Row]:
        """The newest exports, the newest first."""
        table = schema.exports
        query = select(table).order_by(table.c.created_at.desc(), table.c.export_id).limit(SHOWN)
        return await self._store.rows(query)

    async def nightly(self) -> list[Row]:
        """Those that no researcher asked for, whole and with their files, the newest first."""
        table = schema.exports
        done = table.c.state == ExportState.DONE.value
        query = select(table).where(table.c.researcher_id.is_(None), table.c.deleted_at.is_(None), done)
        async with self._store.database.engine.connect() as connection:
            ordered = query.order_by(table.c.created_at.desc(), table.c.export_id)
            return [dict(row) for row in (await connection.execute(ordered)).mappings()]

    async def one(self, export_id: str) -> Row | None:
        """One export."""
        query = select(schema.exports).where(schema.exports.c.export_id == export_id)
        return await self._store.first(query)

    async def _end(self, export_id: str, changes: Row) -> None:
        row = {**changes, "ended_at": self._store.clock()}
        await self._store.writer.submit(
            PatchRow("exports", {"export_id": export_id}, row, while_null="ended_at")
        )
