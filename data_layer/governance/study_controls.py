"""Whether the study is open, paused or ended: kept row after row, the newest holds."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow
from study.vocabulary import StudyState

log = structlog.get_logger(__name__)

# What is known is asked for again after this: another process may have changed it.
LOOK_AGAIN: Final = timedelta(seconds=2)
SHOWN: Final = 20


class StudyControls:
    """Knows and changes the state of the study.

    Args:
        store: Read from, and written through.
        study_id: Which study; others in the same database have their own state.
    """

    def __init__(self, store: Store, study_id: str) -> None:
        self._store = store
        self._study_id = study_id
        self._known = StudyState.OPEN
        self._looked_at: datetime | None = None
        # Called with the new state where this process has changed it: its pages learn of it at once.
        self.listeners: list[Callable[[StudyState], None]] = []

    @property
    def known(self) -> StudyState:
        """The state as it was looked at last: page/chat/study_news.py looks each LOOK_AGAIN.

        Messages ask for it, for it makes none of them wait: one that waited would be overtaken by the next.
        """
        return self._known

    async def state(self) -> StudyState:
        """The state, at most LOOK_AGAIN old."""
        if self._looked_at is None or not timedelta(0) <= self._store.clock() - self._looked_at < LOOK_AGAIN:
            await self.look()
        return self._known

    async def look(self) -> StudyState:
        """Look now. While the database is away, what was known last goes on: no conversation ends with it."""
        now = self._store.clock()
        try:
            newest = await self.history(1)
        except (SQLAlchemyError, OSError) as error:
            log.warning("study_state_not_looked_up", error_type=type(error).__name__)
        else:
            # What was changed here while the database was asked is newer than its answer.
            if self._looked_at is None or self._looked_at <= now:
                self._known = StudyState(newest[0]["state"]) if newest else StudyState.OPEN
                self._looked_at = now
        return self._known

    async def change(self, state: StudyState, researcher_id: str | None, author: str) -> None:
        """Open, pause or end the study; for this process at once.

        Args:
            state: From now on.
            researcher_id: Who does it; None for a command of an operator's.
            author: Their name, as it now reads.

        Raises:
            DatabaseError: It could not be written: then nothing has changed.
        """
        now = self._store.clock()
        row = {
            "control_id": str(uuid.uuid4()),
            "study_id": self._study_id,
            "state": state.value,
            "researcher_id": researcher_id,
            "author": author,
            "created_at": now,
        }
        await self._store.commit(InsertRow("study_controls", row))
        self._known, self._looked_at = state, self._store.clock()
        for tell in self.listeners:
            tell(state)

    def changed_elsewhere(self) -> None:
        """Another process has changed it: whoever listens looks anew."""
        self._looked_at = None
        for tell in self.listeners:
            tell(self._known)

    async def history(self, most: int = SHOWN) -> list[Row]:
        """The newest changes, the newest first.

        Raises:
            SQLAlchemyError: The database is away.
        """
        table = schema.study_controls
        query = (
            select(table)
            .where(table.c.study_id == self._study_id)
            .order_by(table.c.created_at.desc(), table.c.control_id)
            .limit(most)
        )
        return await self._store.rows(query)
