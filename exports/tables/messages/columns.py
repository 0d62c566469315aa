"""The columns of `messages`."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.shared import (
    branch,
    connection_id,
    deleted,
    intent_id,
    key,
    milliseconds_between,
    participant_id,
    run_id,
    seq,
    source,
    status,
    thread_id,
    time,
    turn,
)
from exports.tables.messages.values import agent, claimed_model, is_current, model, parent, role
from study.vocabulary import CutOff, MessageRole

llm_calls, runs, steps, threads = schema.llm_calls, schema.runs, schema.steps, schema.threads

COLUMNS = (
    key("message_id", "The message.", steps.c.step_id),
    thread_id(steps),
    participant_id(threads, "Whose thread it stands in, whoever said it."),
    source(),
    Column(
        "parent_id",
        Kind.ID,
        "The message that it follows: a reply follows the participant's message that it "
        "answers, a participant's message the reply that stood last on the screen, a line of the app's own "
        "the participant's message before it; missing at the beginning.",
        value=parent,
        references=("messages.message_id",),
    ),
    turn(steps, "turn_identifier"),
    seq(steps),
    Column(
        "revision",
        Kind.INTEGER,
        "Which state of the message this is, from 1: the one that is shown, at first the newest; `revisions` "
        "has them all.",
        value=steps.c.revision,
        required=True,
    ),
    Column(
        "is_current",
        Kind.BOOLEAN,
        "Whether it stands on the screen: neither it nor its thread was taken off.",
        value=is_current,
        required=True,
    ),
    Column(
        "role",
        Kind.TEXT,
        "Who said it: the participant (user), the agent (assistant) or the app itself (system).",
        value=role,
        levels=tuple(one.value for one in MessageRole),
        required=True,
        repeats=True,
    ),
    Column(
        "content",
        Kind.TEXT,
        "What was said, byte for byte; of a reply that ended early what was shown.",
        value=steps.c.output,
        required=True,
    ),
    Column(
        "name",
        Kind.TEXT,
        "The author's name as the page showed it.",
        value=steps.c.name,
        required=True,
        repeats=True,
    ),
    time("timestamp", "When it was sent, or began to be shown.", steps.c.created_at, required=True),
    time("ended_at", "When a reply was whole or ended.", steps.c.ended_at),
    status(steps, "message"),
    Column(
        "is_error",
        Kind.BOOLEAN,
        "Whether the page showed it as an error.",
        value=steps.c.is_error,
        required=True,
    ),
    Column(
        "agent",
        Kind.TEXT,
        "The agent that said it, or that it was said to: of a participant's message the one that answered, "
        "before there is an answer the thread's; of a line of the app's own the thread's; missing where none "
        "is known yet.",
        value=agent(),
        repeats=True,
    ),
    Column(
        "model",
        Kind.TEXT,
        "The model that was served, else the one that was asked for.",
        value=model,
        repeats=True,
    ),
    Column(
        "claimed_model",
        Kind.TEXT,
        "Of an imported message the model that its source names: nobody here asked or measured it. "
        "Missing for the study's own, whose models are in model.",
        value=claimed_model,
        repeats=True,
    ),
    Column(
        "prompt_hash",
        Kind.ID,
        "The prompt of the last call behind it.",
        value=llm_calls.c.prompt_hash,
        references=("prompts.prompt_hash",),
    ),
    Column(
        "llm_call_id",
        Kind.ID,
        "The last call that gave words to it.",
        value=llm_calls.c.llm_call_id,
        references=("llm_calls.llm_call_id",),
    ),
    Column(
        "prompt_tokens",
        Kind.INTEGER,
        "Tokens that went into that call.",
        value=llm_calls.c.gen_ai_usage_input_tokens,
        units="tokens",
    ),
    Column(
        "completion_tokens",
        Kind.INTEGER,
        "Tokens that came out of it.",
        value=llm_calls.c.gen_ai_usage_output_tokens,
        units="tokens",
    ),
    milliseconds_between("latency_ms", "From the start of its run to the run's end.", runs.c.latency_ms),
    milliseconds_between("ttft_ms", "From the start of its run to the first thing shown.", runs.c.ttft_ms),
    Column(
        "finish_reason",
        Kind.TEXT,
        "Why the model ended, in its provider's words.",
        value=llm_calls.c.finish_reason,
        repeats=True,
    ),
    Column(
        "cut_off",
        Kind.TEXT,
        "What the page said under a reply that broke off: that its longest length was reached, or that the "
        "provider's content filter stopped it; missing where it said nothing of the kind.",
        value=steps.c.cut_off,
        levels=tuple(one.value for one in CutOff),
        repeats=True,
    ),
    Column(
        "fallback_for",
        Kind.TEXT,
        "On a reply: the agent that could not answer, where another stepped in; the page said so under it.",
        value=steps.c.fallback_for,
        repeats=True,
    ),
    run_id(steps),
    connection_id(steps),
    intent_id(steps),
    Column(
        "metadata", Kind.JSON, "A JSON object of what else is kept with the message.", value=steps.c.metadata
    ),
    branch(steps, "message"),
    *deleted(steps, "message"),
)
