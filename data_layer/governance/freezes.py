"""When a study was frozen, and each start with other files since: rows that are added and never changed."""

import uuid
from collections.abc import Mapping
from typing import Final

import structlog
from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow

log = structlog.get_logger(__name__)

_freezes: Final = schema.freezes
FROZEN: Final = "frozen"
DEVIATED: Final = "deviated"


class Freezes:
    """The freezes of the running study, and what deviates from the last.

    Args:
        store: Read from, and written through.
        study_id: Of the study that runs.
    """

    def __init__(self, store: Store, study_id: str) -> None:
        self._store = store
        self._study_id = study_id

    async def freeze(self, fingerprint: str, files: Mapping[str, str], seed_hash: str | None) -> Row:
        """Keep that the study is frozen as it is.

        Args:
            fingerprint: The study's.
            files: The SHA-256 of each of its files, by name.
            seed_hash: That of its seed; None where it assigns nobody.

        Returns:
            The row.

        Raises:
            DatabaseError: It could not be kept.
        """
        return await self._keep(FROZEN, fingerprint, files, seed_hash)

    async def started(self, fingerprint: str, files: Mapping[str, str]) -> bool:
        """The server starts: of a frozen study other files than the last time are a deviation, and kept.

        Returns:
            Whether it is one.

        Raises:
            DatabaseError: It could not be kept.
            SQLAlchemyError: The database is away.
        """
        rows = await self.rows()
        if not rows or rows[-1]["study_fingerprint"] == fingerprint:
            return False
        before = rows[-1]["files"]
        changed = sorted(name for name in {*before, *files} if before.get(name) != files.get(name))
        log.warning("study_deviates_from_its_freeze", changed=changed)
        await self._keep(DEVIATED, fingerprint, files, None)
        return True

    async def rows(self) -> list[Row]:
        """All, the oldest first."""
        order = (_freezes.c.created_at, _freezes.c.freeze_id)
        return await self._store.rows(
            select(_freezes).where(_freezes.c.study_id == self._study_id).order_by(*order)
        )

    async def _keep(
        self, event: str, fingerprint: str, files: Mapping[str, str], seed_hash: str | None
    ) -> Row:
        row: Row = {
            "freeze_id": str(uuid.uuid4()),
            "study_id": self._study_id,
            "event": event,
            "study_fingerprint": fingerprint,
            "files": dict(files),
            "seed_hash": seed_hash,
            "created_at": self._store.clock(),
        }
        await self._store.commit(InsertRow("freezes", row))
        return row
