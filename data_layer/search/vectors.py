"""Vectors as they are kept, and the nearest of many. Only what searches by meaning imports it, and numpy."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
# A message, and how near it is.
Near = tuple[str, float]
_KEPT: Final = np.dtype("<f4")


def as_bytes(vector: Vector) -> bytes:
    """A vector as the table keeps it."""
    return vector.astype(_KEPT).tobytes()


def as_matrix(kept: Sequence[bytes], dimension: int) -> Vector:
    """Vectors of one length as rows."""
    return np.frombuffer(b"".join(kept), dtype=_KEPT).reshape(len(kept), dimension)


def cosines(rows: Vector, vector: Vector) -> Vector:
    """How near each row is, all of length one.

    In the thread that asks alone. `rows @ vector` is shared out to one thread a core: what is read sets the
    time, so that they gain little, and they wait for each other by turning: on two cores that others
    wanted too it took six times the processor time, and ten times as long.
    """
    found: Vector = np.einsum("ij,j->i", rows, vector)
    return found


def nearest(scores: Vector, most: int) -> list[int]:
    """The places of the greatest scores, the greatest first; between equals the earlier place."""
    count = len(scores)
    among = np.argpartition(-scores, most - 1)[:most] if most < count else np.arange(count)
    return [int(place) for place in among[np.lexsort((among, -scores[among]))]]
