"""What a study that is searched by meaning has; one that is not has none of it."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from agent.embedding.base import Embedder
from data_layer.record import Record
from data_layer.search.matrix import VectorMatrix
from data_layer.search.pgvector import PgVectorIndex, has_pgvector
from data_layer.search.vectors import Vector
from meaning.worker import EmbeddingWorker
from study.semantic_search import SemanticSearch
from study.text import beginning

log = structlog.get_logger(__name__)

# A page that is turned asks the same again.
_REMEMBERED: Final = 256
_LONGEST_QUERY: Final = 1_000


@dataclass(frozen=True)
class EmbeddedQuery:
    """What is looked for, as numbers.

    Args:
        model: Whose they are.
        vector: Of length one.
    """

    model: str
    vector: Vector


class Meaning:
    """Search by meaning.

    Args:
        wanted: What the study says.
        record: Where the messages are.
        embedder: What makes vectors of them.
    """

    def __init__(self, wanted: SemanticSearch, record: Record, embedder: Embedder) -> None:
        self.wanted = wanted
        self.worker = EmbeddingWorker(record, embedder)
        self._matrix = VectorMatrix(record.database, embedder.model)
        self._database = record.database
        self._pgvector: PgVectorIndex | None = None
        self._embedder = embedder
        self._remembered: OrderedDict[str, Vector] = OrderedDict()

    @property
    def index(self) -> VectorMatrix | PgVectorIndex:
        """What finds the nearest of everybody's: pgvector where it is, as soon as it can be asked."""
        ready = self._pgvector is not None and self._pgvector.is_ready
        return self._pgvector if ready and self._pgvector else self._matrix

    @property
    def model(self) -> str:
        """What the vectors are kept under."""
        return self._embedder.model

    async def query(self, words: str) -> EmbeddedQuery:
        """Embed what somebody looks for.

        Args:
            words: Whatever was typed.

        Raises:
            AgentError: The model's server could not be asked in time.
        """
        asked = beginning(words.strip(), _LONGEST_QUERY)
        if (vector := self._remembered.get(asked)) is None:
            vector = (await self._embedder.embed([asked], is_query=True))[0]
            self._remembered[asked] = vector
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return EmbeddedQuery(self._embedder.model, vector)

    async def work_forever(self) -> None:
        """Embed in the background, and free what nobody has used for a while."""
        await self.look_for_pgvector()
        while True:
            pause_s = await self.worker.try_once()
            await self.prepare_index()
            self._matrix.let_go_if_idle()
            await asyncio.sleep(pause_s)

    async def prepare_index(self) -> None:
        """Let pgvector take in what was embedded; where it cannot, the matrix does its work."""
        if self._pgvector is None:
            return
        try:
            if dimension := (await self.worker.counts()).dimension:
                await self._pgvector.prepare(dimension)
        except ProgrammingError as error:
            log.warning("pgvector_not_used", error_type=type(error.orig).__name__)
            self._pgvector = None
        except (SQLAlchemyError, OSError) as error:
            log.warning("pgvector_not_prepared", error_type=type(error).__name__)

    async def look_for_pgvector(self) -> bool:
        """Use pgvector from here on, where the database has it.

        Returns:
            Whether it has.
        """
        try:
            if await has_pgvector(self._database):
                self._pgvector = PgVectorIndex(self._database, self.model)
        except (SQLAlchemyError, OSError) as error:
            log.warning("pgvector_not_looked_for", error_type=type(error).__name__)
        return self._pgvector is not None

    async def close(self) -> None:
        """Let go of what it holds."""
        await self._embedder.close()
