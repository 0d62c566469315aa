"""What participants made of what was said."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# A change of mind adds a revision; `is_current` marks the newest, unless it was taken back.
ratings = Table(
    "ratings",
    metadata,
    id_column("rating_id", primary_key=True),
    Column("revision", Integer, primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("message_id", nullable=False),  # the reply that was rated
    id_column("run_id"),
    id_column("participant_id"),
    Column("value", Integer, nullable=False),  # 1 up, 0 down
    Column("reasons", JsonColumn),  # what was ticked, in the study file's words
    Column("comment", Text),
    Column("is_current", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Index("ix_ratings_thread_id", "thread_id"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    id_column("bookmark_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("message_id", nullable=False),
    id_column("participant_id"),
    Column("seq", BigInteger, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Index("ix_bookmarks_thread_id", "thread_id"),
    Index("ix_bookmarks_participant_id", "participant_id"),
)

# A link to read a thread as it stood. Who has the link has its token; here is only its SHA-256.
shares = Table(
    "shares",
    metadata,
    id_column("share_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("participant_id", nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("last_seq", BigInteger, nullable=False),  # what came later is not shared
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    UniqueConstraint("token_hash"),
    Index("ix_shares_thread_id", "thread_id"),
)
