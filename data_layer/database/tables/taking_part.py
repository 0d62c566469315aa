"""Where each participant stands in a study's protocol, and what they agreed to and answered on the way."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# One a participant, from their first page on; `visit` is what a page is compared with and sets.
participations = Table(
    "participations",
    metadata,
    id_column("participant_id", primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("study_fingerprint", String(64), nullable=False),  # of the file that they began with
    Column("stage_id", String(40), nullable=False),
    Column("visit", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("condition", String(200)),
    Column("attention_failed", Integer, nullable=False),
    Column("ending", String(40)),
    Column("ended_at", UtcTime),
    Column("usable", Boolean),
    Column("why_not", Text),  # in plain words, where it is not usable
    Column("code_shown_at", UtcTime),
    # What happened last to the place that they were assigned to (study.assignment.LedgerEvent); null where
    # they have none.
    Column("place", String(16)),
    Index("ix_participations_study_id_ending", "study_id", "ending"),
    # Whose place may have to be opened, for they give no sign: few.
    Index(
        "ix_participations_held",
        "study_id",
        "seen_at",
        sqlite_where=text("place IN ('assigned', 'resumed')"),
        postgresql_where=text("place IN ('assigned', 'resumed')"),
    ),
)

# A page that somebody stood at, from its entering to its leaving.
stage_visits = Table(
    "stage_visits",
    metadata,
    id_column("visit_id", primary_key=True),
    id_column("participant_id", nullable=False),
    Column("stage_id", String(40), nullable=False),
    Column("kind", String(16), nullable=False),  # study.protocol.stages.StageKind
    Column("visit", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    Column("outcome", String(16)),  # study.protocol.machine.VisitOutcome
    Column("ending", String(40)),  # where taking part ended with it
    Column("shown", JsonColumn),  # a survey as it was shown: language, order, wording
    UniqueConstraint("participant_id", "visit"),
)

consents = Table(
    "consents",
    metadata,
    id_column("consent_id", primary_key=True),
    id_column("participant_id", nullable=False),
    Column("stage_id", String(40), nullable=False),
    Column("version", Text, nullable=False),
    Column("text_hash", String(64), nullable=False),  # SHA-256; the words are in consent_texts
    Column("language", String(16), nullable=False),
    Column("decision", String(16), nullable=False),  # "agreed", "refused"
    Column("boxes", JsonColumn, nullable=False),  # by name: true or false
    Column("shown_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Index("ix_consents_participant_id", "participant_id"),
)

# Each text that somebody was shown, once.
consent_texts = Table(
    "consent_texts",
    metadata,
    Column("text_hash", String(64), primary_key=True),
    Column("version", Text, nullable=False),
    Column("text", Text, nullable=False),  # the Markdown, and each box with its words
    Column("first_shown_at", UtcTime, nullable=False),
)

# A row for each item that asks something, when a survey or a quiz was sent.
survey_answers = Table(
    "survey_answers",
    metadata,
    id_column("answer_id", primary_key=True),
    id_column("participant_id", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("stage_id", String(40), nullable=False),
    Column("visit", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("survey", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("label", Text),  # the question, as it was shown
    Column("position", Integer, nullable=False),  # among the items as they were shown, from 1
    Column("option_order", JsonColumn),  # the options as they were shown, by value
    Column("state", String(16), nullable=False),  # study.vocabulary.AnswerState
    Column("value", Text),
    Column("number", Float),
    Column("value_label", Text),
    Column("other", Text),
    Column("answer", JsonColumn),  # as study/forms/checking.py writes it: several choices are a list
    Column("check_kind", String(16)),  # "attention", "comprehension"
    Column("check_passed", Boolean),
    Column("changes", Integer, nullable=False),  # of the answer, before it was sent
    Column("shown_at", UtcTime, nullable=False),
    Column("first_touched_at", UtcTime),
    Column("sent_at", UtcTime, nullable=False),
    Index("ix_survey_answers_participant_id_stage_id", "participant_id", "stage_id"),
)

# Each change of an answer while it was made; the last of each item is its draft.
survey_changes = Table(
    "survey_changes",
    metadata,
    id_column("change_id", primary_key=True),
    id_column("participant_id", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("stage_id", String(40), nullable=False),
    Column("visit", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("value", JsonColumn),
    Column("changed_at", UtcTime, nullable=False),
    Index("ix_survey_changes_participant_id_visit", "participant_id", "visit"),
)
