"""Search by meaning over the API, where the study has it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from agent.embedding.endpoint import EndpointEmbedder
from api.app import api_app
from api.context import ApiContext
from meaning.service import Meaning
from study.semantic_search import SemanticSearch
from tests.api.server import Client, served
from tests.api.test_own_things import said
from tests.fake_embeddings import FakeEmbeddings, fake_embeddings, fake_embeddings_server
from tests.fakes import FakeAgent

__all__ = ["fake_embeddings", "fake_embeddings_server"]

WANTED = SemanticSearch(model="tiny")


@pytest.fixture
async def meaning(context: ApiContext, fake_embeddings: FakeEmbeddings) -> AsyncIterator[Meaning]:
    """Search by meaning over the record, with the server of the tests."""
    made = Meaning(WANTED, context.record, EndpointEmbedder(WANTED, base_url=fake_embeddings.url))
    yield made
    await made.close()


@pytest.mark.parametrize("mode", ["semantic", "hybrid"])
async def test_what_was_meant_is_found(
    context: ApiContext, meaning: Meaning, agent: FakeAgent, mode: str
) -> None:
    """By words that nobody said; another participant finds their own alone."""
    async with served(api_app(replace(context, meaning=meaning))) as base:
        ada, eve = Client(base), Client(base)
        async with ada.http, eve.http:
            await ada.sign_in("Ada")
            await eve.sign_in("Eve")
            turn = await said(ada, agent, "My puppy keeps barking", "Oh.")
            await meaning.worker.look()
            asked = {"q": "hound", "mode": mode}
            found = (await ada.http.get("/search", params=asked)).json()["hits"]
            assert found[0]["message_id"] == turn["message"]["id"]
            assert (await eve.http.get("/search", params=asked)).json()["hits"] == []
