"""Who got which condition: the ledger's rows, what they follow from, and when a study was frozen."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# What places are drawn from; one that the server has drawn is sealed, and there is one a study.
seeds = Table(
    "seeds",
    metadata,
    id_column("seed_id", primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("seed", Text, nullable=False),  # shown to nobody until the study has ended
    Column("seed_hash", String(64), nullable=False),  # study.assignment.seal
    Column("sealed", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("study_id", "seed_hash"),
    Index(
        "uq_seeds_study_id_sealed",
        "study_id",
        unique=True,
        sqlite_where=text("sealed"),
        postgresql_where=text("sealed"),
    ),
)

# A plan with its seed; another plan has another ledger.
ledgers = Table(
    "ledgers",
    metadata,
    Column("ledger_id", String(64), primary_key=True),  # study.assignment.ledger_name
    Column("study_id", Text, nullable=False),
    Column("plan", JsonColumn, nullable=False),  # study.assignment.plan_to_json
    id_column("seed_id", nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_ledgers_study_id", "study_id"),
)

# What happened to each place, row after row. A withdrawal empties participant_id, and nothing else.
assignments = Table(
    "assignments",
    metadata,
    id_column("assignment_id", primary_key=True),
    Column("ledger_id", String(64), nullable=False),
    Column("seq", Integer, nullable=False),  # from 1, without a gap
    Column("event", String(16), nullable=False),  # study.assignment.LedgerEvent
    Column("place_id", Text, nullable=False),
    Column("condition", String(200), nullable=False),
    id_column("participant_id"),
    Column("reason", String(16), nullable=False),  # study.assignment.OpenedBecause, or ""
    Column("inputs", JsonColumn, nullable=False),
    Column("draw", Text, nullable=False),
    Column("living", Boolean, nullable=False),  # the newest row of a place that is held or filled
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("ledger_id", "seq"),
    Index("ix_assignments_participant_id", "participant_id"),
    Index(
        "uq_assignments_living_place",
        "ledger_id",
        "place_id",
        unique=True,
        sqlite_where=text("living"),
        postgresql_where=text("living"),
    ),
    Index(
        "uq_assignments_living_participant",
        "ledger_id",
        "participant_id",
        unique=True,
        sqlite_where=text("living"),
        postgresql_where=text("living"),
    ),
)

# When a study was frozen, and each start with other files since: event "frozen" or "deviated".
freezes = Table(
    "freezes",
    metadata,
    id_column("freeze_id", primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("event", String(16), nullable=False),
    Column("study_fingerprint", String(64), nullable=False),
    Column("files", JsonColumn, nullable=False),  # the SHA-256 of each, by its name
    Column("seed_hash", String(64)),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_freezes_study_id_created_at", "study_id", "created_at"),
)
