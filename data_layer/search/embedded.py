"""Which messages are still to be embedded, and how those that are are kept."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Delete, Select, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import CHUNK, Row, in_chunks
from study.vocabulary import MESSAGE_TYPES, Status

_THREADS_AT_ONCE: Final = 200
_STEPS: Final = schema.steps
_KEPT: Final = schema.embeddings

# What a message must be to be embedded and found, as the index of words has it (writing/apply/steps.py).
FINDABLE: Final[tuple[ColumnElement[bool], ...]] = (
    _STEPS.c.type.in_(MESSAGE_TYPES),
    _STEPS.c.status != Status.STREAMING.value,
    _STEPS.c.deleted_at.is_(None),
    _STEPS.c.output != "",
)


@dataclass(frozen=True)
class Unembedded:
    """A message that is to be embedded.

    Args:
        step_id: The message.
        thread_id: Where it stands.
        revision: That it now reads.
        text: What it says.
    """

    step_id: str
    thread_id: str
    revision: int
    text: str


@dataclass(frozen=True)
class EmbeddingCounts:
    """How far the embedding is.

    Args:
        kept: Messages with a vector.
        failed: Messages that the model did not take.
        messages: Living messages in all; those that are still being written, and empty ones, among them.
        dimension: Of the vectors; None while there is none.
    """

    kept: int
    failed: int
    messages: int
    dimension: int | None


async def waiting(
    database: Database, model: str, since: datetime | None, at_once: int, *, again: bool = False
) -> AsyncIterator[list[Unembedded]]:
    """Messages that have no vector of a model as they now read, a batch at a time.

    Args:
        database: Where they are.
        model: Of which the vectors would be.
        since: Only of threads that were active since then; None for all.
        at_once: How many a batch may have.
        again: Those that have failed, too.

    Raises:
        SQLAlchemyError: The database is away.
    """
    after = ""
    while True:
        async with database.engine.connect() as connection:
            threads = await _threads_behind(connection, after, since)
            found = await _unembedded_in(connection, model, threads, again=again)
        for start in range(0, len(found), at_once):
            async with database.engine.connect() as connection:
                batch = await _read(connection, model, found[start : start + at_once], again=again)
            if batch:
                yield batch
        if len(threads) < _THREADS_AT_ONCE:
            return
        after = threads[-1]


async def _threads_behind(connection: AsyncConnection, after: str, since: datetime | None) -> list[str]:
    threads = schema.threads
    query = select(threads.c.thread_id).where(threads.c.thread_id > after)
    if since is not None:
        query = query.where(threads.c.last_activity_at >= since)
    query = query.order_by(threads.c.thread_id).limit(_THREADS_AT_ONCE)
    return list(await connection.scalars(query))


async def _unembedded_in(
    connection: AsyncConnection, model: str, threads: Sequence[str], *, again: bool
) -> list[str]:
    if not threads:
        return []
    query = _missing(select(_STEPS.c.step_id), model, again=again)
    query = query.where(_STEPS.c.thread_id.in_(threads)).order_by(_STEPS.c.thread_id, _STEPS.c.seq)
    return list(await connection.scalars(query))


async def _read(
    connection: AsyncConnection, model: str, step_ids: Sequence[str], *, again: bool
) -> list[Unembedded]:
    """Their texts; what another process has embedded meanwhile is left out."""
    shown = select(_STEPS.c.step_id, _STEPS.c.thread_id, _STEPS.c.revision, _STEPS.c.output)
    query = _missing(shown, model, again=again).where(_STEPS.c.step_id.in_(step_ids))
    return [Unembedded(*row) for row in await connection.execute(query.order_by(_STEPS.c.seq))]


def _missing(query: Select[Any], model: str, *, again: bool) -> Select[Any]:
    missing = or_(_KEPT.c.step_id.is_(None), _KEPT.c.revision != _STEPS.c.revision)
    if again:
        missing = or_(missing, _KEPT.c.error_type.is_not(None))
    beside = (_KEPT.c.step_id == _STEPS.c.step_id) & (_KEPT.c.model == model)
    return query.select_from(_STEPS.outerjoin(_KEPT, beside)).where(*FINDABLE, missing)


async def keep(database: Database, model: str, rows: Sequence[Row]) -> int:
    """Keep vectors, each in place of the one that its message had.

    Not through the journal: what is lost in a crash is embedded again.

    Args:
        database: Where.
        model: Whose they are.
        rows: Of `embeddings`, without the model; those of messages that are gone, or now read otherwise,
            are left out.

    Returns:
        How many were kept.

    Raises:
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """

    def work(connection: Connection) -> int:
        living = _living(connection, [row["step_id"] for row in rows])
        kept = [row | {"model": model} for row in rows if living.get(row["step_id"]) == row["revision"]]
        if not kept:
            return 0
        ids = [row["step_id"] for row in kept]
        connection.execute(delete(_KEPT).where(_KEPT.c.step_id.in_(ids), _KEPT.c.model == model))
        connection.execute(insert(_KEPT), kept)
        return len(kept)

    return await database.transact(work)


def _living(connection: Connection, step_ids: Collection[str]) -> dict[str, int]:
    """The messages that are there, each with its revision; PostgreSQL keeps them there until we are done."""
    query = select(_STEPS.c.step_id, _STEPS.c.revision).where(_STEPS.c.step_id.in_(step_ids), *FINDABLE)
    # A withdrawal that has begun is waited for, one that begins waits: it erases embeddings last.
    query = query.with_for_update(read=True, key_share=True)
    return {row.step_id: row.revision for row in connection.execute(query)}


async def forget_others(database: Database, model: str) -> int:
    """Erase the vectors of other models.

    Returns:
        How many there were.

    Raises:
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """
    gone = 0
    while True:
        async with database.engine.connect() as connection:
            query = select(_KEPT.c.step_id).where(_KEPT.c.model != model).limit(CHUNK)
            ids = list(await connection.scalars(query))
        if not ids:
            return gone
        for chunk in in_chunks(ids):
            statement = delete(_KEPT).where(_KEPT.c.step_id.in_(chunk), _KEPT.c.model != model)
            gone += await database.transact(partial(_deleted, statement))


def _deleted(statement: Delete, connection: Connection) -> int:
    return connection.execute(statement).rowcount


async def counts(database: Database, model: str) -> EmbeddingCounts:
    """How far the embedding is.

    Raises:
        SQLAlchemyError: The database is away.
    """
    of_model = select(func.count(), func.count(_KEPT.c.error_type), func.max(_KEPT.c.dimension)).where(
        _KEPT.c.model == model
    )
    living = select(func.sum(schema.threads.c.message_count))
    async with database.engine.connect() as connection:
        rows, failed, dimension = (await connection.execute(of_model)).one()
        messages = await connection.scalar(living)
    return EmbeddingCounts(rows - failed, failed, messages or 0, dimension)
