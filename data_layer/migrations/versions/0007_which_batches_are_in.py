"""which batches are in

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

import data_layer.database.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "processes",
        sa.Column("process_id", sa.String(length=36), nullable=False),
        sa.Column("last_batch", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process_id", name=op.f("pk_processes")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("processes")
