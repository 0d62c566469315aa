"""What lay behind each reply."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, text

from data_layer.database.tables.parts import FOREIGN, id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

runs = Table(
    "runs",
    metadata,
    id_column("run_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("message_id"),  # the participant's message that it answers
    Column("message_revision", Integer),  # the revision of that message that it answers
    id_column("connection_id"),
    id_column("intent_id"),  # that it ended in
    id_column("process_id"),  # that answers; null in what came before there was one
    Column("seq", BigInteger, nullable=False),
    Column("turn", Integer),
    Column("name", String(64), nullable=False),  # Chainlit's: "on_message"
    Column("agent", Text),
    Column("agent_kind", String(32)),
    Column("fallback_for", Text),  # the agent that could not answer, where this one stepped in
    # Drawn anew for each turn (study.assignment.turns): its level, how likely that was, and the draw.
    Column("turn_level", Text),
    Column("turn_probability", Float),
    Column("turn_draw", Text),
    Column("status", String(16), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ttft_ms", Float),  # from the run's start to the first thing shown
    Column("latency_ms", Float),  # from the run's start to its end
    Column("error_type", Text, info=FOREIGN),
    Column("error_message", Text, info=FOREIGN),
    Column("app_version", Text),
    Column("study_fingerprint", String(64)),
    Column("deleted_at", UtcTime),  # left the screen with the message that it answered
    Column("deleted_because", String(16)),
    Column("branch", Text),  # as in steps
    Index("ix_runs_thread_id_seq", "thread_id", "seq"),
    Index("ix_runs_message_id", "message_id"),
    # Which threads were not well: few.
    Index(
        "ix_runs_unwell",
        "status",
        "thread_id",
        sqlite_where=text("status <> 'complete'"),
        postgresql_where=text("status <> 'complete'"),
    ),
)

# Names are OpenTelemetry's for generative AI, with "." as "_".
llm_calls = Table(
    "llm_calls",
    metadata,
    id_column("llm_call_id", primary_key=True),
    id_column("run_id", nullable=False),
    id_column("thread_id", nullable=False),
    id_column("message_id"),  # the reply that it gave words to
    id_column("intent_id"),
    Column("seq", BigInteger, nullable=False),
    Column("prompt_hash", String(64), nullable=False),
    Column("gen_ai_provider_name", Text, nullable=False),
    Column("gen_ai_operation_name", String(16), nullable=False),
    Column("gen_ai_request_model", Text, nullable=False),
    Column("gen_ai_response_model", Text, info=FOREIGN),
    Column("gen_ai_response_id", Text, info=FOREIGN),
    Column("gen_ai_usage_input_tokens", Integer),
    Column("gen_ai_usage_output_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("reasoning_tokens", Integer),
    Column("request_parameters", JsonColumn),
    Column("system_fingerprint", Text, info=FOREIGN),
    Column("finish_reason", Text, info=FOREIGN),
    Column("attempts", Integer),
    Column("cost", Float),
    Column("cost_currency", String(3)),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ttft_ms", Float),
    Column("latency_ms", Float),
    Column("status", String(16), nullable=False),
    Column("error_type", Text, info=FOREIGN),
    Column("error_message", Text, info=FOREIGN),
    Column("details", JsonColumn, info=FOREIGN),  # what was said that no other column holds
    Index("ix_llm_calls_thread_id_seq", "thread_id", "seq"),
    Index("ix_llm_calls_message_id", "message_id"),
    # Whether anybody else's call was asked the same, when a participant is withdrawn.
    Index("ix_llm_calls_prompt_hash", "prompt_hash"),
    Index("ix_llm_calls_gen_ai_request_model_thread_id", "gen_ai_request_model", "thread_id"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("prompt_hash", String(64), primary_key=True),  # SHA-256 of `messages` as UTF-8
    Column("messages", Text, nullable=False),  # canonical JSON of the exact messages sent
    Column("created_at", UtcTime, nullable=False),
)
