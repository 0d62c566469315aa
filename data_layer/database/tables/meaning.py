"""What messages mean, as numbers: made in the background, and only where a study is searched by meaning."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from data_layer.database.tables.parts import FOREIGN, id_column, metadata
from data_layer.database.types import UtcTime

# Where PostgreSQL has pgvector, a column `near` stands beside (data_layer/search/pgvector.py): the same
# numbers at half precision, for its index.
embeddings = Table(
    "embeddings",
    metadata,
    id_column("step_id", primary_key=True),
    Column("model", Text, primary_key=True),  # agent/embedding/base.py: kept_as
    id_column("thread_id", nullable=False),
    Column("revision", Integer, nullable=False),  # of the step, as it was embedded
    Column("seq", BigInteger, nullable=False),  # the order in which they were kept
    Column("dimension", Integer),
    Column("vector", LargeBinary),  # float32, little-endian, of length one; null where it failed
    Column("error_type", Text, info=FOREIGN),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_embeddings_thread_id", "thread_id"),
    # Counts them, and finds those that are new, without reading vectors.
    Index("ix_embeddings_model", "model", "seq", "error_type", "dimension"),
)
