"""Embeddings of a server that speaks OpenAI's API: OpenAI, Ollama, vLLM, llama.cpp, TEI, ..."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from agent.embedding.address import embedding_address
from agent.embedding.base import LONGEST_TEXT, FloatMatrix, TextRefused, kept_as, malformed, units_of
from agent.failures import failure_of
from agent.model_address import OPENAI_URL
from agent.openai_client import CLIENT_FAILURES, open_client
from study.errors import AgentUnavailable
from study.masking import PLACEHOLDER_KEY, hold
from study.semantic_search import MOST_DIMENSIONS, SemanticSearch
from study.text import beginning

# A query is waited for by somebody, a batch by nobody.
QUERY_S: Final = 5.0
_BATCH_S: Final = 60.0
# What says that this text, not this server, is the trouble.
_OF_A_TEXT: Final = frozenset({400, 413, 422})


class EndpointEmbedder:
    """Asks a server.

    Args:
        wanted: What the study says.
        base_url: The server, as an operator writes it; None for OpenAI's.
        api_key: The key; None for servers that ask for none.
        proxy: The proxy on the way there; None for none.
        query_s: The longest wait for the vector of a query.
    """

    at_once = 64

    def __init__(
        self,
        wanted: SemanticSearch,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        proxy: str | None = None,
        query_s: float = QUERY_S,
    ) -> None:
        address = embedding_address(base_url or OPENAI_URL)
        key = api_key or PLACEHOLDER_KEY
        hold(key, *address.secrets)
        asked_for = "" if wanted.dimensions is None else str(wanted.dimensions)
        self.model = kept_as(wanted.model, wanted.message_prefix, asked_for)
        self._wanted = wanted
        self._query_s = query_s
        self._client = open_client(
            address, api_key=key, timeout_s=_BATCH_S, max_retries=0, proxy=proxy, on_request=_nothing
        )

    async def embed(self, texts: Sequence[str], *, is_query: bool = False) -> FloatMatrix:
        """See agent/embedding/base.py."""
        prefix = self._wanted.query_prefix if is_query else self._wanted.message_prefix
        given = [prefix + beginning(text, LONGEST_TEXT) for text in texts]
        asked: dict[str, Any] = {"model": self._wanted.model, "input": given, "encoding_format": "float"}
        if self._wanted.dimensions is not None:
            asked["dimensions"] = self._wanted.dimensions
        try:
            async with asyncio.timeout(self._query_s if is_query else _BATCH_S):
                answer = await self._client.post("/embeddings", body=asked, cast_to=object)
        except CLIENT_FAILURES as error:
            failure = failure_of(error)
            if getattr(error, "status_code", None) in _OF_A_TEXT:
                raise TextRefused(str(failure), error_type=failure.error_type) from error
            raise failure from error
        return self._checked(units_of(_rows_of(answer, len(given)), len(given)))

    async def close(self) -> None:
        """See agent/embedding/base.py."""
        await self._client.close()

    def _checked(self, matrix: FloatMatrix) -> FloatMatrix:
        wanted, came = self._wanted.dimensions, matrix.shape[1]
        if came > MOST_DIMENSIONS or (wanted is not None and came != wanted):
            most = f"at most {MOST_DIMENSIONS:,}" if wanted is None else f"{wanted:,}"
            raise AgentUnavailable(
                f"The model {self._wanted.model} gave vectors of {came:,} numbers, and {most} are wanted. "
                "Correct `dimensions` below `semantic_search` in study.yaml, or name another model.",
                error_type="wrong_dimension",
            )
        return matrix


def _rows_of(answer: object, count: int) -> list[Any]:
    """The vectors, in the order of their texts; servers may answer in another."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or len(data) != count:
        raise malformed("something else than a list of embeddings")
    rows: list[Any] = [None] * count
    for place, one in enumerate(data):
        vector = one.get("embedding") if isinstance(one, dict) else None
        at = one.get("index", place) if isinstance(one, dict) else None
        if not isinstance(vector, list) or type(at) is not int or not 0 <= at < count or rows[at] is not None:
            raise malformed("a list of something else than embeddings")
        rows[at] = vector
    return rows


async def _nothing(_request: object) -> None:
    """The client tells of each request; nobody counts these."""
