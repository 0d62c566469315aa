"""what programs asked for under a key

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "keyed_requests",
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("participant_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("claim_id", sa.String(36), nullable=False),
        sa.Column("process_id", sa.String(36), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", JsonColumn),
        sa.PrimaryKeyConstraint("request_id", name="pk_keyed_requests"),
    )
    op.create_index(
        "ix_keyed_requests_participant_id_asked_at", "keyed_requests", ["participant_id", "asked_at"]
    )
    op.create_index("ix_keyed_requests_asked_at", "keyed_requests", ["asked_at"])


def downgrade() -> None:
    """Go back: what was asked for is done again when it is asked for again."""
    op.drop_table("keyed_requests")
