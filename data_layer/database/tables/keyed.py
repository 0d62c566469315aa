"""What programs ask for under a key of theirs, so that it is done once."""

from sqlalchemy import Column, Index, Integer, String, Table

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# One a request under an Idempotency-Key that makes no row of its own (docs/decisions/0052); for a day.
keyed_requests = Table(
    "keyed_requests",
    metadata,
    id_column("request_id", primary_key=True),  # made of the participant, the address and the key
    id_column("participant_id", nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of what was asked: the body
    id_column("claim_id", nullable=False),  # of who does it; another's when that one was killed
    id_column("process_id", nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("status", Integer),  # of the answer; null until it is done
    Column("answer", JsonColumn),  # what cannot be read anew; no words of anybody's
    Index("ix_keyed_requests_participant_id_asked_at", "participant_id", "asked_at"),
    Index("ix_keyed_requests_asked_at", "asked_at"),
)
