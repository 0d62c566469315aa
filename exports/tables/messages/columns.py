"""The columns of `messages`."""

from exports.column import Column, Kind
from exports.common import (
    branch,
    connection_id,
    deleted,
    key,
    milliseconds,
    participant_id,
    run_id,
    seq,
    status,
    thread_id,
    time,
    turn,
)
from study.vocabulary import Role

COLUMNS = (
    key("message_id", "The message.", "steps.step_id"),
    thread_id("steps"),
    participant_id("threads", "Whose thread it stands in, whoever said it."),
    Column(
        "parent_id",
        Kind.ID,
        "The message that it follows: a reply follows the participant's message that it "
        "answers, a participant's message the reply that stood last on the screen, a line of the app's own "
        "the participant's message before it; missing at the beginning.",
        "derived: runs.message_id, or the last such step before it",
        references=("messages.message_id",),
    ),
    turn("steps", "turn_identifier"),
    seq("steps"),
    Column(
        "revision",
        Kind.INTEGER,
        "Which state of the message this is, from 1: the one that is shown, at first the newest; `revisions` "
        "has them all.",
        "steps.revision",
        required=True,
    ),
    Column(
        "is_current",
        Kind.BOOLEAN,
        "Whether it stands on the screen: neither it nor its thread was taken off.",
        "derived: steps.deleted_at, threads.deleted_at",
        required=True,
    ),
    Column(
        "role",
        Kind.TEXT,
        "Who said it: the participant (user), the agent (assistant) or the app itself (system).",
        "steps.type",
        levels=tuple(one.value for one in Role),
        required=True,
        repeats=True,
    ),
    Column(
        "content",
        Kind.TEXT,
        "What was said, byte for byte; of a reply that ended early what was shown.",
        "steps.output",
        required=True,
    ),
    Column(
        "name",
        Kind.TEXT,
        "The author's name as the page showed it.",
        "steps.name",
        required=True,
        repeats=True,
    ),
    time("timestamp", "When it was sent, or began to be shown.", "steps.created_at", required=True),
    time("ended_at", "When a reply was whole or ended.", "steps.ended_at"),
    status("steps", "message"),
    Column(
        "is_error", Kind.BOOLEAN, "Whether the page showed it as an error.", "steps.is_error", required=True
    ),
    Column("agent", Kind.TEXT, "The agent that said it.", "steps.agent", repeats=True),
    Column(
        "model",
        Kind.TEXT,
        "The model that was served, else the one that was asked for.",
        "llm_calls.gen_ai_response_model, llm_calls.gen_ai_request_model",
        repeats=True,
    ),
    Column(
        "prompt_hash",
        Kind.ID,
        "The prompt of the last call behind it.",
        "llm_calls.prompt_hash",
        references=("prompts.prompt_hash",),
    ),
    Column(
        "llm_call_id",
        Kind.ID,
        "The last call that gave words to it.",
        "llm_calls.llm_call_id",
        references=("llm_calls.llm_call_id",),
    ),
    Column(
        "prompt_tokens",
        Kind.INTEGER,
        "Tokens that went into that call.",
        "llm_calls.gen_ai_usage_input_tokens",
        units="tokens",
    ),
    Column(
        "completion_tokens",
        Kind.INTEGER,
        "Tokens that came out of it.",
        "llm_calls.gen_ai_usage_output_tokens",
        units="tokens",
    ),
    milliseconds("latency_ms", "From the start of its run to the run's end.", "runs.latency_ms"),
    milliseconds("ttft_ms", "From the start of its run to the first thing shown.", "runs.ttft_ms"),
    Column(
        "finish_reason",
        Kind.TEXT,
        "Why the model ended, in its provider's words.",
        "llm_calls.finish_reason",
        repeats=True,
    ),
    run_id("steps"),
    connection_id("steps"),
    Column("metadata", Kind.JSON, "A JSON object of what else is kept with the message.", "steps.metadata"),
    branch("steps", "message"),
    *deleted("steps", "message"),
)
