"""Who reads the record, and the log of what they read."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from data_layer.database.tables.parts import FOREIGN, id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

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
    Column("totp_secret", Text),  # of the second factor (RFC 6238), base32; null without one
    Column("totp_since", UtcTime),  # when its first code was given; before that it is not asked for
    Column("totp_last", BigInteger),  # the time step of the last code that was taken: none is taken twice
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

# What programs of a researcher's come in with (api/research). Like a cookie's, here is only its SHA-256.
researcher_tokens = Table(
    "researcher_tokens",
    metadata,
    id_column("token_id", primary_key=True),
    id_column("researcher_id", nullable=False),
    Column("name", Text, nullable=False),  # as its researcher calls it; the audit log names it
    Column("scopes", JsonColumn, nullable=False),  # of study.roles.TokenScope
    Column("token_hash", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),  # to the minute
    Column("revoked_at", UtcTime),
    UniqueConstraint("token_hash"),
    Index("ix_researcher_tokens_researcher_id", "researcher_id"),
)

# Append-only: each row's hash covers the row and the hash before it, so that none can be changed or taken
# out without all that follow telling (data_layer/people/audit.py).
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

# Exports made in the room or by night; each is a folder below the data folder's exports/, and a zip of it.
exports = Table(
    "exports",
    metadata,
    id_column("export_id", primary_key=True),
    id_column("researcher_id"),  # null for a command of an operator's
    Column("name", Text, nullable=False),  # of the researcher, as it then read
    Column("options", JsonColumn, nullable=False),  # as `python -m exports` is asked
    Column("state", String(16), nullable=False),  # study.vocabulary.ExportState
    Column("created_at", UtcTime, nullable=False),
    Column("beat_at", UtcTime),  # while it is made: when the process that makes it last said so
    Column("progress", JsonColumn),  # likewise: how far it is
    Column("ended_at", UtcTime),
    Column("row_count", BigInteger),
    Column("table_count", Integer),
    Column("zip_bytes", BigInteger),
    Column("zip_sha256", String(64)),
    Column("problem", Text, info=FOREIGN),  # why it failed, with the repair
    Column("deleted_at", UtcTime),  # its files are gone; who had it and when stays
    Index("ix_exports_created_at", "created_at"),
)
