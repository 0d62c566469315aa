"""codes, annotations, assignments and views; how the study is steered; withdrawals; a thread's turns

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

import data_layer.database.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_Time = data_layer.database.types.UtcTime
_Json = data_layer.database.types.JsonColumn
_BY_PARTICIPANT = ("connections", "events")
_TOTP = ("totp_secret", "totp_since", "totp_last")


def _id(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=36), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, _Time(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Go forward; the turns of the threads that are there are counted."""
    _make_coding()
    _make_governance()
    op.create_index(
        "ix_connections_open",
        "connections",
        ["thread_id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.add_column("researchers", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("researchers", _time("totp_since", nullable=True))
    op.add_column("researchers", sa.Column("totp_last", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("exports") as exports:
        exports.alter_column("researcher_id", existing_type=sa.String(length=36), nullable=True)
        exports.add_column(_time("beat_at", nullable=True))
        exports.add_column(sa.Column("progress", _Json, nullable=True))
    op.add_column("threads", sa.Column("turn_count", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE threads SET turn_count = (SELECT count(*) FROM steps "
        "WHERE steps.thread_id = threads.thread_id "
        "AND steps.deleted_at IS NULL AND steps.type = 'user_message')"
    )
    op.create_index("ix_llm_calls_prompt_hash", "llm_calls", ["prompt_hash"])
    for table in _BY_PARTICIPANT:
        op.create_index(f"ix_{table}_participant_id", table, ["participant_id"])


def _make_coding() -> None:
    op.create_table(
        "codes",
        _id("code_id"),
        sa.Column("codebook_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("colour", sa.String(length=16), nullable=False),
        _id("researcher_id"),
        sa.Column("author", sa.Text(), nullable=False),
        _time("created_at"),
        _time("retired_at", nullable=True),
        sa.PrimaryKeyConstraint("code_id", "codebook_version", name=op.f("pk_codes")),
        sa.UniqueConstraint("codebook_version", name=op.f("uq_codes_codebook_version")),
    )
    op.create_table(
        "annotations",
        _id("annotation_id"),
        _id("thread_id"),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        _id("step_id", nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("start_offset", sa.Integer(), nullable=True),
        sa.Column("end_offset", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=True),
        _id("code_id", nullable=True),
        sa.Column("codebook_version", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        _id("researcher_id"),
        sa.Column("author", sa.Text(), nullable=False),
        _id("replaces", nullable=True),
        _time("created_at"),
        _time("returned_at", nullable=True),
        _time("deleted_at", nullable=True),
        _id("deleted_by", nullable=True),
        sa.PrimaryKeyConstraint("annotation_id", name=op.f("pk_annotations")),
    )
    op.create_index("ix_annotations_thread_id", "annotations", ["thread_id"])
    living = sa.text("deleted_at IS NULL")
    op.create_index(
        "ix_annotations_living",
        "annotations",
        ["code_id", "thread_id"],
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_table(
        "coding_assignments",
        _id("assignment_id"),
        _id("thread_id"),
        _id("researcher_id"),
        _id("assigned_by"),
        _time("created_at"),
        _time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_coding_assignments")),
    )
    op.create_index(
        "ix_coding_assignments_researcher_id", "coding_assignments", ["researcher_id", "thread_id"]
    )
    op.create_index("ix_coding_assignments_thread_id", "coding_assignments", ["thread_id"])
    op.create_table(
        "saved_views",
        _id("view_id"),
        _id("researcher_id"),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", _Json, nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        _time("created_at"),
        _time("deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_saved_views")),
    )


def _make_governance() -> None:
    op.create_table(
        "study_controls",
        _id("control_id"),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        _id("researcher_id", nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        _time("created_at"),
        sa.PrimaryKeyConstraint("control_id", name=op.f("pk_study_controls")),
    )
    op.create_index("ix_study_controls_created_at", "study_controls", ["created_at"])
    op.create_table(
        "withdrawals",
        _id("withdrawal_id"),
        _id("participant_id"),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=16), nullable=False),
        _id("researcher_id", nullable=True),
        _time("withdrawn_at"),
        sa.Column("counts", _Json, nullable=False),
        sa.Column("export_ids", _Json, nullable=False),
        sa.Column("leftovers", _Json, nullable=True),
        sa.PrimaryKeyConstraint("withdrawal_id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("participant_id", name=op.f("uq_withdrawals_participant_id")),
    )


def downgrade() -> None:
    """Go back; what only these hold is gone then."""
    op.drop_index("ix_llm_calls_prompt_hash", "llm_calls")
    op.drop_index("ix_connections_open", table_name="connections")
    for table in _BY_PARTICIPANT:
        op.drop_index(f"ix_{table}_participant_id", table)
    with op.batch_alter_table("threads") as threads:
        threads.drop_column("turn_count")
    # Exports that no researcher asked for have no place in what was before.
    op.execute("DELETE FROM exports WHERE researcher_id IS NULL")
    with op.batch_alter_table("exports") as exports:
        exports.drop_column("progress")
        exports.drop_column("beat_at")
        exports.alter_column("researcher_id", existing_type=sa.String(length=36), nullable=False)
    with op.batch_alter_table("researchers") as researchers:
        for name in _TOTP:
            researchers.drop_column(name)
    for table in (
        "withdrawals",
        "study_controls",
        "saved_views",
        "coding_assignments",
        "annotations",
        "codes",
    ):
        op.drop_table(table)
