"""where threads came from that were not held here

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "imports",
        sa.Column("thread_id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("times", sa.String(16), nullable=False),
        sa.Column("origin", JsonColumn),
        sa.Column("imported_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", name="pk_imports"),
    )
    op.create_index("ix_imports_source_source_id", "imports", ["source", "source_id"])


def downgrade() -> None:
    """Go back: imported threads stay, and where they came from is forgotten."""
    op.drop_table("imports")
