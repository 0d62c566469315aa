"""who reads the record, their sessions and exports, and the audit log

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

import data_layer.database.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# For the table of all threads and its filters.
INDEXES = (
    ("ix_threads_last_activity_at", "threads", ["last_activity_at", "thread_id"], None),
    ("ix_threads_created_at", "threads", ["created_at", "thread_id"], None),
    ("ix_steps_edited", "steps", ["thread_id"], "revision > 1"),
    ("ix_runs_unwell", "runs", ["status", "thread_id"], "status <> 'complete'"),
    (
        "ix_llm_calls_gen_ai_request_model_thread_id",
        "llm_calls",
        ["gen_ai_request_model", "thread_id"],
        None,
    ),
)

_Time = data_layer.database.types.UtcTime


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "researchers",
        sa.Column("researcher_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", _Time(timezone=True), nullable=False),
        sa.Column("disabled_at", _Time(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("researcher_id", name=op.f("pk_researchers")),
        sa.UniqueConstraint("name_key", name=op.f("uq_researchers_name_key")),
    )
    op.create_table(
        "researcher_sessions",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("researcher_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("created_at", _Time(timezone=True), nullable=False),
        sa.Column("expires_at", _Time(timezone=True), nullable=False),
        sa.Column("ended_at", _Time(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_researcher_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_researcher_sessions_token_hash")),
    )
    op.create_index(
        "ix_researcher_sessions_researcher_id", "researcher_sessions", ["researcher_id"], unique=False
    )
    op.create_table(
        "audit_log",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", _Time(timezone=True), nullable=False),
        sa.Column("researcher_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("details", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_log")),
    )
    op.create_table(
        "exports",
        sa.Column("export_id", sa.String(length=36), nullable=False),
        sa.Column("researcher_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("options", data_layer.database.types.JsonColumn, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", _Time(timezone=True), nullable=False),
        sa.Column("ended_at", _Time(timezone=True), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("table_count", sa.Integer(), nullable=True),
        sa.Column("zip_bytes", sa.BigInteger(), nullable=True),
        sa.Column("zip_sha256", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("deleted_at", _Time(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_created_at", "exports", ["created_at"], unique=False)
    for name, table, columns, where in INDEXES:
        only = None if where is None else sa.text(where)
        op.create_index(name, table, columns, unique=False, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Go back; what only these hold is gone then."""
    for name, table, *_ in INDEXES:
        op.drop_index(name, table_name=table)
    for table in ("exports", "audit_log", "researcher_sessions", "researchers"):
        op.drop_table(table)
