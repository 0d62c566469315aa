"""The researchers' search by meaning: everybody's messages, the nearest first, of the threads of a filter."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import in_chunks
from data_layer.review.filters import ThreadFilter, conditions
from data_layer.review.held_elsewhere import IMPORTED_HERE
from data_layer.review.search import SearchHit
from data_layer.search.embedded import FINDABLE
from data_layer.search.snippets import snippet
from data_layer.search.vectors import Near, Vector, as_matrix

# Everything is somewhat near to everything: behind these nobody finds what they look for.
POOL: Final = 200
# Of so many threads the messages alone are compared; of more, the nearest of all are, more and more of them.
_FEW: Final = 2_000
_WIDER: Final = 8
_STEPS, _THREADS, _KEPT = schema.steps, schema.threads, schema.embeddings


class NearestIndex(Protocol):
    """What finds the nearest vectors: a matrix in memory, or pgvector."""

    async def nearest(self, vector: Vector, most: int, threads: Collection[str] | None = None) -> list[Near]:
        """Messages with their cosine, the nearest first."""


@dataclass(frozen=True)
class TurnMeaning:
    """What a turn means.

    Args:
        vector: The middle of its messages' vectors, of length one.
        step_ids: Its messages.
        beginning: Of the message that was asked by.
    """

    vector: Vector
    step_ids: tuple[str, ...]
    beginning: str


async def nearest_messages(
    database: Database,
    index: NearestIndex,
    vector: Vector,
    filter: ThreadFilter,
    leave_out: Collection[str] = (),
) -> list[str]:
    """The messages that are nearest, of all threads that a filter lets through.

    Args:
        database: Where they are.
        index: Finds the nearest.
        vector: Of what is looked for, of length one.
        filter: Of which threads.
        leave_out: Messages that are not looked for.

    Returns:
        At most POOL, the nearest first.

    Raises:
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """
    among = (
        None if filter.is_open else await database.read(partial(_few, conditions(filter, database.dialect)))
    )
    many = POOL + len(leave_out)
    while True:
        near = await index.nearest(vector, many, among)
        ids = [one for one, _ in near]
        passing = await database.read(partial(_passing, ids, conditions(filter, database.dialect)))
        found = [one for one in ids if one in passing and one not in leave_out]
        if len(found) >= POOL or len(near) < many:
            return found[:POOL]
        many *= _WIDER


def _few(asked: Sequence[ColumnElement[bool]], connection: Connection) -> list[str] | None:
    """The threads that a filter leaves, when these are few."""
    ids = list(connection.scalars(select(_THREADS.c.thread_id).where(*asked).limit(_FEW + 1)))
    return ids if len(ids) <= _FEW else None


def _passing(
    step_ids: Sequence[str], asked: Sequence[ColumnElement[bool]], connection: Connection
) -> set[str]:
    """Those that stand on a screen, in a thread that the filter lets through, as they were embedded."""
    found: set[str] = set()
    for chunk in in_chunks(step_ids):
        query = select(_STEPS.c.step_id).join(_THREADS, _THREADS.c.thread_id == _STEPS.c.thread_id)
        query = query.join(_KEPT, _KEPT.c.step_id == _STEPS.c.step_id)
        query = query.where(_STEPS.c.step_id.in_(chunk), _KEPT.c.revision == _STEPS.c.revision, *FINDABLE)
        # What the model did not take as it now reads is not found by what it said before.
        found.update(connection.scalars(query.where(_KEPT.c.vector.is_not(None), *asked)))
    return found


async def hits_by_id(database: Database, step_ids: Sequence[str], words: Sequence[str]) -> list[SearchHit]:
    """What a page shows of messages, in their order; those that went meanwhile are left out.

    Args:
        database: Where they are.
        step_ids: The messages.
        words: To be marked where they stand.

    Raises:
        SQLAlchemyError: The database is away.
    """
    query = (
        select(
            _STEPS,
            _THREADS.c.title,
            _THREADS.c.participant_id,
            _THREADS.c.deleted_at.label("thread_gone"),
            IMPORTED_HERE,
        )
        .join(_THREADS, _THREADS.c.thread_id == _STEPS.c.thread_id)
        .where(_STEPS.c.step_id.in_(step_ids))
    )
    about = {row.step_id: row for row in await database.read(partial(_rows, query))}
    return [_hit(about[one], words) for one in step_ids if one in about]


def _rows(query: Select[Any], connection: Connection) -> Sequence[Any]:
    return connection.execute(query).all()


def _hit(row: Any, words: Sequence[str]) -> SearchHit:
    return SearchHit(
        row.thread_id,
        row.title,
        row.participant_id,
        row.step_id,
        row.type,
        row.created_at,
        bool(row.deleted_at or row.thread_gone),
        snippet(row.output, words),
        bool(row.imported),
    )


async def meaning_of_turn(database: Database, model: str, thread_id: str, step_id: str) -> TurnMeaning | None:
    """What the turn of a message means.

    Args:
        database: Where it is.
        model: Whose vectors.
        thread_id: Where the message stands.
        step_id: The message.

    Returns:
        None where none of its messages is embedded.

    Raises:
        SQLAlchemyError: The database is away.
    """
    asked = select(_STEPS.c.turn, _STEPS.c.output).where(
        _STEPS.c.step_id == step_id, _STEPS.c.thread_id == thread_id
    )
    query = (
        select(_STEPS.c.step_id, _KEPT.c.vector, _KEPT.c.dimension)
        .join(_KEPT, (_KEPT.c.step_id == _STEPS.c.step_id) & (_KEPT.c.model == model))
        .where(_STEPS.c.thread_id == thread_id, *FINDABLE, _KEPT.c.vector.is_not(None))
    )
    async with database.connect() as connection:
        message = (await connection.execute(asked)).first()
        if message is None:
            return None
        of_turn = _STEPS.c.step_id == step_id if message.turn is None else _STEPS.c.turn == message.turn
        rows = (await connection.execute(query.where(of_turn))).all()
    if not rows:
        return None
    middle = as_matrix([row.vector for row in rows], rows[0].dimension).sum(axis=0)
    length = float(np.linalg.norm(middle))
    vector = middle / length if length else middle
    return TurnMeaning(vector.astype(np.float32), tuple(row.step_id for row in rows), message.output)
