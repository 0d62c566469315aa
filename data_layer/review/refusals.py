"""Models that do not answer: how often, since when, and what was said last."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database import schema
from data_layer.database.rows import Row, read_rows
from study.vocabulary import Status

# What is longer ago concerns nobody who asks whether a study goes well.
WITHIN: Final = timedelta(days=7)
# A page has room for so many; a study has fewer agents.
MOST: Final = 12

calls, runs = schema.llm_calls, schema.runs
_BY: Final = (runs.c.agent, calls.c.gen_ai_provider_name, calls.c.gen_ai_request_model)
_FAILED: Final = and_(
    calls.c.error_type.is_not(None),
    runs.c.status == Status.FAILED.value,
    runs.c.status != Status.COMPLETE.value,  # as the index of runs that were not well says it
)


async def refusals(connection: AsyncConnection, now: datetime) -> list[Row]:
    """Look for agents whose replies have failed at their model lately.

    A call that failed within a reply that came all the same is none: the model was asked otherwise.

    Args:
        connection: To the database.
        now: The moment that "lately" is reckoned from.

    Returns:
        A row an agent, provider and model, the newest failure first: failures, last_at, error_type and
        error_message of the last one, answered_at (None where no call has succeeded lately), and in_a_row
        and since of the failures after that.
    """
    begin = now - WITHIN
    found = await read_rows(connection, _groups(begin))
    # Looked for only where it matters: it reads every call of the week.
    answered = (
        {_key(row): row["answered_at"] for row in await read_rows(connection, _answered(begin))}
        if found
        else {}
    )
    for row in found:
        same = [column == row[column.key] for column in _BY]
        row["answered_at"] = answered.get(_key(row))
        row |= (await read_rows(connection, _streak(row["answered_at"] or begin, same)))[0]
        row |= (await read_rows(connection, _last(begin, same)))[0]
    return found


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[column.key] for column in _BY)


def _of(*columns: Any, where: list[ColumnElement[bool]]) -> Select[Any]:
    # The thread as well: an index of the calls begins with it.
    same = and_(runs.c.run_id == calls.c.run_id, runs.c.thread_id == calls.c.thread_id)
    return select(*columns).join_from(calls, runs, same).where(*where)


def _groups(begin: datetime) -> Executable:
    failures, last = func.count().label("failures"), func.max(calls.c.started_at).label("last_at")
    chosen = _of(*_BY, failures, last, where=[_FAILED, calls.c.started_at >= begin])
    return chosen.group_by(*_BY).order_by(last.desc()).limit(MOST)


def _answered(begin: datetime) -> Executable:
    answered = [calls.c.status == Status.COMPLETE.value, calls.c.error_type.is_(None)]
    newest = func.max(calls.c.started_at).label("answered_at")
    return _of(*_BY, newest, where=[*answered, calls.c.started_at >= begin]).group_by(*_BY)


def _streak(after: datetime, same: list[ColumnElement[bool]]) -> Executable:
    count, first = func.count().label("in_a_row"), func.min(calls.c.started_at).label("since")
    return _of(count, first, where=[_FAILED, calls.c.started_at > after, *same])


def _last(begin: datetime, same: list[ColumnElement[bool]]) -> Executable:
    said = (calls.c.error_type, calls.c.error_message)
    chosen = _of(*said, where=[_FAILED, calls.c.started_at >= begin, *same])
    return chosen.order_by(calls.c.started_at.desc(), calls.c.seq.desc()).limit(1)
