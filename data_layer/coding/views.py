"""Saved views: a search and its filters under a name, one's own or shared."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select

from data_layer.database import schema
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow
from study.errors import ViewError
from study.text import beginning, is_blank, storable

NAME_LENGTH: Final = 60
# Of one researcher. They stand in a row above the table: more are no help to anybody.
MOST: Final = 40
_TABLE: Final = schema.saved_views


@dataclass(frozen=True)
class SavedView:
    """A search and its filters.

    Args:
        view_id: Of the view.
        name: As its researcher wrote it.
        query: The fields of data_layer/review/filter_fields.py that narrow, and `sort`, as they were written.
        is_shared: With all who read every thread.
        researcher_id: Whose it is.
        author: Their name, as it read when the view was saved.
    """

    view_id: str
    name: str
    query: Mapping[str, str]
    is_shared: bool
    researcher_id: str
    author: str
    created_at: datetime


class Views:
    """Keeps the views.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def seen_by(self, researcher_id: str) -> list[SavedView]:
        """One's own views and those that are shared, by name.

        Raises:
            SQLAlchemyError: The database is away.
        """
        found = await self._living((_TABLE.c.researcher_id == researcher_id) | _TABLE.c.is_shared)
        return sorted(found, key=lambda view: (view.name.casefold(), view.created_at))

    async def one(self, view_id: str, researcher_id: str) -> SavedView | None:
        """A view that somebody sees; None when there is none."""
        if not is_uuid(view_id):
            return None
        seen = (_TABLE.c.researcher_id == researcher_id) | _TABLE.c.is_shared
        found = await self._living(_TABLE.c.view_id == view_id, seen)
        return found[0] if found else None

    async def save(
        self, name: str, query: Mapping[str, str], researcher_id: str, author: str, *, is_shared: bool = False
    ) -> str:
        """Save a view.

        Returns:
            Its view_id.

        Raises:
            ViewError: It has no name, its researcher has one of this name, or too many.
            DatabaseError: The database does not answer.
        """
        shown = await self._free(name, researcher_id)
        row: Row = {
            "view_id": str(uuid.uuid4()),
            "researcher_id": researcher_id,
            "author": author,
            "name": shown,
            "query": dict(query),
            "is_shared": is_shared,
            "created_at": self._store.clock(),
        }
        await self._store.commit(InsertRow(_TABLE.name, row))
        return str(row["view_id"])

    async def change(self, view_id: str, researcher_id: str, name: str, *, is_shared: bool) -> None:
        """Give one's own view another name, and share it or not. What is not there stays so.

        Raises:
            ViewError: It would have no name, or that of another one.
            DatabaseError: The database does not answer.
        """
        shown = await self._free(name, researcher_id, but=view_id)
        key = {"view_id": view_id, "researcher_id": researcher_id}
        changes = {"name": shown, "is_shared": is_shared}
        await self._store.commit(PatchRow(_TABLE.name, key, changes, while_null="deleted_at"))

    async def delete(self, view_id: str, researcher_id: str | None) -> None:
        """Take a view away.

        Args:
            view_id: Which.
            researcher_id: Whose it must be; None for an owner of the study, who takes anybody's.

        Raises:
            DatabaseError: The database does not answer.
        """
        key = {"view_id": view_id}
        if researcher_id is not None:
            key["researcher_id"] = researcher_id
        changes = {"deleted_at": self._store.clock()}
        await self._store.commit(PatchRow(_TABLE.name, key, changes, while_null="deleted_at"))

    async def _free(self, name: str, researcher_id: str, but: str = "") -> str:
        """A name as it is kept, when nothing else of theirs has it."""
        shown = beginning(" ".join(storable(name).split()), NAME_LENGTH).strip()
        if not shown or is_blank(shown):
            raise ViewError("A view needs a name. Write a few words that you will know it by.")
        own = await self._living(_TABLE.c.researcher_id == researcher_id)
        if any(view.name.casefold() == shown.casefold() and view.view_id != but for view in own):
            raise ViewError(f"You have a view “{shown}” already. Choose another name, or delete that one.")
        if not but and len(own) >= MOST:
            raise ViewError(f"You have {MOST} views. Delete one that you do not need any more.")
        return shown

    async def _living(self, *which: ColumnElement[bool]) -> list[SavedView]:
        query = select(_TABLE).where(*which, _TABLE.c.deleted_at.is_(None))
        return [_view(row) for row in await self._store.rows(query)]


def _view(row: Row) -> SavedView:
    return SavedView(
        row["view_id"],
        row["name"],
        row["query"],
        bool(row["is_shared"]),
        row["researcher_id"],
        row["author"],
        row["created_at"],
    )
