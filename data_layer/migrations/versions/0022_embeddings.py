"""embeddings, for the search by meaning

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import UtcTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "embeddings",
        sa.Column("step_id", sa.String(36), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Integer()),
        sa.Column("vector", sa.LargeBinary()),
        sa.Column("error_type", sa.Text()),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("step_id", "model", name="pk_embeddings"),
    )
    op.create_index("ix_embeddings_thread_id", "embeddings", ["thread_id"])
    op.create_index("ix_embeddings_model", "embeddings", ["model", "seq", "error_type", "dimension"])


def downgrade() -> None:
    """Go back: they can be made again."""
    op.drop_table("embeddings")
