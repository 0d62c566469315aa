"""what tools keep, and the decisions that they have carried out

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "tool_records",
        sa.Column("thread_id", sa.String(36), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("participant_id", sa.String(36)),
        sa.Column("value", JsonColumn),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "key", name="pk_tool_records"),
    )
    op.create_table(
        "tool_decisions",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(36), nullable=False),
        sa.Column("participant_id", sa.String(36)),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("output", sa.Text()),
        sa.Column("is_error", sa.Boolean(), nullable=False),
        sa.Column("error_type", sa.Text()),
        sa.Column("sentence", sa.Text()),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime()),
        sa.PrimaryKeyConstraint("key", name="pk_tool_decisions"),
    )
    op.create_index("ix_tool_decisions_thread_id", "tool_decisions", ["thread_id"])


def downgrade() -> None:
    """Go back: what was decided is forgotten."""
    op.drop_table("tool_decisions")
    op.drop_table("tool_records")
