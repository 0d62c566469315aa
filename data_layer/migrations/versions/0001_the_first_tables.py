"""the first tables

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

import data_layer.database.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# FTS5 splits at everything but letters and digits, as data_layer/database/text.py has done already, so that
# both databases know the same words. `owner` is indexed as a word of its own: a participant's search
# reads the posting list of their own rows, not of everybody's.
SEARCH_INDEX = {
    "sqlite": [
        "CREATE VIRTUAL TABLE search_index USING fts5("
        "words, owner, kind UNINDEXED, target_id UNINDEXED, thread_id UNINDEXED, "
        "tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')"
    ],
    "postgresql": [
        "CREATE TABLE search_index (number BIGINT PRIMARY KEY, words TSVECTOR NOT NULL, "
        "owner VARCHAR(32) NOT NULL, kind VARCHAR(8) NOT NULL, target_id VARCHAR(36) NOT NULL, "
        "thread_id VARCHAR(36) NOT NULL)",
        "CREATE INDEX ix_search_index_words ON search_index USING GIN (words)",
        "CREATE INDEX ix_search_index_owner ON search_index (owner)",
    ],
}


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "connections",
        sa.Column("connection_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("participant_id", sa.String(length=36), nullable=True),
        sa.Column("thread_id", sa.String(length=36), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("opened_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("closed_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_connections")),
    )
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.create_index("ix_connections_session_id", ["session_id"], unique=False)
        batch_op.create_index("ix_connections_thread_id", ["thread_id"], unique=False)

    op.create_table(
        "elements",
        sa.Column("element_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("display", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("props", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("deleted_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("element_id", name=op.f("pk_elements")),
    )
    with op.batch_alter_table("elements", schema=None) as batch_op:
        batch_op.create_index("ix_elements_thread_id_seq", ["thread_id", "seq"], unique=False)

    op.create_table(
        "events",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=True),
        sa.Column("participant_id", sa.String(length=36), nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("connection_id", sa.String(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("payload", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("timestamp", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_thread_id_seq", ["thread_id", "seq"], unique=False)

    op.create_table(
        "identities",
        sa.Column("identity_id", sa.String(length=36), nullable=False),
        sa.Column("participant_id", sa.String(length=36), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("value_key", sa.Text(), nullable=False),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_identities")),
        sa.UniqueConstraint(
            "study_id", "kind", "value_key", name=op.f("uq_identities_study_id_kind_value_key")
        ),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index("ix_identities_participant_id", ["participant_id"], unique=False)

    op.create_table(
        "journal_applied",
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("applied_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_journal_applied")),
    )
    op.create_table(
        "llm_calls",
        sa.Column("llm_call_id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("prompt_hash", sa.String(length=64), nullable=False),
        sa.Column("gen_ai_provider_name", sa.Text(), nullable=False),
        sa.Column("gen_ai_operation_name", sa.String(length=16), nullable=False),
        sa.Column("gen_ai_request_model", sa.Text(), nullable=False),
        sa.Column("gen_ai_response_model", sa.Text(), nullable=True),
        sa.Column("gen_ai_response_id", sa.Text(), nullable=True),
        sa.Column("gen_ai_usage_input_tokens", sa.Integer(), nullable=True),
        sa.Column("gen_ai_usage_output_tokens", sa.Integer(), nullable=True),
        sa.Column("cached_tokens", sa.Integer(), nullable=True),
        sa.Column("reasoning_tokens", sa.Integer(), nullable=True),
        sa.Column("request_parameters", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("system_fingerprint", sa.Text(), nullable=True),
        sa.Column("finish_reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("cost_currency", sa.String(length=3), nullable=True),
        sa.Column("started_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("ttft_ms", sa.Float(), nullable=True),
        sa.Column("latency_ms", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("error_type", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("llm_call_id", name=op.f("pk_llm_calls")),
    )
    with op.batch_alter_table("llm_calls", schema=None) as batch_op:
        batch_op.create_index("ix_llm_calls_message_id", ["message_id"], unique=False)
        batch_op.create_index("ix_llm_calls_thread_id_seq", ["thread_id", "seq"], unique=False)

    op.create_table(
        "participants",
        sa.Column("participant_id", sa.String(length=36), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_participants")),
    )
    op.create_table(
        "prompts",
        sa.Column("prompt_hash", sa.String(length=64), nullable=False),
        sa.Column("messages", sa.Text(), nullable=False),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("prompt_hash", name=op.f("pk_prompts")),
    )
    op.create_table(
        "ratings",
        sa.Column("rating_id", sa.String(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("participant_id", sa.String(length=36), nullable=True),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("deleted_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("rating_id", "revision", name=op.f("pk_ratings")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index("ix_ratings_thread_id", ["thread_id"], unique=False)

    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("message_revision", sa.Integer(), nullable=True),
        sa.Column("connection_id", sa.String(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("agent_kind", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("started_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("ttft_ms", sa.Float(), nullable=True),
        sa.Column("latency_ms", sa.Float(), nullable=True),
        sa.Column("error_type", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=True),
        sa.Column("study_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("deleted_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("deleted_because", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_message_id", ["message_id"], unique=False)
        batch_op.create_index("ix_runs_thread_id_seq", ["thread_id", "seq"], unique=False)

    op.create_table(
        "step_revisions",
        sa.Column("step_id", sa.String(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("step_id", "revision", name=op.f("pk_step_revisions")),
    )
    with op.batch_alter_table("step_revisions", schema=None) as batch_op:
        batch_op.create_index("ix_step_revisions_thread_id", ["thread_id"], unique=False)

    op.create_table(
        "steps",
        sa.Column("step_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.Column("connection_id", sa.String(length=36), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("is_error", sa.Boolean(), nullable=False),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("started_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("ended_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("metadata", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("display", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.String(length=36), nullable=True),
        sa.Column("deleted_because", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_steps")),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index("ix_steps_living", ["thread_id", "deleted_at", "type", "seq"], unique=False)
        batch_op.create_index("ix_steps_run_id", ["run_id"], unique=False)
        batch_op.create_index(
            "ix_steps_streaming",
            ["status"],
            unique=False,
            sqlite_where=sa.text("status = 'streaming'"),
            postgresql_where=sa.text("status = 'streaming'"),
        )
        batch_op.create_index("ix_steps_thread_id_seq", ["thread_id", "seq"], unique=False)

    op.create_table(
        "threads",
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("participant_id", sa.String(length=36), nullable=True),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("renamed", sa.Boolean(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tags", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("metadata", data_layer.database.types.JsonColumn, nullable=True),
        sa.Column("created_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("last_activity_at", data_layer.database.types.UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("study_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", data_layer.database.types.UtcTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("thread_id", name=op.f("pk_threads")),
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index(
            "ix_threads_sidebar",
            ["participant_id", "last_activity_at", "thread_id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    for statement in SEARCH_INDEX[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    op.drop_table("search_index")
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_threads_sidebar",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("threads")
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index("ix_steps_thread_id_seq")
        batch_op.drop_index(
            "ix_steps_streaming",
            sqlite_where=sa.text("status = 'streaming'"),
            postgresql_where=sa.text("status = 'streaming'"),
        )
        batch_op.drop_index("ix_steps_run_id")
        batch_op.drop_index("ix_steps_living")

    op.drop_table("steps")
    with op.batch_alter_table("step_revisions", schema=None) as batch_op:
        batch_op.drop_index("ix_step_revisions_thread_id")

    op.drop_table("step_revisions")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("ix_runs_thread_id_seq")
        batch_op.drop_index("ix_runs_message_id")

    op.drop_table("runs")
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_index("ix_ratings_thread_id")

    op.drop_table("ratings")
    op.drop_table("prompts")
    op.drop_table("participants")
    with op.batch_alter_table("llm_calls", schema=None) as batch_op:
        batch_op.drop_index("ix_llm_calls_message_id")
        batch_op.drop_index("ix_llm_calls_thread_id_seq")

    op.drop_table("llm_calls")
    op.drop_table("journal_applied")
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_index("ix_identities_participant_id")

    op.drop_table("identities")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_thread_id_seq")

    op.drop_table("events")
    with op.batch_alter_table("elements", schema=None) as batch_op:
        batch_op.drop_index("ix_elements_thread_id_seq")

    op.drop_table("elements")
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_index("ix_connections_thread_id")
        batch_op.drop_index("ix_connections_session_id")

    op.drop_table("connections")
