"""Embeds messages in the background: what is new soon, all that is missing at a start and every few hours.

Nobody waits for it. The rows say what is missing, so that a restart goes on where it was; a message that the
model does not take is marked, and the others go on; a server that is away is asked again later and later.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent.embedding.base import LONGEST_TEXT, Embedder, FloatMatrix, TextRefused
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.search.embedded import EmbeddingCounts, Unembedded, counts, forget_others, keep, waiting
from data_layer.search.vectors import as_bytes
from study.errors import AgentError, AgentUnavailable

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 15.0
# A reply may end so long after its participant's last message, and is found by that message's time.
_OVERLAP: Final = timedelta(hours=1)
_ALL_EVERY: Final = timedelta(hours=6)
_FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 600.0
# A text that is refused may be too long: its beginning stands for it, down to this.
_SHORTEST: Final = 500
_PROBE: Final = "A short text."


@dataclass(frozen=True)
class EmbeddingState:
    """How the work is going.

    Args:
        is_whole: The last look left nothing to do.
        problem: Why it waits; empty while it does not.
        again_s: Seconds that it waits for then.
    """

    is_whole: bool = False
    problem: str = ""
    again_s: float = 0.0


class EmbeddingWorker:
    """Embeds what is to be embedded.

    Args:
        record: Where the messages are, and what the time is.
        embedder: What makes vectors of them.
    """

    def __init__(self, record: Record, embedder: Embedder) -> None:
        self.state = EmbeddingState()
        self._record = record
        self._embedder = embedder
        self._looked_at: datetime | None = None
        self._all_at: datetime | None = None
        self._failures = 0
        self._dimension: int | None = None

    async def counts(self) -> EmbeddingCounts:
        """How far it is.

        Raises:
            SQLAlchemyError: The database is away.
        """
        return await counts(self._record.database, self._embedder.model)

    async def look(self) -> int:
        """Embed all that waits.

        Returns:
            How many vectors were kept.

        Raises:
            AgentError: The server could not be asked; what was done by then is kept.
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        now = self._record.now()
        is_first = self._looked_at is None
        of_all = self._all_at is None or now - self._all_at >= _ALL_EVERY
        since = None if of_all or self._looked_at is None else self._looked_at - _OVERLAP
        if self._dimension is None:
            self._dimension = (await self.counts()).dimension
        kept = 0
        found = waiting(
            self._record.database, self._embedder.model, since, self._embedder.at_once, again=is_first
        )
        async for batch in found:
            self.state = replace(self.state, is_whole=False)
            kept += await self._embed(batch)
        self._looked_at = now
        if of_all:
            self._all_at = now
            if gone := await forget_others(self._record.database, self._embedder.model):
                log.info("embeddings_of_other_models_erased", count=gone)
        self.state = EmbeddingState(is_whole=True)
        return kept

    async def try_once(self) -> float:
        """Look, and see to what goes wrong.

        Returns:
            Seconds until the next look.
        """
        try:
            if count := await self.look():
                log.info("messages_embedded", count=count)
            self._failures = 0
        except (AgentError, SQLAlchemyError, OSError) as error:
            again_s = self._pause()
            words = str(error) if isinstance(error, AgentError) else "The database does not answer."
            self.state = EmbeddingState(problem=words, again_s=again_s)
            log.warning(
                "messages_not_embedded",
                error_type=getattr(error, "error_type", type(error).__name__),
                again_s=round(again_s, 1),
            )
            return again_s
        return LOOK_EVERY_S

    def _pause(self) -> float:
        self._failures += 1
        most: float = min(_FIRST_PAUSE_S * 2 ** min(self._failures - 1, 20), LONGEST_PAUSE_S)
        # Several processes that lost one server do not come back at once.
        return most * random.uniform(0.8, 1.0)  # noqa: S311  # no secret

    async def _embed(self, batch: Sequence[Unembedded]) -> int:
        rows = [self._row(one, vector) for one, vector in await self._vectors(batch)]
        return await keep(self._record.database, self._embedder.model, rows)

    async def _vectors(
        self, batch: Sequence[Unembedded]
    ) -> list[tuple[Unembedded, FloatMatrix | TextRefused]]:
        """The vectors of a batch; where it is refused, of each half, down to the text that is to blame."""
        try:
            matrix = self._checked(await self._embedder.embed([one.text for one in batch]))
        except TextRefused as refusal:
            if len(batch) > 1:
                half = len(batch) // 2
                return await self._vectors(batch[:half]) + await self._vectors(batch[half:])
            return [(batch[0], await self._of_its_beginning(batch[0].text, refusal))]
        return list(zip(batch, matrix, strict=True))

    async def _of_its_beginning(self, text: str, refusal: TextRefused) -> FloatMatrix | TextRefused:
        length = min(len(text), LONGEST_TEXT) // 2
        while length >= _SHORTEST:
            try:
                vector: FloatMatrix = self._checked(await self._embedder.embed([text[:length]]))[0]
                return vector
            except TextRefused:
                length //= 2
        # A model that refuses whatever it is sent is not to blame on one message.
        try:
            await self._embedder.embed([_PROBE])
        except TextRefused as error:
            raise AgentUnavailable(str(error), error_type=error.error_type) from error
        return refusal

    def _checked(self, matrix: FloatMatrix) -> FloatMatrix:
        came = int(matrix.shape[1])
        if self._dimension is not None and came != self._dimension:
            raise AgentUnavailable(
                f"The model gives vectors of {came:,} numbers now, and those that are kept have "
                f"{self._dimension:,}. Name it otherwise in study.yaml, and all are made anew.",
                error_type="wrong_dimension",
            )
        self._dimension = came
        return matrix

    def _row(self, one: Unembedded, vector: FloatMatrix | TextRefused) -> Row:
        row: Row = {
            "step_id": one.step_id,
            "thread_id": one.thread_id,
            "revision": one.revision,
            "seq": self._record.take_order(),
            "dimension": None,
            "vector": None,
            "error_type": None,
            "created_at": self._record.now(),
        }
        if isinstance(vector, TextRefused):
            return row | {"error_type": vector.error_type}
        return row | {"dimension": len(vector), "vector": as_bytes(vector)}
