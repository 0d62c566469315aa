"""who got which condition

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ID = sa.String(36)
_HASH = sa.String(64)


def upgrade() -> None:
    """Go forward: nothing that is there changes."""
    op.create_table(
        "seeds",
        sa.Column("seed_id", _ID, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("seed_hash", _HASH, nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("seed_id", name="pk_seeds"),
        sa.UniqueConstraint("study_id", "seed_hash", name="uq_seeds_study_id_seed_hash"),
    )
    _only_where("uq_seeds_study_id_sealed", "seeds", ["study_id"], sa.text("sealed"))
    op.create_table(
        "ledgers",
        sa.Column("ledger_id", _HASH, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("plan", JsonColumn, nullable=False),
        sa.Column("seed_id", _ID, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("ledger_id", name="pk_ledgers"),
    )
    op.create_index("ix_ledgers_study_id", "ledgers", ["study_id"])
    op.create_table(
        "assignments",
        sa.Column("assignment_id", _ID, nullable=False),
        sa.Column("ledger_id", _HASH, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("condition", sa.String(200), nullable=False),
        sa.Column("participant_id", _ID),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("inputs", JsonColumn, nullable=False),
        sa.Column("draw", sa.Text(), nullable=False),
        sa.Column("living", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_assignments"),
        sa.UniqueConstraint("ledger_id", "seq", name="uq_assignments_ledger_id_seq"),
    )
    op.create_index("ix_assignments_participant_id", "assignments", ["participant_id"])
    living = sa.text("living")
    _only_where("uq_assignments_living_place", "assignments", ["ledger_id", "place_id"], living)
    _only_where("uq_assignments_living_participant", "assignments", ["ledger_id", "participant_id"], living)
    op.create_table(
        "freezes",
        sa.Column("freeze_id", _ID, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("study_fingerprint", _HASH, nullable=False),
        sa.Column("files", JsonColumn, nullable=False),
        sa.Column("seed_hash", _HASH),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("freeze_id", name="pk_freezes"),
    )
    op.create_index("ix_freezes_study_id_created_at", "freezes", ["study_id", "created_at"])
    op.add_column("participations", sa.Column("place", sa.String(16)))
    held = sa.text("place IN ('assigned', 'resumed')")
    op.create_index(
        "ix_participations_held",
        "participations",
        ["study_id", "seen_at"],
        sqlite_where=held,
        postgresql_where=held,
    )


def downgrade() -> None:
    """Go back: who got what is forgotten."""
    op.drop_index("ix_participations_held", "participations")
    with op.batch_alter_table("participations") as table:
        table.drop_column("place")
    for name in ("freezes", "assignments", "ledgers", "seeds"):
        op.drop_table(name)


def _only_where(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
