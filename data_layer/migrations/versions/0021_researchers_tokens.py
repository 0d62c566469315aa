"""what programs of researchers come in with

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "researcher_tokens",
        sa.Column("token_id", sa.String(36), nullable=False),
        sa.Column("researcher_id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", JsonColumn, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime()),
        sa.Column("revoked_at", UtcTime()),
        sa.PrimaryKeyConstraint("token_id", name="pk_researcher_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_researcher_tokens_token_hash"),
    )
    op.create_index("ix_researcher_tokens_researcher_id", "researcher_tokens", ["researcher_id"])


def downgrade() -> None:
    """Go back: every token is dead."""
    op.drop_table("researcher_tokens")
