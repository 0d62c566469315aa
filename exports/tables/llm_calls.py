"""The table `llm_calls`: what was asked of models, and what it took.

Columns have OpenTelemetry's names for generative AI, with "." as "_".
"""

from sqlalchemy import and_, case

from data_layer.database import schema
from exports.columns.answered import left, living_runs
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import intent_id, key, milliseconds_between, seq, status, thread_id, time
from exports.columns.table import ExportTable, Extract, until_closed

llm_calls, runs, steps = schema.llm_calls, schema.runs, schema.steps

COLUMNS = (
    key("llm_call_id", "The call.", llm_calls.c.llm_call_id),
    Column(
        "run_id",
        Kind.ID,
        "The run that made it.",
        value=llm_calls.c.run_id,
        references=("runs.run_id",),
        required=True,
    ),
    thread_id(llm_calls),
    Column(
        "message_id",
        Kind.ID,
        "The reply that it gave words to; missing when it gave none.",
        value=case((steps.c.step_id.is_not(None), llm_calls.c.message_id)),
        references=("messages.message_id",),
    ),
    intent_id(llm_calls),
    seq(llm_calls),
    Column(
        "prompt_hash",
        Kind.ID,
        "The prompt that was sent.",
        value=llm_calls.c.prompt_hash,
        references=("prompts.prompt_hash",),
        required=True,
    ),
    Column(
        "gen_ai_provider_name",
        Kind.TEXT,
        "Who was asked.",
        value=llm_calls.c.gen_ai_provider_name,
        required=True,
        repeats=True,
    ),
    Column(
        "gen_ai_operation_name",
        Kind.TEXT,
        "What for, such as chat.",
        value=llm_calls.c.gen_ai_operation_name,
        required=True,
        repeats=True,
    ),
    Column(
        "gen_ai_request_model",
        Kind.TEXT,
        "The model that was asked for.",
        value=llm_calls.c.gen_ai_request_model,
        required=True,
        repeats=True,
    ),
    Column(
        "gen_ai_response_model",
        Kind.TEXT,
        "The model that the provider says it served.",
        value=llm_calls.c.gen_ai_response_model,
        repeats=True,
    ),
    Column(
        "gen_ai_response_id",
        Kind.TEXT,
        "The provider's id of the answer.",
        value=llm_calls.c.gen_ai_response_id,
    ),
    Column(
        "gen_ai_usage_input_tokens",
        Kind.INTEGER,
        "Tokens that went in.",
        value=llm_calls.c.gen_ai_usage_input_tokens,
        units="tokens",
    ),
    Column(
        "gen_ai_usage_output_tokens",
        Kind.INTEGER,
        "Tokens that came out.",
        value=llm_calls.c.gen_ai_usage_output_tokens,
        units="tokens",
    ),
    Column(
        "cached_tokens",
        Kind.INTEGER,
        "How many of those that went in the provider had cached.",
        value=llm_calls.c.cached_tokens,
        units="tokens",
    ),
    Column(
        "reasoning_tokens",
        Kind.INTEGER,
        "How many of those that came out were hidden reasoning.",
        value=llm_calls.c.reasoning_tokens,
        units="tokens",
    ),
    Column(
        "request_parameters",
        Kind.JSON,
        "A JSON object of all else that was sent: temperature, seed, ...",
        value=llm_calls.c.request_parameters,
        repeats=True,
    ),
    Column(
        "system_fingerprint",
        Kind.TEXT,
        "The provider's name of its backend's configuration.",
        value=llm_calls.c.system_fingerprint,
        repeats=True,
    ),
    Column(
        "finish_reason",
        Kind.TEXT,
        "Why the model ended, in its provider's words.",
        value=llm_calls.c.finish_reason,
        repeats=True,
    ),
    Column(
        "attempts",
        Kind.INTEGER,
        "Requests that were made until one was answered.",
        value=llm_calls.c.attempts,
    ),
    Column(
        "cost",
        Kind.NUMBER,
        "What it cost by the price table of its time; missing where there was no price.",
        value=llm_calls.c.cost,
        units="see cost_currency",
    ),
    Column(
        "cost_currency", Kind.TEXT, "The currency of the cost.", value=llm_calls.c.cost_currency, repeats=True
    ),
    time("started_at", "When it was sent.", llm_calls.c.started_at, required=True),
    time("ended_at", "When the answer was over.", llm_calls.c.ended_at),
    milliseconds_between(
        "ttft_ms", "From sending to the first word of the reply; thinking is none.", llm_calls.c.ttft_ms
    ),
    milliseconds_between("latency_ms", "From sending to the end.", llm_calls.c.latency_ms),
    status(llm_calls, "call"),
    Column(
        "error_type",
        Kind.TEXT,
        "What went wrong, by the provider's or the client's name.",
        value=llm_calls.c.error_type,
        repeats=True,
    ),
    Column("error_message", Kind.TEXT, "What they said of it.", value=llm_calls.c.error_message),
    Column(
        "details",
        Kind.JSON,
        "A JSON object of what was noticed and no other column holds, such as a number of tokens that is "
        "none; missing when there was nothing.",
        value=llm_calls.c.details,
        repeats=True,
    ),
)


def extract(scope: Scope) -> Extract:
    """The calls under the exported runs."""
    # A call takes its reply's id before the reply has words; one that gives none has no message.
    reply = and_(steps.c.step_id == llm_calls.c.message_id, *scope.living(steps))
    called = with_thread(llm_calls).outerjoin(runs, runs.c.run_id == llm_calls.c.run_id)
    return Extract(
        source=called.outerjoin(steps, reply),
        where=(*living_runs(scope), *scope.threads()),
        order=(llm_calls.c.thread_id, llm_calls.c.seq),
        # One that a killed process left open bears no moment of its own end, but its run does.
        touched=until_closed(llm_calls.c.ended_at, runs.c.ended_at),
        moved=(llm_calls.c.seq, *left()),
        around=frozenset({"message_id"}),
        fixed=frozenset({"run_id", "thread_id", "seq", "prompt_hash", "started_at"}),
        walks=True,
        counted=called,
    )


TABLE = ExportTable(
    name="llm_calls",
    description="What was asked of models, and what it took; one row a call.",
    columns=COLUMNS,
    key=("llm_call_id",),
    extract=extract,
)
