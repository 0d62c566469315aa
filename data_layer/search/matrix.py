"""All vectors of a model in memory, to search everybody's: on SQLite, and on PostgreSQL without pgvector.

One product with a matrix finds the nearest of 100,000 in some 16 ms, exactly: explanation/performance.md. It
is filled at the first search, and let go when nobody has searched for a while. Each search first asks the
database for what is new, and for a digest of the rest: what came late from another process, was replaced or
erased is noticed before anything is found. That takes an index, and reads no vector.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import in_chunks
from data_layer.search.held_vectors import MODULUS, HeldVectors, VectorDigest
from data_layer.search.vectors import Near, Vector

IDLE_S: Final = 600.0
_PAGE: Final = 2_000
_KEPT: Final = schema.embeddings


class VectorMatrix:
    """The vectors of a model.

    Args:
        database: Where they are kept.
        model: Whose.
        monotonic: Seconds, for letting go.
    """

    def __init__(
        self, database: Database, model: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._model = model
        self._monotonic = monotonic
        self._following = asyncio.Lock()
        self._used_at = monotonic()
        self._held = HeldVectors()

    def __len__(self) -> int:
        return len(self._held)

    async def nearest(self, vector: Vector, most: int, threads: Collection[str] | None = None) -> list[Near]:
        """The messages whose vectors are nearest.

        Args:
            vector: Of length one.
            most: How many at most.
            threads: Only of these threads.

        Returns:
            Messages with their cosine, the nearest first. Some may have left the screen meanwhile.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        async with self._following:
            self._used_at = self._monotonic()
            await self._follow()
            held = self._held
        return await asyncio.to_thread(held.nearest, vector, most, threads)

    def let_go_if_idle(self) -> None:
        """Free the memory when nobody has searched for a while."""
        if len(self._held) and self._monotonic() - self._used_at > IDLE_S and not self._following.locked():
            self._held = HeldVectors()

    async def _follow(self) -> None:
        """Hold what the database has."""
        held = self._held
        digest = None
        while digest is None:
            rows, digest = await self._database.read(self._newer)
            held.put(rows)
        if digest == held.digest():
            return
        listed = await self._database.read(self._listed)
        held.keep_only(listed.keys())
        for chunk in in_chunks([one for one, seq in listed.items() if held.seq_of(one) != seq]):
            query = self._vectors().where(_KEPT.c.step_id.in_(chunk))
            held.put(await self._database.read(partial(_all, query)))

    def _newer(self, connection: Connection) -> tuple[Sequence[Any], VectorDigest | None]:
        """A page of what came behind all that is held; with the last, a digest of what stands before it."""
        last = self._held.last
        rows = _all(self._vectors().where(_KEPT.c.seq > last).order_by(_KEPT.c.seq).limit(_PAGE), connection)
        if len(rows) == _PAGE:
            return rows, None
        digest = select(func.count(), func.sum(_KEPT.c.seq % MODULUS)).where(*self._found)
        count, total = connection.execute(digest.where(_KEPT.c.seq <= (rows[-1].seq if rows else last))).one()
        return rows, VectorDigest(count, int(total or 0))

    def _listed(self, connection: Connection) -> dict[str, int]:
        query = select(_KEPT.c.step_id, _KEPT.c.seq).where(*self._found)
        return {row.step_id: row.seq for row in connection.execute(query)}

    @property
    def _found(self) -> tuple[ColumnElement[bool], ...]:
        # As ix_embeddings_model has it, which is all that a digest reads.
        return _KEPT.c.model == self._model, _KEPT.c.error_type.is_(None)

    def _vectors(self) -> Select[Any]:
        shown = (_KEPT.c.step_id, _KEPT.c.thread_id, _KEPT.c.seq, _KEPT.c.dimension, _KEPT.c.vector)
        return select(*shown).where(*self._found)


def _all(query: Select[Any], connection: Connection) -> Sequence[Any]:
    return connection.execute(query).all()
