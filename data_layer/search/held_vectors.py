"""Vectors in memory: each message's in a row of a matrix, with what a search asks of it beside.

Nothing here reads a database. One product with all rows finds the nearest exactly; which threads are asked is
a look-up of numbers, not of names.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from data_layer.search.vectors import Near, Vector, as_matrix, cosines, nearest

# Rows are added in pieces: one matrix that grew would be copied, twice its size in memory.
BLOCK: Final = 8_192
# Rows of so small a part of all are gathered, and multiplied alone.
_SMALL_PART: Final = 8
_NOBODY: Final = -1
# What the digest's remainders are of: a prime, so that times in step with each other add up to no other's.
MODULUS: Final = 2_147_483_647


@dataclass(frozen=True)
class VectorDigest:
    """Which vectors there are, in two numbers: those of the database and of the memory compare.

    Args:
        count: How many.
        total: Of the remainders of their `seq`, for whole ones add up to more than the database can count.
    """

    count: int
    total: int


class HeldVectors:
    """The vectors of a model."""

    def __init__(self) -> None:
        self._blocks: list[Vector] = []
        self._ids: list[str] = []
        self._places: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._seqs: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        # Of each row, the number of its thread.
        self._threads: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.last = 0  # the newest `seq` of those that came

    def __len__(self) -> int:
        return len(self._places)

    def digest(self) -> VectorDigest:
        """Which vectors are here."""
        total = int((self._seqs[: len(self._ids)] % MODULUS).sum())
        return VectorDigest(len(self._places), total)

    def seq_of(self, step_id: str) -> int | None:
        """The order in which a message's vector was kept; None where it is not here."""
        place = self._places.get(step_id)
        return None if place is None else int(self._seqs[place])

    def put(self, rows: Sequence[Any]) -> None:
        """Take vectors in, each in place of the one that its message had.

        Args:
            rows: Of `embeddings`: step_id, thread_id, seq, dimension, vector.
        """
        if not rows:
            return
        self.last = max(self.last, *(row.seq for row in rows))
        dimension = self._blocks[0].shape[1] if self._blocks else rows[0].dimension
        # One of another length nobody has kept under this name.
        rows = [row for row in rows if row.dimension == dimension]
        for row, vector in zip(rows, as_matrix([row.vector for row in rows], dimension), strict=True):
            place = self._places.get(row.step_id)
            if place is None:
                place = self._new_place(row.step_id, dimension)
            self._blocks[place // BLOCK][place % BLOCK] = vector
            self._seqs[place] = row.seq
            self._threads[place] = self._numbers.setdefault(row.thread_id, len(self._numbers))

    def _new_place(self, step_id: str, dimension: int) -> int:
        place = self._places[step_id] = len(self._ids)
        if place % BLOCK == 0:
            self._blocks.append(np.zeros((BLOCK, dimension), dtype=np.float32))
            self._seqs = np.concatenate([self._seqs, np.zeros(BLOCK, dtype=np.int64)])
            self._threads = np.concatenate([self._threads, np.full(BLOCK, _NOBODY, dtype=np.int32)])
        self._ids.append(step_id)
        return place

    def keep_only(self, step_ids: Collection[str]) -> None:
        """Erase every other message's vector: what is erased lies in no memory, either."""
        for step_id in self._places.keys() - step_ids:
            place = self._places.pop(step_id)
            self._blocks[place // BLOCK][place % BLOCK] = 0
            self._seqs[place] = 0
            self._threads[place] = _NOBODY

    def nearest(self, vector: Vector, most: int, threads: Collection[str] | None) -> list[Near]:
        """The messages whose vectors are nearest.

        Rows may be added meanwhile, in another thread of the processor.

        Args:
            vector: Of length one.
            most: How many at most.
            threads: Only of these threads.

        Returns:
            Messages with their cosine, the nearest first.
        """
        count = len(self._ids)
        if not self._blocks or self._blocks[0].shape[1] != len(vector):
            return []
        rows = self._asked(count, threads)
        if len(rows) * _SMALL_PART < count:
            scores = self._gathered(rows, vector)
        else:
            blocks = self._blocks[: -(-count // BLOCK)]
            scores = np.concatenate([cosines(block, vector) for block in blocks])[:count]
            scores = scores if len(rows) == count else scores[rows]
        return [(self._ids[rows[at]], float(scores[at])) for at in nearest(scores, most)]

    def _asked(self, count: int, threads: Collection[str] | None) -> NDArray[np.intp]:
        """The rows that are asked; those of nobody never are."""
        of_row = self._threads[:count]
        if threads is None:
            return np.flatnonzero(of_row != _NOBODY)
        wanted = np.zeros(len(self._numbers) + 1, dtype=np.bool_)  # the last is nobody's
        wanted[[self._numbers[one] for one in threads if one in self._numbers]] = True
        return np.flatnonzero(wanted[of_row])

    def _gathered(self, rows: NDArray[np.intp], vector: Vector) -> Vector:
        scores = np.empty(len(rows), dtype=np.float32)
        of_block = rows // BLOCK
        for number in np.unique(of_block):
            here = of_block == number
            scores[here] = cosines(self._blocks[number][rows[here] % BLOCK], vector)
        return scores
