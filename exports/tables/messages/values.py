"""Values of `messages` that are worked out: who said it or was asked, by which call, and what it follows."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from data_layer.database import schema
from exports.columns.answered import question_column
from exports.columns.scope import Scope
from exports.columns.sql import place_of
from study.vocabulary import ROLE_OF_TYPE, StepType

steps, threads, runs, calls = schema.steps, schema.threads, schema.runs, schema.llm_calls

# The run whose reply, and what followed it, left as a branch.
parted = runs.alias("parted")
role = case({str(kind): role.value for kind, role in ROLE_OF_TYPE.items()}, value=steps.c.type)
is_current = and_(steps.c.deleted_at.is_(None), threads.c.deleted_at.is_(None))
model = func.coalesce(calls.c.gen_ai_response_model, calls.c.gen_ai_request_model)
# Where an import keeps it (imports/unit.py).
claimed_model = steps.c.metadata["import"]["model"].as_string()


def last_call() -> ColumnElement[Any]:
    """The place of the last call that gave words to a reply."""
    call = calls.alias("call")
    last = (
        select(place_of(call.c.llm_call_id))
        .where(call.c.thread_id == steps.c.thread_id, call.c.message_id == steps.c.step_id)
        .order_by(call.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    # Participants' messages, half of all, are not looked up.
    return case((steps.c.type == StepType.ASSISTANT_MESSAGE.value, last))


def agent() -> ColumnElement[Any]:
    """Who said it, else who answered it, else who answers in its thread."""
    run = runs.alias("answering")
    answered = (
        select(run.c.agent)
        .where(run.c.message_id == steps.c.step_id)
        # The answer that stands; where none does, the newest.
        .order_by(run.c.deleted_at.is_not(None), run.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    by_run = case((steps.c.type == StepType.USER_MESSAGE.value, answered), else_=runs.c.agent)
    return func.coalesce(steps.c.agent, by_run, threads.c.agent)


def parent(scope: Scope) -> ColumnElement[Any]:
    """The message that one follows."""
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
        else_=func.coalesce(question_column(scope), said_before),
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
    return func.coalesce(parted.c.message_id, named)


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
