from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.embedding.endpoint import EndpointEmbedder
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from meaning.service import Meaning
from study.semantic_search import SemanticSearch
from tests.fake_embeddings import FakeEmbeddings, fake_embeddings, fake_embeddings_server
from tests.fakes import HandClock

__all__ = ["fake_embeddings", "fake_embeddings_server"]

WANTED = SemanticSearch(model="tiny")


@pytest.fixture
async def meaning(record: Record, fake_embeddings: FakeEmbeddings) -> AsyncIterator[Meaning]:
    """Search by meaning over the record, with the server of the tests."""
    made = Meaning(WANTED, record, EndpointEmbedder(WANTED, base_url=fake_embeddings.url))
    yield made
    await made.close()


@pytest.fixture
async def sqlite_record(
    sqlite_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Record]:
    """The record over an empty SQLite database, for what is the same on both."""
    record = Record(open_database(sqlite_url), tmp_path / "kept", defaults, clock)
    await record.start()
    yield record
    await record.close()
