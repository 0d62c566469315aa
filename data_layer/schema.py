"""The tables. Alembic's migrations make them; a test compares the two on both databases.

Three rules hold throughout:
- Rows are never destroyed. `deleted_at` and `deleted_by` take a row off the participant's screen.
- No foreign keys: Chainlit writes a step before its thread and an update before its create, and a
  record that may refuse a participant's words because another row is late would lose them
  (docs/decisions/0004). `exports verify` proves instead that every id joins.
- `seq` orders a thread totally. It is taken synchronously when a write is called for, in
  microseconds since 1970 and strictly increasing, so it also never repeats across restarts.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data_layer.types import JsonColumn, UtcTime

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str, *, primary_key: bool = False, nullable: bool = True) -> Column[str]:
    return Column(name, String(36), primary_key=primary_key, nullable=nullable and not primary_key)


participants = Table(
    "participants",
    metadata,
    _id("participant_id", primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("source", String(32), nullable=False),  # how they came: "login", "simulation"
    Column("created_at", UtcTime, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    _id("identity_id", primary_key=True),
    _id("participant_id", nullable=False),
    Column("study_id", Text, nullable=False),
    Column("kind", String(32), nullable=False),  # "user_name"; later Prolific's ids
    Column("value", Text, nullable=False),  # as it was typed
    Column("value_key", Text, nullable=False),  # normalised: what makes two spellings one person
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("study_id", "kind", "value_key"),
    Index("ix_identities_participant_id", "participant_id"),
)

threads = Table(
    "threads",
    metadata,
    _id("thread_id", primary_key=True),
    _id("participant_id"),  # null only for a thread whose owner Chainlit did not know
    Column("study_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("agent", Text),
    Column("title", Text, nullable=False, default=""),
    Column("renamed", Boolean, nullable=False, default=False),
    Column("preview", Text, nullable=False, default=""),  # last 60 characters of the last message
    Column("message_count", Integer, nullable=False, default=0),  # living messages
    Column("state", String(16), nullable=False),  # study.vocabulary.ThreadState
    Column("tags", JsonColumn),
    Column("metadata", JsonColumn),
    Column("created_at", UtcTime, nullable=False),
    Column("last_activity_at", UtcTime, nullable=False),  # the participant's last message
    Column("ended_at", UtcTime),
    Column("app_version", Text, nullable=False),
    Column("study_fingerprint", String(64), nullable=False),
    Column("version", BigInteger, nullable=False),  # order of the newest write
    Column("deleted_at", UtcTime),
    _id("deleted_by"),
    # Without deleted threads: PostgreSQL takes no order from an index behind an IS NULL column, and sorts.
    Index(
        "ix_threads_sidebar",
        "participant_id",
        "last_activity_at",
        "thread_id",
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
)

# Messages and the agent's visible work: Chainlit's steps, without its runs.
steps = Table(
    "steps",
    metadata,
    _id("step_id", primary_key=True),
    _id("thread_id", nullable=False),
    _id("parent_id"),
    _id("run_id"),
    _id("connection_id"),
    Column("seq", BigInteger, nullable=False),
    Column("turn", Integer),  # 1 for the first participant message and all that answered it
    Column("type", String(32), nullable=False),  # study.vocabulary.StepType
    Column("name", Text, nullable=False),  # author of a message, name of a tool
    Column("agent", Text),  # on what an agent said or did
    Column("status", String(16), nullable=False),  # study.vocabulary.Status
    Column("revision", Integer, nullable=False),  # the current one; 1 is the first
    Column("input", Text, nullable=False, default=""),
    Column("output", Text, nullable=False, default=""),  # a message's content
    Column("is_error", Boolean, nullable=False, default=False),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("metadata", JsonColumn),
    Column("display", JsonColumn),  # how Chainlit's page draws it: language, icon, showInput, tags, ...
    Column("version", BigInteger, nullable=False),  # order of the newest write; older ones never win
    Column("deleted_at", UtcTime),
    _id("deleted_by"),  # a participant_id, or null for the app
    Column("deleted_because", String(16)),  # "edited", "removed", "retried"
    Index("ix_steps_thread_id_seq", "thread_id", "seq"),
    Index("ix_steps_run_id", "run_id"),
    # Counts a thread's living messages, and finds the last, without reading their texts.
    Index("ix_steps_living", "thread_id", "deleted_at", "type", "seq"),
    # What a killed process left open; nearly always empty.
    Index(
        "ix_steps_streaming",
        "status",
        sqlite_where=text("status = 'streaming'"),
        postgresql_where=text("status = 'streaming'"),
    ),
)

step_revisions = Table(
    "step_revisions",
    metadata,
    _id("step_id", primary_key=True),
    Column("revision", Integer, primary_key=True),
    _id("thread_id", nullable=False),
    _id("run_id"),
    Column("input", Text, nullable=False, default=""),
    Column("output", Text, nullable=False, default=""),
    Column("status", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_step_revisions_thread_id", "thread_id"),
)

runs = Table(
    "runs",
    metadata,
    _id("run_id", primary_key=True),
    _id("thread_id", nullable=False),
    _id("message_id"),  # the participant's message that it answers
    Column("message_revision", Integer),  # the revision of that message that it answers
    _id("connection_id"),
    Column("seq", BigInteger, nullable=False),
    Column("turn", Integer),
    Column("name", String(64), nullable=False),  # Chainlit's: "on_message"
    Column("agent", Text),
    Column("agent_kind", String(32)),
    Column("status", String(16), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ttft_ms", Float),  # from the run's start to the first thing shown
    Column("latency_ms", Float),  # from the run's start to its end
    Column("error_type", Text),
    Column("error_message", Text),
    Column("app_version", Text),
    Column("study_fingerprint", String(64)),
    Column("deleted_at", UtcTime),  # left the screen with the message that it answered
    Column("deleted_because", String(16)),
    Index("ix_runs_thread_id_seq", "thread_id", "seq"),
    Index("ix_runs_message_id", "message_id"),
)

# Names are OpenTelemetry's for generative AI, with "." as "_".
llm_calls = Table(
    "llm_calls",
    metadata,
    _id("llm_call_id", primary_key=True),
    _id("run_id", nullable=False),
    _id("thread_id", nullable=False),
    _id("message_id"),  # the reply that it gave words to
    Column("seq", BigInteger, nullable=False),
    Column("prompt_hash", String(64), nullable=False),
    Column("gen_ai_provider_name", Text, nullable=False),
    Column("gen_ai_operation_name", String(16), nullable=False),
    Column("gen_ai_request_model", Text, nullable=False),
    Column("gen_ai_response_model", Text),
    Column("gen_ai_response_id", Text),
    Column("gen_ai_usage_input_tokens", Integer),
    Column("gen_ai_usage_output_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("reasoning_tokens", Integer),
    Column("request_parameters", JsonColumn),
    Column("system_fingerprint", Text),
    Column("finish_reason", Text),
    Column("attempts", Integer),
    Column("cost", Float),
    Column("cost_currency", String(3)),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ttft_ms", Float),
    Column("latency_ms", Float),
    Column("status", String(16), nullable=False),
    Column("error_type", Text),
    Column("error_message", Text),
    Index("ix_llm_calls_thread_id_seq", "thread_id", "seq"),
    Index("ix_llm_calls_message_id", "message_id"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("prompt_hash", String(64), primary_key=True),  # SHA-256 of `messages` as UTF-8
    Column("messages", Text, nullable=False),  # canonical JSON of the exact messages sent
    Column("created_at", UtcTime, nullable=False),
)

# A change of mind adds a revision; `is_current` marks the newest, unless it was taken back.
ratings = Table(
    "ratings",
    metadata,
    _id("rating_id", primary_key=True),
    Column("revision", Integer, primary_key=True),
    _id("thread_id", nullable=False),
    _id("message_id", nullable=False),  # the reply that was rated
    _id("run_id"),
    _id("participant_id"),
    Column("value", Integer, nullable=False),  # 1 up, 0 down
    Column("comment", Text),
    Column("is_current", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Index("ix_ratings_thread_id", "thread_id"),
)

elements = Table(
    "elements",
    metadata,
    _id("element_id", primary_key=True),
    _id("thread_id", nullable=False),
    _id("message_id"),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("mime", Text),
    Column("size_bytes", BigInteger),
    Column("sha256", String(64)),
    Column("file", Text),  # below the data folder's files/
    Column("url", Text),  # only where the app gave an address of its own
    Column("display", JsonColumn),
    Column("props", JsonColumn),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    _id("deleted_by"),
    Index("ix_elements_thread_id_seq", "thread_id", "seq"),
)

connections = Table(
    "connections",
    metadata,
    _id("connection_id", primary_key=True),
    Column("session_id", Text, nullable=False),  # Chainlit's: one page load
    _id("participant_id"),
    _id("thread_id"),
    Column("user_agent", Text),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("close_reason", Text),
    Index("ix_connections_session_id", "session_id"),
    Index("ix_connections_thread_id", "thread_id"),
)

events = Table(
    "events",
    metadata,
    _id("event_id", primary_key=True),
    _id("thread_id"),
    _id("participant_id"),
    _id("run_id"),
    _id("connection_id"),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("target", Text),
    Column("payload", JsonColumn),
    Column("timestamp", UtcTime, nullable=False),
    Index("ix_events_thread_id_seq", "thread_id", "seq"),
)

# One row a replayed journal entry, written in the entry's own transaction: exactly once.
journal_applied = Table(
    "journal_applied",
    metadata,
    Column("entry_id", String(36), primary_key=True),
    Column("applied_at", UtcTime, nullable=False),
)
