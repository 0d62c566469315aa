from collections.abc import AsyncIterator

import pytest

from agent.embedding.endpoint import EndpointEmbedder
from data_layer.record import Record
from meaning.service import Meaning
from study.semantic_search import SemanticSearch
from tests.fake_embeddings import FakeEmbeddings, fake_embeddings, fake_embeddings_server

__all__ = ["fake_embeddings", "fake_embeddings_server"]

WANTED = SemanticSearch(model="tiny")


@pytest.fixture
async def meaning(record: Record, fake_embeddings: FakeEmbeddings) -> AsyncIterator[Meaning]:
    """Search by meaning over the record, with the server of the tests."""
    made = Meaning(WANTED, record, EndpointEmbedder(WANTED, base_url=fake_embeddings.url))
    yield made
    await made.close()
