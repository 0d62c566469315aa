"""Which exports were made in the room: who, when, of what, and what became of them."""

import uuid
from typing import Any, Final

from sqlalchemy import select

from data_layer import schema
from data_layer.engine import Database
from data_layer.order import Clock
from data_layer.writer import Writer
from data_layer.writes import InsertRow, PatchRow, Row
from study.vocabulary import ExportState

SHOWN: Final = 50


class ExportsMade:
    """Keeps the list.

    Args:
        database: Where it is.
        writer: Told of changes.
        clock: The time.
    """

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def begin(self, researcher_id: str, name: str, options: Row) -> str:
        """An export begins.

        Returns:
            Its id, which names its folder.
        """
        export_id = str(uuid.uuid4())
        row = {
            "export_id": export_id,
            "researcher_id": researcher_id,
            "name": name,
            "options": options,
            "state": ExportState.RUNNING.value,
            "created_at": self._clock(),
        }
        await self._writer.submit(InsertRow("exports", row))
        return export_id

    async def done(self, export_id: str, **figures: Any) -> None:
        """It is whole: row_count, table_count, zip_bytes, zip_sha256."""
        await self._end(export_id, {"state": ExportState.DONE.value, **figures})

    async def failed(self, export_id: str, problem: str) -> None:
        """It is not, and why."""
        await self._end(export_id, {"state": ExportState.FAILED.value, "problem": problem})

    async def deleted(self, export_id: str) -> None:
        """Its files are gone."""
        key = {"export_id": export_id}
        await self._writer.submit(
            PatchRow("exports", key, {"deleted_at": self._clock()}, while_null="deleted_at")
        )

    async def all(self) -> list[Row]:
        """The newest exports, the newest first."""
        table = schema.exports
        query = select(table).order_by(table.c.created_at.desc(), table.c.export_id).limit(SHOWN)
        async with self._database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def one(self, export_id: str) -> Row | None:
        """One export."""
        query = select(schema.exports).where(schema.exports.c.export_id == export_id)
        async with self._database.engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return dict(row) if row else None

    async def _end(self, export_id: str, changes: Row) -> None:
        row = {**changes, "ended_at": self._clock()}
        await self._writer.submit(PatchRow("exports", {"export_id": export_id}, row, while_null="ended_at"))
