"""what the participant's page keeps: sign-ins, passwords, branches, reasons, bookmarks, shares

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

import data_layer.database.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_Time = data_layer.database.types.UtcTime


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "sign_ins",
        sa.Column("sign_in_id", sa.String(length=36), nullable=False),
        sa.Column("participant_id", sa.String(length=36), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("created_at", _Time(timezone=True), nullable=False),
        sa.Column("expires_at", _Time(timezone=True), nullable=False),
        sa.Column("ended_at", _Time(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("pk_sign_ins")),
    )
    op.create_index("ix_sign_ins_participant_id", "sign_ins", ["participant_id"], unique=False)
    op.create_table(
        "passwords",
        sa.Column("participant_id", sa.String(length=36), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", _Time(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_passwords")),
    )
    op.create_table(
        "bookmarks",
        sa.Column("bookmark_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("participant_id", sa.String(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _Time(timezone=True), nullable=False),
        sa.Column("deleted_at", _Time(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("bookmark_id", name=op.f("pk_bookmarks")),
    )
    op.create_index("ix_bookmarks_thread_id", "bookmarks", ["thread_id"], unique=False)
    op.create_index("ix_bookmarks_participant_id", "bookmarks", ["participant_id"], unique=False)
    op.create_table(
        "shares",
        sa.Column("share_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("participant_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _Time(timezone=True), nullable=False),
        sa.Column("expires_at", _Time(timezone=True), nullable=False),
        sa.Column("revoked_at", _Time(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("share_id", name=op.f("pk_shares")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shares_token_hash")),
    )
    op.create_index("ix_shares_thread_id", "shares", ["thread_id"], unique=False)
    op.add_column("steps", sa.Column("branch", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("branch", sa.Text(), nullable=True))
    op.add_column("ratings", sa.Column("reasons", data_layer.database.types.JsonColumn, nullable=True))
    op.create_index(
        "ix_threads_deleted",
        "threads",
        ["participant_id", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Go back; what only these hold is gone then."""
    op.drop_index("ix_threads_deleted", table_name="threads")
    for table, column in (("ratings", "reasons"), ("runs", "branch"), ("steps", "branch")):
        op.drop_column(table, column)
    for table in ("shares", "bookmarks", "passwords", "sign_ins"):
        op.drop_table(table)
