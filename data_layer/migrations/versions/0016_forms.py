"""forms under replies, and their answers

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("threads", sa.Column("open_form_id", sa.String(length=36), nullable=True))
    op.create_table(
        "forms",
        sa.Column("form_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", JsonColumn, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("left_because", sa.String(length=16), nullable=True),
        sa.Column("answers", JsonColumn, nullable=True),
        sa.Column("shown_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("answered_by_message", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_forms")),
    )
    op.create_index("ix_forms_thread_id", "forms", ["thread_id"])
    op.create_index("ix_forms_message_id", "forms", ["message_id"])
    op.create_table(
        "form_answers",
        sa.Column("answer_id", sa.String(length=36), nullable=False),
        sa.Column("form_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("connection_id", sa.String(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("value_label", sa.Text(), nullable=True),
        sa.Column("other", sa.Text(), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("shown_at", UtcTime(), nullable=False),
        sa.Column("first_touched_at", UtcTime(), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_form_answers")),
    )
    op.create_index("ix_form_answers_thread_id", "form_answers", ["thread_id"])
    op.create_index("ix_form_answers_form_id", "form_answers", ["form_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("form_answers")
    op.drop_table("forms")
    op.drop_column("threads", "open_form_id")
