"""The nearest vectors by pgvector, where PostgreSQL has it: a column of half the precision, and an index.

They are made here and not by a migration: only studies that are searched by meaning need them, an index has
one number of dimensions, and a server gets pgvector when its operator installs it. Every vector is kept whole
beside them (tables/meaning.py), so that nothing is lost where pgvector is not.
"""

import hashlib
import math
from collections.abc import Collection
from typing import Final

import numpy as np
import structlog
from sqlalchemy import TextClause, select, text
from sqlalchemy.exc import DBAPIError

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from data_layer.search.vectors import Near, Vector, as_matrix

log = structlog.get_logger(__name__)

# halfvec came with 0.7, scans that go on behind a filter with 0.8.
_LEAST: Final = (0, 8)
_AT_ONCE: Final = 500
# How much of the graph a search looks through: pgvector's 40 finds too few of 200 (bench/semantic.py).
_LOOKED_AT: Final = 400
# Numbers are microseconds, taken before the commit: of another process an older one may come later.
_OVERLAP: Final = 120_000_000
_PREFIX: Final = "ix_embeddings_near_"
_KEPT: Final = schema.embeddings


async def has_pgvector(database: Database) -> bool:
    """Whether the database has pgvector, or can be given it.

    Raises:
        SQLAlchemyError: The database is away.
    """
    if database.dialect != "postgresql":
        return False
    async with database.engine.connect() as connection:
        version = await connection.scalar(_INSTALLED)
        offered = version or await connection.scalar(_OFFERED)
    if offered is None or _number(offered) < _LEAST:
        return False
    if version is None:
        try:
            async with database.engine.begin() as connection:
                await connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        except DBAPIError as error:
            log.warning("pgvector_not_created", repair="CREATE EXTENSION vector", error=type(error).__name__)
            return False
    return True


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


class PgVectorIndex:
    """The vectors of a model, in PostgreSQL.

    Args:
        database: Where they are.
        model: Whose.
    """

    def __init__(self, database: Database, model: str) -> None:
        self._database = database
        self._model = model
        self._dimension = 0
        self._filled_to = 0

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked."""
        return self._dimension > 0

    async def prepare(self, dimension: int) -> None:
        """Make the column and the index, and fill what is not in them yet.

        Args:
            dimension: Of the vectors.

        Raises:
            SQLAlchemyError: The database is away, or its account may not do that.
        """
        if not self.is_ready:
            async with self._database.engine.begin() as connection:
                if not await connection.scalar(_COLUMN):
                    await connection.execute(text(_ADD))
        while await self._fill():
            pass
        if not self.is_ready and await self._index(dimension):
            self._dimension = dimension

    async def nearest(self, vector: Vector, most: int, threads: Collection[str] | None = None) -> list[Near]:
        """Messages with their cosine, the nearest first; see matrix.py.

        Raises:
            SQLAlchemyError: The database is away.
        """
        if self._dimension != len(vector):
            return []
        asked: Row = {"asked": _written(vector), "most": most}
        if threads is not None:
            asked["threads"] = list(threads)
        async with self._database.engine.begin() as connection:
            # Those of few threads are compared one by one; the index would look through all for them.
            await connection.execute(_APPROXIMATE if threads is None else _EXACT)
            rows = await connection.execute(self._query(threads is not None), asked)
            return [(row.step_id, 1.0 - row.distance) for row in rows if not math.isnan(row.distance)]

    def _query(self, of_threads: bool) -> TextClause:
        # As the index says it: PostgreSQL takes a partial index for its very condition alone, and one of an
        # expression for that expression.
        size = int(self._dimension)
        distance = f"near::halfvec({size}) <=> CAST(:asked AS halfvec({size}))"
        named = " AND thread_id = ANY(CAST(:threads AS text[]))" if of_threads else ""
        model = _quoted(self._model).replace(":", "\\:")  # no parameter of a text
        return text(
            f"SELECT step_id, {distance} AS distance FROM embeddings "  # noqa: S608  # a number, and quoted
            f"WHERE model = {model} AND near IS NOT NULL{named} ORDER BY {distance} LIMIT :most"
        )

    async def _fill(self) -> int:
        """Put those that came since the last time beside themselves, once more."""
        query = (
            select(_KEPT.c.step_id, _KEPT.c.seq, _KEPT.c.vector, _KEPT.c.dimension)
            .where(_KEPT.c.model == self._model, _KEPT.c.seq > self._filled_to - _OVERLAP)
            .where(text("embeddings.near IS NULL"), _KEPT.c.vector.is_not(None))
            .order_by(_KEPT.c.seq)
            .limit(_AT_ONCE)
        )
        async with self._database.engine.begin() as connection:
            rows = (await connection.execute(query)).all()
            if rows:
                filled = [
                    {
                        "step_id": row.step_id,
                        "model": self._model,
                        "near": _written(as_matrix([row.vector], row.dimension)[0]),
                    }
                    for row in rows
                ]
                await connection.execute(_FILL, filled)
                self._filled_to = rows[-1].seq
        return len(rows)

    async def _index(self, dimension: int) -> bool:
        """Make the index, unless another process does just then; take those of other models away."""
        name = _PREFIX + hashlib.sha256(f"{self._model} {dimension}".encode()).hexdigest()[:12]
        make = (
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON embeddings "
            f"USING hnsw ((near::halfvec({int(dimension)})) halfvec_cosine_ops) "
            f"WHERE model = {_quoted(self._model)}"
        )
        async with self._database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            if not await alone.scalar(_LOCK):
                return False
            try:
                known = {row.name: row.whole for row in await alone.execute(_INDEXES)}
                for other, whole in known.items():
                    if other != name or not whole:  # half an index is what a killed process leaves
                        await alone.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {other}")
                await alone.execute(_MEMORY)
                await alone.exec_driver_sql(make)
            finally:
                await alone.execute(_UNLOCK)
                await alone.execute(text("RESET maintenance_work_mem"))
        return True


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _written(vector: Vector) -> str:
    return "[" + ",".join(f"{number:.7g}" for number in np.asarray(vector, dtype=np.float32).tolist()) + "]"


_INSTALLED: Final = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
_OFFERED: Final = text("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
_COLUMN: Final = text(
    "SELECT 1 FROM pg_attribute WHERE attrelid = 'embeddings'::regclass AND attname = 'near' "
    "AND NOT attisdropped"
)
_FILL: Final = text(
    "UPDATE embeddings SET near = CAST(:near AS halfvec) WHERE step_id = :step_id AND model = :model"
)
_EXACT: Final = text("SET LOCAL enable_indexscan = off")
_APPROXIMATE: Final = text(
    f"SELECT set_config('hnsw.ef_search', '{_LOOKED_AT}', true), "
    "set_config('hnsw.iterative_scan', 'strict_order', true)"
)
_ADD: Final = "ALTER TABLE embeddings ADD COLUMN IF NOT EXISTS near halfvec"
# The graph of 100,000 vectors of 768 numbers; with PostgreSQL's 64 MB it is made several times as slowly.
_MEMORY: Final = text("SELECT set_config('maintenance_work_mem', '256MB', false)")
_LOCK: Final = text("SELECT pg_try_advisory_lock(7233461)")  # a number of ours: "verbatim near" has none
_UNLOCK: Final = text("SELECT pg_advisory_unlock(7233461)")
_INDEXES: Final = text(
    "SELECT c.relname AS name, i.indisvalid AS whole FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE i.indrelid = 'embeddings'::regclass AND c.relname LIKE 'ix_embeddings_near_%'"
)
