"""The rows that say where a reply came from (DESIGN.md, promise 3)."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from agent.base import Agent
from agent.events import CallEnded, CallStarted, Usage
from agent.failures import brief_failure
from data_layer.database.rows import Row
from data_layer.database.types import dump_json
from data_layer.record import Record
from data_layer.writing.writes import InsertRow, PatchRow, Write
from study.assignment import TurnLevel
from study.text import storable, storable_json
from study.vocabulary import Status

# Chainlit's page rates only runs of this name (frontend Messages/index.tsx)
RUN_NAME: Final = "on_message"
MOST_TOKENS: Final = 2**31 - 1  # what an INTEGER of PostgreSQL holds
LONGEST_TEXT: Final = 2_000  # characters of what a provider calls its answer, or says of an error

# usage, served model, requested model -> cost and its currency; None where no price is known.
Pricing = Callable[[Usage, str | None, str], tuple[float, str] | None]


@dataclass
class OpenCall:
    """A call to a model that has not ended."""

    llm_call_id: str
    model: str
    started_at: datetime
    started: float
    first_token: float | None = None


def new_run(
    record: Record,
    message: Row,
    agent: Agent,
    connection_id: str | None,
    fallback_for: str | None = None,
    drawn: TurnLevel | None = None,
) -> Row:
    """The row of `runs` for a turn that begins.

    Args:
        record: Gives the order, the time, and what the app and the study are.
        message: The participant's, a row of `steps`.
        agent: Who answers.
        connection_id: Where the message came from.
        fallback_for: The agent that could not, where this one steps in.
        drawn: The turn's level, where one is drawn for each.
    """
    return {
        "run_id": str(uuid.uuid4()),
        "thread_id": message["thread_id"],
        "message_id": message["step_id"],
        "message_revision": message["revision"],
        "connection_id": connection_id,
        "process_id": record.writer.process_id,
        "seq": record.take_order(),
        "turn": message["turn"],
        "name": RUN_NAME,
        "agent": agent.name,
        "agent_kind": agent.kind,
        "fallback_for": fallback_for,
        "turn_level": drawn.level if drawn is not None else None,
        "turn_probability": float(drawn.probability) if drawn is not None else None,
        "turn_draw": drawn.draw if drawn is not None else None,
        "status": Status.STREAMING.value,
        "started_at": record.now(),
        "app_version": record.defaults.app_version,
        "study_fingerprint": record.defaults.study_fingerprint,
    }


def stored_prompt(call: CallStarted) -> tuple[str, str]:
    """The exact messages as canonical JSON, and their SHA-256: a prompt is stored once."""
    messages = dump_json([storable_json(dict(message)) for message in call.messages])
    return hashlib.sha256(messages.encode()).hexdigest(), messages


def call_started(
    call: CallStarted, *, run: Row, message_id: str, order: int, at: datetime, started: float
) -> tuple[OpenCall, list[Write]]:
    """A call begins.

    Args:
        run: The run that it belongs to.
        message_id: The reply that it will give words to.
        order: Its place in the thread.
        at: The time.
        started: The same on the monotonic clock, in seconds.

    Returns:
        What to remember until it ends, and what to write.
    """
    prompt_hash, messages = stored_prompt(call)
    opened = OpenCall(str(uuid.uuid4()), call.model, at, started)
    prompt = {"prompt_hash": prompt_hash, "messages": messages, "created_at": at}
    row = {
        "llm_call_id": opened.llm_call_id,
        "run_id": run["run_id"],
        "thread_id": run["thread_id"],
        "message_id": message_id,
        "intent_id": run.get("intent_id"),
        "seq": order,
        "prompt_hash": prompt_hash,
        "gen_ai_provider_name": call.provider,
        "gen_ai_operation_name": "chat",
        "gen_ai_request_model": call.model,
        "request_parameters": storable_json(dict(call.parameters)),
        "started_at": at,
        "status": Status.STREAMING.value,
    }
    return opened, [InsertRow("prompts", prompt), InsertRow("llm_calls", row)]


def call_ended(
    opened: OpenCall, ended: CallEnded | None, *, status: Status, at: datetime, now: float, pricing: Pricing
) -> PatchRow:
    """A call has ended, or was left: `ended` is None when the participant stopped it.

    Returns:
        What to write.
    """
    changes: Row = {
        "ended_at": at,
        "status": status.value,
        "latency_ms": milliseconds(now - opened.started),
        "ttft_ms": None if opened.first_token is None else milliseconds(opened.first_token - opened.started),
    }
    if ended is not None:
        usage, odd = _counted(ended.usage)
        served = _text(ended.response_model)
        priced = pricing(usage, served, opened.model)
        changes |= {
            "gen_ai_response_model": served,
            "gen_ai_response_id": _text(ended.response_id),
            "gen_ai_usage_input_tokens": usage.input_tokens,
            "gen_ai_usage_output_tokens": usage.output_tokens,
            "cached_tokens": usage.cached_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "system_fingerprint": _text(ended.system_fingerprint),
            "finish_reason": _text(ended.finish_reason),
            "attempts": ended.attempts,
            "error_type": _text(ended.error_type),
            "error_message": _text(ended.error_message),
            "details": storable_json({**ended.details, **odd}) or None,
            "cost": priced[0] if priced else None,
            "cost_currency": priced[1] if priced else None,
        }
    return PatchRow("llm_calls", {"llm_call_id": opened.llm_call_id}, changes, "ended_at")


def milliseconds(seconds: float) -> float:
    """Milliseconds to a tenth."""
    return round(seconds * 1000, 1)


def error_columns(error: Exception | None) -> Row:
    """What a row says of how a turn failed: a provider's own name of it may be anything."""
    if error is None:
        return {"error_type": None, "error_message": None}
    named = _text(getattr(error, "error_type", None)) or type(error).__name__
    return {"error_type": named, "error_message": _text(error)}


def _text(value: Any) -> str | None:
    """What a column holds of a text from outside."""
    return None if value is None else brief_failure(storable(str(value)), LONGEST_TEXT)


def _counted(usage: Usage) -> tuple[Usage, Row]:
    """Numbers of tokens that a column holds; and those that none does, as text for the details."""
    given = asdict(usage)
    held = {name: count for name, count in given.items() if _is_count(count)}
    odd = {name: _digits(count) for name, count in given.items() if count is not None and name not in held}
    return Usage(**held), {"not_counted": odd} if odd else {}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS


def _digits(value: Any) -> str:
    try:
        return brief_failure(storable(str(value)), LONGEST_TEXT)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return f"a number of {value.bit_length()} bits"
