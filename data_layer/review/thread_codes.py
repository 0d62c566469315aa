"""Which codes threads bear, and what was given to many of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid


@dataclass(frozen=True)
class GivenCode:
    """A code that was given to threads at once.

    Args:
        code_id: The code.
        annotation_ids: The annotations.
        is_gone: None of them stands any more.
    """

    code_id: str
    annotation_ids: list[str]
    is_gone: bool


async def codes_on(
    database: Database, thread_ids: Sequence[str], by: str | None = None
) -> dict[str, list[str]]:
    """The codes that threads bear, on themselves or on anything in them.

    Args:
        database: Where they are.
        thread_ids: Of a page of the table.
        by: Only those that this researcher gave, when given.

    Returns:
        Of each thread that bears one: code_ids, the first that was given first.

    Raises:
        SQLAlchemyError: The database is away.
    """
    notes = schema.annotations
    query = (
        select(notes.c.thread_id, notes.c.code_id)
        .where(notes.c.thread_id.in_(thread_ids), notes.c.code_id.is_not(None), notes.c.deleted_at.is_(None))
        .order_by(notes.c.created_at, notes.c.annotation_id)
    )
    if by is not None:
        query = query.where(notes.c.researcher_id == by)
    found: dict[str, dict[str, None]] = {}
    async with database.connect() as connection:
        for thread_id, code_id in (await connection.execute(query)).all():
            found.setdefault(thread_id, {})[code_id] = None
    return {thread_id: list(codes) for thread_id, codes in found.items()}


async def given_with(database: Database, annotation_id: str, researcher_id: str) -> GivenCode | None:
    """What a researcher gave together with an annotation: the same code, at the same moment.

    Returns:
        None when there is no such annotation of theirs.

    Raises:
        SQLAlchemyError: The database is away.
    """
    notes = schema.annotations
    if not is_uuid(annotation_id):
        return None
    one = notes.alias()
    query = (
        select(notes.c.annotation_id, notes.c.code_id, notes.c.deleted_at)
        .join(one, (one.c.code_id == notes.c.code_id) & (one.c.created_at == notes.c.created_at))
        .where(one.c.annotation_id == annotation_id, one.c.researcher_id == researcher_id)
        .where(notes.c.researcher_id == researcher_id, notes.c.target == one.c.target)
    )
    async with database.connect() as connection:
        rows = (await connection.execute(query)).all()
    if not rows:
        return None
    return GivenCode(
        rows[0].code_id,
        [row.annotation_id for row in rows],
        all(row.deleted_at is not None for row in rows),
    )
