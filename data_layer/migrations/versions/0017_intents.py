"""intents

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KNOW_THEIRS = ("steps", "runs", "llm_calls")
_ACTIVE = sa.text("state = 'active'")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "intents",
        sa.Column("intent_id", sa.String(36), nullable=False),
        sa.Column("thread_id", sa.String(36), nullable=False),
        sa.Column("message_id", sa.String(36)),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cause", sa.Text()),
        sa.Column("parameters", JsonColumn),
        sa.Column("agent_state", JsonColumn),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("last_activity_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime()),
        *_left(),
        sa.PrimaryKeyConstraint("intent_id", name="pk_intents"),
    )
    op.create_index("ix_intents_thread_id_seq", "intents", ["thread_id", "seq"])
    op.create_index(
        "ix_intents_active", "intents", ["last_activity_at"], sqlite_where=_ACTIVE, postgresql_where=_ACTIVE
    )
    op.create_table(
        "intent_moves",
        sa.Column("move_id", sa.String(36), nullable=False),
        sa.Column("intent_id", sa.String(36), nullable=False),
        sa.Column("thread_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36)),
        sa.Column("message_id", sa.String(36)),
        sa.Column("connection_id", sa.String(36)),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("move", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cause", sa.Text()),
        sa.Column("parameters", JsonColumn),
        sa.Column("agent_state", JsonColumn),
        sa.Column("timestamp", UtcTime(), nullable=False),
        *_left(),
        sa.PrimaryKeyConstraint("move_id", name="pk_intent_moves"),
    )
    op.create_index("ix_intent_moves_thread_id_seq", "intent_moves", ["thread_id", "seq"])
    for table in _KNOW_THEIRS:
        op.add_column(table, sa.Column("intent_id", sa.String(36)))


def downgrade() -> None:
    """Go back: what was wanted is forgotten."""
    for table in _KNOW_THEIRS:
        op.drop_column(table, "intent_id")
    op.drop_table("intent_moves")
    op.drop_table("intents")


def _left() -> list[sa.Column[object]]:
    return [
        sa.Column("deleted_at", UtcTime()),
        sa.Column("deleted_because", sa.String(16)),
        sa.Column("branch", sa.Text()),
    ]
