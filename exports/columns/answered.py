"""Which runs an export without deleted rows holds: a run leaves with its message, and may leave its reply.

So a reply whose question was removed is still exported with the run and the call that made it, and neither
names the message that is not there.
"""

from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from data_layer.database import schema
from exports.columns.scope import Scope

runs = schema.runs


def living_runs(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Conditions that a run stands, or something that it said."""
    if scope.options.include_deleted:
        return ()
    said = schema.steps.alias("said")
    stands = select(said.c.step_id).where(said.c.run_id == runs.c.run_id, said.c.deleted_at.is_(None))
    return (or_(runs.c.deleted_at.is_(None), stands.exists()),)


def question_column(scope: Scope) -> ColumnElement[Any]:
    """The message that a run answers, where that is exported: it leaves with its runs."""
    if scope.options.include_deleted:
        return runs.c.message_id
    return case((runs.c.deleted_at.is_(None), runs.c.message_id))


def left() -> tuple[ColumnElement[Any], ...]:
    """When a run left, and when the last that it said did."""
    said = schema.steps.alias("said_last")
    last = select(func.max(said.c.deleted_at)).where(said.c.run_id == runs.c.run_id).scalar_subquery()
    return (runs.c.deleted_at, case((runs.c.deleted_at.is_not(None), last)))
