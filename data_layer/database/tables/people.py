"""Who takes part, and how they came in."""

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import UtcTime

participants = Table(
    "participants",
    metadata,
    id_column("participant_id", primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("source", String(32), nullable=False),  # how they came: "login", "simulation", "import"
    Column("created_at", UtcTime, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    id_column("identity_id", primary_key=True),
    id_column("participant_id", nullable=False),
    Column("study_id", Text, nullable=False),
    Column("kind", String(32), nullable=False),  # "user_name"; later Prolific's ids
    Column("value", Text, nullable=False),  # as it was typed
    Column("value_key", Text, nullable=False),  # normalised: what makes two spellings one person
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("study_id", "kind", "value_key"),
    Index("ix_identities_participant_id", "participant_id"),
)

# One a browser that came in; a cookie names its own, and is worth nothing once it has ended.
sign_ins = Table(
    "sign_ins",
    metadata,
    id_column("sign_in_id", primary_key=True),
    id_column("participant_id", nullable=False),
    Column("mode", String(16), nullable=False),  # study.participation.LoginMode
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_sign_ins_participant_id", "participant_id"),
)

passwords = Table(
    "passwords",
    metadata,
    id_column("participant_id", primary_key=True),
    Column("password_hash", Text, nullable=False),  # Argon2id, with its parameters
    Column("created_at", UtcTime, nullable=False),
)
