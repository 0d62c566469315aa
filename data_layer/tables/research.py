"""Who reads the record, and the log of what they read."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text, UniqueConstraint

from data_layer.tables.parts import id_column, metadata
from data_layer.types import JsonColumn, UtcTime

researchers = Table(
    "researchers",
    metadata,
    id_column("researcher_id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # normalised: what makes two spellings one person
    Column("role", String(16), nullable=False),  # study.roles.Role
    Column("password_hash", Text, nullable=False),  # Argon2id, with its parameters
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),  # may not come in any more; the row stays, for the audit log names it
    UniqueConstraint("name_key"),
)

# One a browser that came in. The cookie has a random token, here is only its SHA-256.
researcher_sessions = Table(
    "researcher_sessions",
    metadata,
    id_column("session_id", primary_key=True),
    id_column("researcher_id", nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("user_agent", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    UniqueConstraint("token_hash"),
    Index("ix_researcher_sessions_researcher_id", "researcher_id"),
)

# Append-only: each row's hash covers the row and the hash before it, so that none can be changed or taken
# out without all that follow telling (data_layer/audit.py).
audit_log = Table(
    "audit_log",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3, ...
    Column("at", UtcTime, nullable=False),
    id_column("researcher_id"),  # null for a command of an operator's
    Column("name", Text, nullable=False),  # of the researcher, as it then read
    Column("action", String(64), nullable=False),
    Column("target", Text),
    Column("details", JsonColumn),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
