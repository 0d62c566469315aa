"""What is going on and has gone on: seven statements over the whole record.

Messages are counted on the day their thread began, from the count that each thread keeps: a scan of
a million steps for the exact day would take longer than the page may.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, String, case, func, literal_column, null, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer import schema
from data_layer.engine import Database
from data_layer.writes import Row

# A participant who has written within this time, and is connected, is active now.
ACTIVE_WITHIN: Final = timedelta(minutes=5)
# A participant without an ended thread, who has been silent for longer, has abandoned the study.
ABANDONED_AFTER: Final = timedelta(hours=24)
# Who has said and been told as much has exchanged something: two turns.
EXCHANGED: Final = 4
# Upper ends, in milliseconds, of the groups in which times are counted: neither database has percentiles
# that both know, and sorting half a million times takes seconds.
BOUNDS_MS: Final = (
    100,
    200,
    300,
    500,
    750,
    1000,
    1500,
    2000,
    3000,
    5000,
    7500,
    10_000,
    15_000,
    30_000,
    60_000,
)
# Of the group without an upper end.
OVER_MS: Final = 3_600_000


@dataclass(frozen=True)
class Overview:
    """What the record says of itself.

    Args:
        at: When it was asked.
        participants: entered, simulated, began, exchanged, finished, abandoned.
        active: participants and threads that are active now.
        days: A row a day and agent: day, agent, threads, messages, deleted, ended.
        runs: A row a day, agent, status and group of times: also ttft and latency (upper ends), runs.
        calls: A row a model and currency: calls, failed, input_tokens, output_tokens, cost, priced.
        connections: A row a reason: reason (None while open), connections.
        files: How many files are attached, and their bytes.
        database_bytes: What the database takes on its disk.
    """

    at: datetime
    participants: Row
    active: Row
    days: list[Row]
    runs: list[Row]
    calls: list[Row]
    connections: list[Row]
    files: Row
    database_bytes: int


async def overview(database: Database, now: datetime) -> Overview:
    """Ask the record.

    Args:
        database: Where it is.
        now: The moment that "active now" and "abandoned" are reckoned from.

    Raises:
        SQLAlchemyError: The database is away.
    """
    dialect = database.dialect
    async with database.engine.connect() as connection:
        return Overview(
            at=now,
            participants=(await _rows(connection, _participants(now)))[0],
            active=(await _rows(connection, _active(now)))[0],
            days=await _rows(connection, _days(dialect)),
            runs=await _rows(connection, _runs(dialect)),
            calls=await _rows(connection, _calls()),
            connections=await _rows(connection, _connections()),
            files=(await _rows(connection, _files()))[0],
            database_bytes=int(await connection.scalar(text(_SIZE[dialect])) or 0),
        )


async def _rows(connection: AsyncConnection, query: Executable) -> list[Row]:
    return [dict(row) for row in (await connection.execute(query)).mappings()]


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _participants(now: datetime) -> Executable:
    people, threads = schema.participants, schema.threads
    theirs = (
        select(
            threads.c.participant_id,
            func.sum(threads.c.message_count).label("messages"),
            func.count(threads.c.ended_at).label("ended"),
            func.max(threads.c.last_activity_at).label("last"),
        )
        .group_by(threads.c.participant_id)
        .subquery()
    )
    ended = func.coalesce(theirs.c.ended, 0)
    # Who never wrote was last active when they came.
    silent = func.coalesce(theirs.c.last, people.c.created_at) < now - ABANDONED_AFTER
    return select(
        func.count().label("entered"),
        _count_if(people.c.source == "simulation").label("simulated"),
        func.count(theirs.c.participant_id).label("began"),
        _count_if(theirs.c.messages >= EXCHANGED).label("exchanged"),
        _count_if(ended > 0).label("finished"),
        _count_if((ended == 0) & silent).label("abandoned"),
    ).select_from(people.outerjoin(theirs, theirs.c.participant_id == people.c.participant_id))


def _active(now: datetime) -> Executable:
    threads, connections = schema.threads, schema.connections
    connected = (
        select(connections.c.connection_id)
        .where(connections.c.thread_id == threads.c.thread_id, connections.c.closed_at.is_(None))
        .exists()
    )
    return select(
        func.count(func.distinct(threads.c.participant_id)).label("participants"),
        func.count().label("threads"),
    ).where(threads.c.last_activity_at >= now - ACTIVE_WITHIN, connected)


def _days(dialect: str) -> Executable:
    threads = schema.threads
    day = _day(threads.c.created_at, dialect)
    return (
        select(
            day.label("day"),
            threads.c.agent,
            func.count().label("threads"),
            func.coalesce(func.sum(threads.c.message_count), 0).label("messages"),
            func.count(threads.c.deleted_at).label("deleted"),
            func.count(threads.c.ended_at).label("ended"),
        )
        .group_by(day, threads.c.agent)
        .order_by(day, threads.c.agent)
    )


def _runs(dialect: str) -> Executable:
    runs = schema.runs
    day, ttft, latency = _day(runs.c.started_at, dialect), _group(runs.c.ttft_ms), _group(runs.c.latency_ms)
    by = (day, runs.c.agent, runs.c.status, ttft, latency)
    return select(
        day.label("day"),
        runs.c.agent,
        runs.c.status,
        ttft.label("ttft"),
        latency.label("latency"),
        func.count().label("runs"),
    ).group_by(*by)


def _calls() -> Executable:
    calls = schema.llm_calls
    by = (calls.c.gen_ai_request_model, calls.c.cost_currency)
    return (
        select(
            calls.c.gen_ai_request_model.label("model"),
            calls.c.cost_currency.label("currency"),
            func.count().label("calls"),
            func.count(calls.c.error_type).label("failed"),
            func.coalesce(func.sum(calls.c.gen_ai_usage_input_tokens), 0).label("input_tokens"),
            func.coalesce(func.sum(calls.c.gen_ai_usage_output_tokens), 0).label("output_tokens"),
            func.sum(calls.c.cost).label("cost"),
            func.count(calls.c.cost).label("priced"),
        )
        .group_by(*by)
        .order_by(*by)
    )


def _connections() -> Executable:
    connections = schema.connections
    reason = case(
        (connections.c.closed_at.is_(None), null()),
        else_=func.coalesce(connections.c.close_reason, literal_column("'unknown'")),
    )
    return select(reason.label("reason"), func.count().label("connections")).group_by(reason)


def _files() -> Executable:
    elements = schema.elements
    size = func.coalesce(func.sum(elements.c.size_bytes), 0)
    return select(func.count(elements.c.size_bytes).label("files"), size.label("bytes"))


def _day(moment: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    """The UTC day. No parameters in it: PostgreSQL groups by an expression only when it is the same."""
    if dialect == "sqlite":
        return func.substr(moment, literal_column("1"), literal_column("10"), type_=String)
    utc = func.timezone(literal_column("'UTC'"), moment)
    return func.to_char(utc, literal_column("'YYYY-MM-DD'"), type_=String)


def _group(milliseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """The upper end of the group that a time falls into; null where there is no time."""
    bounds: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
        (milliseconds <= literal_column(str(bound)), literal_column(str(bound))) for bound in BOUNDS_MS
    ]
    return case(*bounds, (milliseconds.is_not(None), literal_column(str(OVER_MS))), else_=null())


_SIZE: Final = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}
