"""How the study is steered, and who has left it."""

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# Whether participants come in and write. Append-only: the newest row holds, and without one it is open.
study_controls = Table(
    "study_controls",
    metadata,
    id_column("control_id", primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("state", String(16), nullable=False),  # study.vocabulary.StudyState
    id_column("researcher_id"),  # null for a command of an operator's
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_study_controls_created_at", "created_at"),
)

# The tombstone of each withdrawal: that it was, when, and how much is gone; nothing of what it was.
withdrawals = Table(
    "withdrawals",
    metadata,
    id_column("withdrawal_id", primary_key=True),
    id_column("participant_id", nullable=False),  # the pseudonym: nothing may be written under it any more
    Column("study_id", Text, nullable=False),
    Column("requested_by", String(16), nullable=False),  # "participant", "researcher"
    id_column("researcher_id"),
    Column("withdrawn_at", UtcTime, nullable=False),
    Column("counts", JsonColumn, nullable=False),  # rows erased, by table; files
    Column("export_ids", JsonColumn, nullable=False),  # exports made in the room that may have held them
    # Paths below the data folder and ids in the journal that are still to be erased; null once they are.
    Column("leftovers", JsonColumn),
    UniqueConstraint("participant_id"),
)
