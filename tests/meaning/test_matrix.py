"""The matrix in memory holds what the database has, and finds what brute force finds."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from data_layer.record import Record
from data_layer.search.held_vectors import BLOCK, HeldVectors, VectorDigest
from data_layer.search.matrix import IDLE_S, VectorMatrix
from data_layer.search.vectors import Vector, as_bytes
from data_layer.writing.writes import PutStep
from meaning.service import Meaning
from tests.data_layer.rows import ADA, BOB, begin_thread, execute, rows

DIMENSION = 8


def _vectors(count: int) -> Vector:
    made = np.random.default_rng(7).standard_normal((count, DIMENSION), dtype=np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def _row(number: int, vector: Vector, **others: Any) -> SimpleNamespace:
    row: dict[str, Any] = {"step_id": f"s{number}", "thread_id": f"t{number % 100}", "seq": number + 1}
    return SimpleNamespace(**row | {"dimension": len(vector), "vector": as_bytes(vector)} | others)


@pytest.fixture(scope="module")
def vectors() -> Vector:
    """More than two blocks hold, of a few numbers each."""
    return _vectors(2 * BLOCK + 300)


@pytest.fixture
def held(vectors: Vector) -> HeldVectors:
    """All of them."""
    made = HeldVectors()
    made.put([_row(number, vector) for number, vector in enumerate(vectors)])
    return made


@pytest.mark.parametrize("threads", [None, ["t3"], ["t3", "t50", "nobody's"], [f"t{n}" for n in range(60)]])
def test_it_finds_what_brute_force_finds(
    held: HeldVectors, vectors: Vector, threads: list[str] | None
) -> None:
    """Of all threads, of few and of most, the same messages in the same order."""
    asked = vectors[5]
    scores = vectors.astype(np.float64) @ asked
    among = [n for n in range(len(vectors)) if threads is None or f"t{n % 100}" in threads]
    exact = [f"s{n}" for n in sorted(among, key=lambda n: -scores[n])[:20]]
    assert [step_id for step_id, _ in held.nearest(asked, 20, threads)] == exact


def test_what_is_not_kept_lies_in_no_memory(held: HeldVectors, vectors: Vector) -> None:
    """A vector that is erased is overwritten, found no more, and its thread's others still are."""
    held.keep_only({f"s{n}" for n in range(len(vectors)) if n != 5})
    found = held.nearest(vectors[5], len(vectors), None)
    assert "s5" not in dict(found)
    assert len(found) == len(held) == len(vectors) - 1
    assert not any((block == vectors[5]).all(axis=1).any() for block in held._blocks)
    assert "s105" in dict(held.nearest(vectors[5], len(vectors), ["t5"]))


def test_another_length_is_passed_over(held: HeldVectors, vectors: Vector) -> None:
    """A vector of another length is not taken in, and one that is asked by finds nothing."""
    held.put([_row(0, np.ones(3, dtype=np.float32), step_id="odd", seq=10**9)])
    assert held.seq_of("odd") is None
    assert held.nearest(np.ones(3, dtype=np.float32), 3, None) == []


def test_the_digest_tells_one_seq_from_another(held: HeldVectors, vectors: Vector) -> None:
    """As many vectors, of which one was kept at another time, have another digest."""
    before = held.digest()
    held.put([_row(5, vectors[5], seq=6 + 120_000_000)])
    assert held.digest() != before
    assert held.digest().count == before.count
    assert HeldVectors().digest() == VectorDigest(0, 0)


@pytest.fixture
async def matrix(record: Record, meaning: Meaning) -> VectorMatrix:
    """Over two messages, one of them BOB's, and filled."""
    await begin_thread(record, "A latte, please")
    await begin_thread(record, "My puppy", BOB)
    await meaning.worker.look()
    made = VectorMatrix(record.database, meaning.model)
    assert len(await _found(made, meaning)) == 2
    return made


async def test_what_is_erased_is_let_go(record: Record, meaning: Meaning, matrix: VectorMatrix) -> None:
    """What is erased, as a withdrawal does, is held no longer by the next search."""
    step_id = (await rows(record, "steps", output="My puppy"))[0]["step_id"]
    await execute(record.database, f"DELETE FROM embeddings WHERE step_id = '{step_id}'")
    assert len(await _found(matrix, meaning)) == len(matrix) == 1


async def test_what_comes_late_of_another_process_is_found(
    record: Record, meaning: Meaning, matrix: VectorMatrix
) -> None:
    """A vector that was numbered long before what is held, and committed after it, is taken in."""
    await begin_thread(record, "barking")
    await meaning.worker.look()
    step_id = (await rows(record, "steps", output="barking"))[0]["step_id"]
    await execute(record.database, f"UPDATE embeddings SET seq = 1 WHERE step_id = '{step_id}'")
    assert step_id in dict(await _found(matrix, meaning))
    await execute(record.database, "UPDATE embeddings SET seq = 2 WHERE seq = 1")
    assert len(await _found(matrix, meaning)) == 3


async def test_an_edit_is_followed(record: Record, meaning: Meaning, matrix: VectorMatrix) -> None:
    """A message that now says something else is held by what it says now, once."""
    step = (await rows(record, "steps", output="A latte, please"))[0]
    changed = {"step_id": step["step_id"], "thread_id": step["thread_id"], "output": "a hound"}
    await record.writer.submit(PutStep(changed, record.now(), by=ADA))
    await meaning.worker.look()
    found = await _found(matrix, meaning)
    assert len(found) == 2
    assert dict(found)[step["step_id"]] > 0.9


async def test_it_is_let_go_when_nobody_searches(
    record: Record, meaning: Meaning, matrix: VectorMatrix
) -> None:
    """After ten minutes without a search the memory is free, and the next search fills it again."""
    now = 0.0
    idle = VectorMatrix(record.database, meaning.model, lambda: now)
    await _found(idle, meaning)
    now = IDLE_S
    idle.let_go_if_idle()
    assert len(idle) == 2
    now += 1
    idle.let_go_if_idle()
    assert len(idle) == 0
    assert len(await _found(idle, meaning)) == 2


async def _found(matrix: VectorMatrix, meaning: Meaning) -> list[tuple[str, float]]:
    return await matrix.nearest((await meaning.query("dog")).vector, 10)
