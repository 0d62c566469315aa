"""Where the rows of `messages` come from: steps of the message types."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from data_layer import schema
from exports.messages.columns import COLUMNS
from exports.scope import Scope, with_thread
from exports.table import Extract, Values, own_columns
from study.vocabulary import MESSAGE_TYPES, ROLE_OF_TYPE, StepType

steps, threads, runs, calls = schema.steps, schema.threads, schema.runs, schema.llm_calls

# The run whose reply, and what followed it, left as a branch.
_parted = runs.alias("parted")


def extract(scope: Scope) -> Extract:
    """The messages of the chosen threads, in the order of their thread."""
    source = (
        with_thread(steps)
        .outerjoin(runs, runs.c.run_id == steps.c.run_id)
        .outerjoin(calls, calls.c.llm_call_id == _last_call())
    )
    if scope.options.include_deleted:
        source = source.outerjoin(_parted, _parted.c.run_id == steps.c.branch)
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
        counted=with_thread(steps),
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
    said, answered = StepType.USER_MESSAGE, StepType.ASSISTANT_MESSAGE
    if not scope.options.include_deleted:
        said_before, answered_before = _last_standing(said), _last_standing(answered)
    else:
        # What left together stood together; what a branch hangs on stands before all of it.
        parting = _parting()
        said_before = func.coalesce(_last_standing(said), _last_of_branch(said), parting, _last_then(said))
        answered_before = func.coalesce(
            _last_standing(answered),
            _last_of_branch(answered),
            _last_before_parting(answered, parting),
            _last_then(answered),
        )
    return case(
        (steps.c.type == said.value, answered_before),
        else_=func.coalesce(runs.c.message_id, said_before),
    )


def _last(kind: StepType, name: str, *stood: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[Any]:
    """The last message of a kind before this one that stood on the screen with it."""
    other = steps.alias(name)
    query = select(other.c.step_id).where(
        other.c.thread_id == steps.c.thread_id, other.c.type == kind.value, other.c.seq < steps.c.seq
    )
    for condition in stood:
        query = query.where(condition(other.c))
    return query.order_by(other.c.seq.desc()).limit(1).scalar_subquery()


def _last_standing(kind: StepType) -> ColumnElement[Any]:
    """For a message that stands: one that stands."""
    return _last(
        kind,
        f"standing_{kind.value}",
        lambda other: other.deleted_at.is_(None),
        lambda _: steps.c.deleted_at.is_(None),
    )


def _last_of_branch(kind: StepType) -> ColumnElement[Any]:
    """For one that left with a branch: one of the same branch."""
    return _last(kind, f"branch_{kind.value}", lambda other: other.branch == steps.c.branch)


def _last_then(kind: StepType) -> ColumnElement[Any]:
    """For one that left without a branch: one that had not left when it was said."""
    return _last(
        kind,
        f"then_{kind.value}",
        lambda _: and_(steps.c.deleted_at.is_not(None), steps.c.branch.is_(None)),
        lambda other: or_(other.deleted_at.is_(None), other.deleted_at >= steps.c.created_at),
    )


def _parting() -> ColumnElement[Any]:
    """The participant's message that a branch hangs on: its name begins with it, or it is a run's."""
    named = case((steps.c.branch.like("%/%"), func.substr(steps.c.branch, 1, _ID_LENGTH)))
    return func.coalesce(_parted.c.message_id, named)


def _last_before_parting(kind: StepType, parting: ColumnElement[Any]) -> ColumnElement[Any]:
    """The last message of a kind before the one that a branch hangs on, that stood with that one."""
    hung, other = steps.alias("hung"), steps.alias("before_hung")
    return (
        select(other.c.step_id)
        .select_from(hung.join(other, other.c.thread_id == hung.c.thread_id))
        .where(hung.c.step_id == parting, other.c.type == kind.value, other.c.seq < hung.c.seq)
        .where(func.coalesce(other.c.branch, "") == func.coalesce(hung.c.branch, ""))
        .where(other.c.deleted_at.is_(None) == hung.c.deleted_at.is_(None))
        .order_by(other.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


_ID_LENGTH: Final = 36
