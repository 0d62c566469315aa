"""All vectors of a model in memory, to search everybody's: on SQLite, and on PostgreSQL without pgvector.

One product with a matrix finds the nearest of 100,000 in some 25 ms, exactly: explanation/performance.md. It
is filled at the first search, follows what is embedded, and is let go when nobody has searched for a while.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Final

import numpy as np
from sqlalchemy import Connection, func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import in_chunks, rows_of
from data_layer.search.vectors import Vector, as_matrix, nearest

BLOCK: Final = 8_192
# Numbers are microseconds, taken before the commit: of another process an older one may come later.
OVERLAP: Final = 120_000_000
IDLE_S: Final = 600.0
_KEPT: Final = schema.embeddings

Near = tuple[str, float]


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
        self._filling = asyncio.Lock()
        self._withdrawals = 0
        self._used_at = monotonic()
        self._forget()

    def __len__(self) -> int:
        return len(self._ids)

    async def nearest(self, vector: Vector, most: int, among: Collection[str] | None = None) -> list[Near]:
        """The messages whose vectors are nearest.

        Args:
            vector: Of length one.
            most: How many at most.
            among: Only these messages.

        Returns:
            Messages with their cosine, the nearest first. Some may have left the screen meanwhile.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        async with self._filling:
            self._used_at = self._monotonic()
            await self._follow()
            blocks, ids, places = list(self._blocks), list(self._ids), None
            if among is not None:
                places = [self._places[one] for one in among if one in self._places]
        return await asyncio.to_thread(_nearest, blocks, ids, vector, most, places)

    def let_go_if_idle(self) -> None:
        """Free the memory when nobody has searched for a while."""
        if self._ids and self._monotonic() - self._used_at > IDLE_S and not self._filling.locked():
            self._forget()

    def _forget(self) -> None:
        self._blocks: list[Vector] = []
        self._ids: list[str] = []
        self._seqs: list[int] = []
        self._places: dict[str, int] = {}
        self._last = 0

    async def _follow(self) -> None:
        """Take in what is new."""
        withdrawals, known = await self._database.read(self._look)
        if withdrawals != self._withdrawals:
            # What was erased lies in no memory, either.
            self._withdrawals = withdrawals
            self._forget()
            _, known = await self._database.read(self._look)
        for chunk in in_chunks(known):
            await self._take_in(list(chunk))

    def _look(self, connection: Connection) -> tuple[int, list[str]]:
        """How many have withdrawn, and which messages have vectors that are not here."""
        withdrawals = connection.scalar(select(func.count()).select_from(schema.withdrawals)) or 0
        query = (
            select(_KEPT.c.step_id, _KEPT.c.seq)
            .where(_KEPT.c.model == self._model, _KEPT.c.seq > self._last - OVERLAP)
            .where(_KEPT.c.error_type.is_(None))
            .order_by(_KEPT.c.seq)
        )
        new = [one.step_id for one in connection.execute(query) if not self._has(one.step_id, one.seq)]
        return withdrawals, new

    def _has(self, step_id: str, seq: int) -> bool:
        place = self._places.get(step_id)
        return place is not None and self._seqs[place] >= seq

    async def _take_in(self, step_ids: list[str]) -> None:
        query = select(_KEPT.c.step_id, _KEPT.c.seq, _KEPT.c.dimension, _KEPT.c.vector)
        query = query.where(
            _KEPT.c.model == self._model, _KEPT.c.step_id.in_(step_ids), _KEPT.c.vector.is_not(None)
        )
        rows = await self._database.read(lambda connection: rows_of(connection, query))
        for row in sorted(rows, key=lambda row: row["seq"]):
            self._put(row["step_id"], row["seq"], as_matrix([row["vector"]], row["dimension"])[0])

    def _put(self, step_id: str, seq: int, vector: Vector) -> None:
        if self._blocks and self._blocks[0].shape[1] != len(vector):
            return  # of another length, which nobody has kept under this name
        place = self._places.get(step_id)
        if place is None:
            place = self._places[step_id] = len(self._ids)
            self._ids.append(step_id)
            self._seqs.append(seq)
            if place % BLOCK == 0:
                self._blocks.append(np.zeros((BLOCK, len(vector)), dtype=np.float32))
        self._seqs[place] = seq
        self._blocks[place // BLOCK][place % BLOCK] = vector
        self._last = max(self._last, seq)


def _nearest(
    blocks: list[Vector], ids: list[str], vector: Vector, most: int, places: list[int] | None
) -> list[Near]:
    if not blocks or blocks[0].shape[1] != len(vector):
        return []
    if places is not None:
        scores = np.array([blocks[at // BLOCK][at % BLOCK] @ vector for at in places], dtype=np.float32)
        return [(ids[places[at]], float(scores[at])) for at in nearest(scores, most)]
    scores = np.concatenate([block @ vector for block in blocks])[: len(ids)]
    return [(ids[at], float(scores[at])) for at in nearest(scores, most)]
