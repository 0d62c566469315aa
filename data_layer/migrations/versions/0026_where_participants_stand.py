"""where participants stand in a study's protocol

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_ID = sa.String(36)
_STAGE = sa.String(40)


def upgrade() -> None:
    """Go forward: nothing that is there changes."""
    op.create_table(
        "participations",
        sa.Column("participant_id", _ID, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("study_fingerprint", sa.String(64), nullable=False),
        sa.Column("stage_id", _STAGE, nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("entered_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("condition", sa.String(200)),
        sa.Column("attention_failed", sa.Integer(), nullable=False),
        sa.Column("ending", _STAGE),
        sa.Column("ended_at", UtcTime()),
        sa.Column("usable", sa.Boolean()),
        sa.Column("why_not", sa.Text()),
        sa.Column("code_shown_at", UtcTime()),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participations"),
    )
    op.create_index("ix_participations_study_id_ending", "participations", ["study_id", "ending"])
    op.create_table(
        "stage_visits",
        sa.Column("visit_id", _ID, nullable=False),
        sa.Column("participant_id", _ID, nullable=False),
        sa.Column("stage_id", _STAGE, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("entered_at", UtcTime(), nullable=False),
        sa.Column("left_at", UtcTime()),
        sa.Column("outcome", sa.String(16)),
        sa.Column("ending", _STAGE),
        sa.Column("shown", JsonColumn),
        sa.PrimaryKeyConstraint("visit_id", name="pk_stage_visits"),
        sa.UniqueConstraint("participant_id", "visit", name="uq_stage_visits_participant_id_visit"),
    )
    op.create_table(
        "consents",
        sa.Column("consent_id", _ID, nullable=False),
        sa.Column("participant_id", _ID, nullable=False),
        sa.Column("stage_id", _STAGE, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("boxes", JsonColumn, nullable=False),
        sa.Column("shown_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name="pk_consents"),
    )
    op.create_index("ix_consents_participant_id", "consents", ["participant_id"])
    op.create_table(
        "consent_texts",
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_shown_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("text_hash", name="pk_consent_texts"),
    )
    op.create_table(
        "survey_answers",
        sa.Column("answer_id", _ID, nullable=False),
        sa.Column("participant_id", _ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("stage_id", _STAGE, nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("option_order", JsonColumn),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("number", sa.Float()),
        sa.Column("value_label", sa.Text()),
        sa.Column("other", sa.Text()),
        sa.Column("answer", JsonColumn),
        sa.Column("check_kind", sa.String(16)),
        sa.Column("check_passed", sa.Boolean()),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("shown_at", UtcTime(), nullable=False),
        sa.Column("first_touched_at", UtcTime()),
        sa.Column("sent_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", name="pk_survey_answers"),
    )
    op.create_index(
        "ix_survey_answers_participant_id_stage_id", "survey_answers", ["participant_id", "stage_id"]
    )
    op.create_table(
        "survey_changes",
        sa.Column("change_id", _ID, nullable=False),
        sa.Column("participant_id", _ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("stage_id", _STAGE, nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", JsonColumn),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_survey_changes"),
    )
    op.create_index("ix_survey_changes_participant_id_visit", "survey_changes", ["participant_id", "visit"])


def downgrade() -> None:
    """Go back: who stands where is forgotten."""
    for table in (
        "survey_changes",
        "survey_answers",
        "consent_texts",
        "consents",
        "stage_visits",
        "participations",
    ):
        op.drop_table(table)
