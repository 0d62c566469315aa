"""Annotations of all threads, a page at a time: for programs, which take what is new since they came last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select

from data_layer.coding.codebook_tree import ids_below
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row, read_rows
from data_layer.database.types import is_moment
from data_layer.review.held_elsewhere import IMPORTED_HERE

_NOTES: Final = schema.annotations
_LEFT_OUT: Final = frozenset({"deleted_at", "deleted_by"})


@dataclass(frozen=True)
class AnnotationFilter:
    """Which annotations; what is None does not narrow.

    Args:
        thread_id: In this thread.
        code_id: With this code, or with one that stands under it.
        researcher_id: By this researcher.
        since: Made, or brought back, at or after this moment.
    """

    thread_id: str | None = None
    code_id: str | None = None
    researcher_id: str | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class AnnotationPage:
    """A page of them.

    Args:
        rows: As they are kept, living ones, the first made first; of each whether its thread was imported.
        next_cursor: Of the page after it; None on the last.
    """

    rows: list[Row]
    next_cursor: str | None


async def list_annotations(
    database: Database, filter: AnnotationFilter, *, size: int, cursor: str | None = None
) -> AnnotationPage:
    """Read a page.

    Args:
        database: Where they are.
        filter: Which.
        size: How many at most.
        cursor: Of the page before; one that is not ours starts from the top.

    Raises:
        SQLAlchemyError: The database is away.
    """
    query = (
        select(*(column for column in _NOTES.c if column.name not in _LEFT_OUT), IMPORTED_HERE)
        .join(schema.threads, schema.threads.c.thread_id == _NOTES.c.thread_id)
        .where(_NOTES.c.deleted_at.is_(None), *_conditions(filter))
        .order_by(_NOTES.c.created_at, _NOTES.c.annotation_id)
        .limit(size + 1)
    )
    if (place := annotation_place(cursor)) is not None:
        moment, name = place
        later = or_(_NOTES.c.created_at > moment, _NOTES.c.annotation_id > name)
        query = query.where(and_(_NOTES.c.created_at >= moment, later))
    async with database.connect() as connection:
        rows = await read_rows(connection, query)
    last = rows[size - 1] if len(rows) > size else None
    cursor = f"{last['created_at'].isoformat()}~{last['annotation_id']}" if last else None
    return AnnotationPage(rows[:size], cursor)


def annotation_place(cursor: str | None) -> tuple[datetime, str] | None:
    """Moment and id of a cursor; None when it is not ours."""
    shown, _, name = (cursor or "").partition("~")
    try:
        moment = datetime.fromisoformat(shown)
    except ValueError:
        return None
    return (moment, name) if is_uuid(name) and is_moment(moment) else None


def _conditions(filter: AnnotationFilter) -> list[Any]:
    asked: list[Any] = []
    if filter.thread_id is not None:
        asked.append(_NOTES.c.thread_id == filter.thread_id)
    if filter.code_id is not None:
        asked.append(_NOTES.c.code_id.in_(ids_below(filter.code_id)))
    if filter.researcher_id is not None:
        asked.append(_NOTES.c.researcher_id == filter.researcher_id)
    if filter.since is not None:
        asked.append(or_(_NOTES.c.created_at >= filter.since, _NOTES.c.returned_at >= filter.since))
    return asked
