"""Where the rows of `messages` come from: steps of the message types."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from data_layer import schema
from exports.messages.columns import COLUMNS
from exports.scope import Scope, with_thread
from exports.table import Extract, Values, own_columns
from study.vocabulary import MESSAGE_TYPES, ROLE_OF_TYPE, StepType

steps, threads, runs, calls = schema.steps, schema.threads, schema.runs, schema.llm_calls


def extract(scope: Scope) -> Extract:
    """The messages of the chosen threads, in the order of their thread."""
    source = (
        with_thread(steps)
        .outerjoin(runs, runs.c.run_id == steps.c.run_id)
        .outerjoin(calls, calls.c.llm_call_id == _last_call())
    )
    return Extract(
        source=source,
        values=_values(scope),
        where=(
            or_(*(steps.c.type == kind.value for kind in MESSAGE_TYPES)),
            *scope.living(steps),
            *scope.threads(),
        ),
        order=(steps.c.thread_id, steps.c.seq),
        touched=(
            steps.c.version,
            steps.c.deleted_at,
            threads.c.deleted_at,
            runs.c.ended_at,
            calls.c.ended_at,
        ),
        chosen=scope.moments(),
    )


def _values(scope: Scope) -> Values:
    return own_columns(
        steps,
        COLUMNS,
        message_id=steps.c.step_id,
        participant_id=threads.c.participant_id,
        parent_id=_parent(scope),
        turn_identifier=steps.c.turn,
        is_current=and_(steps.c.deleted_at.is_(None), threads.c.deleted_at.is_(None)),
        role=case({str(kind): role.value for kind, role in ROLE_OF_TYPE.items()}, value=steps.c.type),
        content=steps.c.output,
        timestamp=steps.c.created_at,
        model=func.coalesce(calls.c.gen_ai_response_model, calls.c.gen_ai_request_model),
        prompt_hash=calls.c.prompt_hash,
        llm_call_id=calls.c.llm_call_id,
        prompt_tokens=calls.c.gen_ai_usage_input_tokens,
        completion_tokens=calls.c.gen_ai_usage_output_tokens,
        latency_ms=runs.c.latency_ms,
        ttft_ms=runs.c.ttft_ms,
        finish_reason=calls.c.finish_reason,
    )


def _last_call() -> ColumnElement[Any]:
    call = calls.alias("call")
    last = (
        select(call.c.llm_call_id)
        .where(call.c.thread_id == steps.c.thread_id, call.c.message_id == steps.c.step_id)
        .order_by(call.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    # Participants' messages, half of all, are not looked up.
    return case((steps.c.type == StepType.ASSISTANT_MESSAGE.value, last))


def _parent(scope: Scope) -> ColumnElement[Any]:
    return case(
        (
            steps.c.type == StepType.USER_MESSAGE.value,
            _last_before(StepType.ASSISTANT_MESSAGE, "reply", scope),
        ),
        else_=func.coalesce(runs.c.message_id, _last_before(StepType.USER_MESSAGE, "said", scope)),
    )


def _last_before(kind: StepType, name: str, scope: Scope) -> ColumnElement[Any]:
    """The last message of a kind before this one that stood on the screen with it.

    For a message that still stands: one that still stands. For one that has left: one that had not left
    when it was said; so that each branch of an edited thread keeps its own line of parents.
    """
    other = steps.alias(name)
    stood: ColumnElement[bool] = other.c.deleted_at.is_(None)
    if scope.options.include_deleted:
        stood = or_(stood, and_(steps.c.deleted_at.is_not(None), other.c.deleted_at >= steps.c.created_at))
    return (
        select(other.c.step_id)
        .where(other.c.thread_id == steps.c.thread_id, other.c.type == kind.value)
        .where(other.c.seq < steps.c.seq, stood)
        .order_by(other.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
