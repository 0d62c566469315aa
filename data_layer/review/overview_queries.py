"""The statements that count the record, on both databases.

Messages are counted on the day their thread began, from the count that each thread keeps: a scan of
a million steps for the exact day would take longer than the counting of all else.
"""

from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Executable,
    Float,
    String,
    case,
    cast,
    extract,
    func,
    literal_column,
    null,
    select,
    true,
)

from data_layer.database import schema
from data_layer.people.participants import IMPORTED, SIMULATED
from study.vocabulary import StepType, ThreadState

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
BACKUP_MADE: Final = "backup_made"


# Of whom: simulated participants (True), the study's own (False), imported ones, or all (None).
Whose: TypeAlias = Literal["import"] | bool | None


def _people(whose: Whose) -> ColumnElement[bool] | None:
    """Whether a participant is one of these; None: of any kind."""
    source = schema.participants.c.source
    if whose is None:
        return None
    if whose is False:
        return source.not_in((SIMULATED, IMPORTED))
    return source == (SIMULATED if whose is True else IMPORTED)


def _theirs(column: ColumnElement[Any], whose: Whose) -> ColumnElement[bool]:
    """What is of participants of a kind."""
    kind = _people(whose)
    if kind is None:
        return true()
    return column.in_(select(schema.participants.c.participant_id).where(kind))


def _in_theirs(column: ColumnElement[Any], whose: Whose) -> ColumnElement[bool]:
    """What is of threads of participants of a kind."""
    if whose is None:
        return true()
    threads = schema.threads
    return column.in_(select(threads.c.thread_id).where(_theirs(threads.c.participant_id, whose)))


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def arrivals(dialect: str, now: datetime) -> Executable:
    """How far participants have come, by the day on which they came, and how.

    Columns: day, source, participants, began, exchanged, finished, abandoned.
    """
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
    by = (_day(people.c.created_at, dialect), people.c.source)
    return (
        select(
            by[0].label("day"),
            by[1].label("source"),
            func.count().label("participants"),
            func.count(theirs.c.participant_id).label("began"),
            _count_if(theirs.c.messages >= EXCHANGED).label("exchanged"),
            _count_if(ended > 0).label("finished"),
            _count_if((ended == 0) & silent).label("abandoned"),
        )
        .select_from(people.outerjoin(theirs, theirs.c.participant_id == people.c.participant_id))
        .where(_stays())
        .group_by(*by)
        .order_by(*by)
    )


def active(now: datetime) -> Executable:
    """Who has just written and is still connected."""
    threads, links = schema.threads, schema.connections
    connected = (
        select(links.c.connection_id)
        .where(links.c.thread_id == threads.c.thread_id, links.c.closed_at.is_(None))
        .exists()
    )
    return select(
        func.count(func.distinct(threads.c.participant_id)).label("participants"),
        func.count().label("threads"),
    ).where(threads.c.last_activity_at >= now - ACTIVE_WITHIN, connected)


def days(dialect: str, whose: Whose = None) -> Executable:
    """Threads and messages, by day and agent; of all participants, or of one kind."""
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
            func.count(func.distinct(threads.c.participant_id)).label("participants"),
        )
        .where(threads.c.state != ThreadState.WITHDRAWN.value, _theirs(threads.c.participant_id, whose))
        .group_by(day, threads.c.agent)
        .order_by(day, threads.c.agent)
    )


def runs(dialect: str, whose: Whose = None) -> Executable:
    """Replies, by day, agent, status and groups of times; of all participants, or of one kind."""
    table = schema.runs
    day, ttft, latency = (
        _day(table.c.started_at, dialect),
        _group(table.c.ttft_ms),
        _group(table.c.latency_ms),
    )
    by = (day, table.c.agent, table.c.status, ttft, latency)
    found = select(
        day.label("day"),
        table.c.agent,
        table.c.status,
        ttft.label("ttft"),
        latency.label("latency"),
        func.count().label("runs"),
    )
    return found.where(_in_theirs(table.c.thread_id, whose)).group_by(*by)


def calls(dialect: str, whose: Whose = None) -> Executable:
    """Calls to models with tokens and cost, by day, model, currency and finish reason."""
    table = schema.llm_calls
    day = _day(table.c.started_at, dialect)
    by = (day, table.c.gen_ai_request_model, table.c.cost_currency, table.c.finish_reason)
    found = select(
        by[0].label("day"),
        by[1].label("model"),
        by[2].label("currency"),
        by[3].label("finish_reason"),
        func.count().label("calls"),
        func.count(table.c.error_type).label("failed"),
        func.coalesce(func.sum(table.c.gen_ai_usage_input_tokens), 0).label("input_tokens"),
        func.coalesce(func.sum(table.c.gen_ai_usage_output_tokens), 0).label("output_tokens"),
        func.sum(table.c.cost).label("cost"),
        func.count(table.c.cost).label("priced"),
    )
    return found.where(_in_theirs(table.c.thread_id, whose)).group_by(*by)


def spent_in(currency: str) -> Executable:
    """What all calls to models have cost that were paid in a currency."""
    table = schema.llm_calls
    return select(func.sum(table.c.cost)).where(table.c.cost_currency == currency)


def connections(dialect: str, whose: Whose = None) -> Executable:
    """Connections that have closed, by day, reason, and whether their page came back; and open ones."""
    table = schema.connections
    # One page load connects again and again under one session_id; a page that is loaded anew has another.
    after = func.lead(table.c.opened_at).over(partition_by=table.c.session_id, order_by=table.c.opened_at)
    found = select(
        _day(table.c.closed_at, dialect).label("day"),
        case(
            (table.c.closed_at.is_(None), null()),
            else_=func.coalesce(table.c.close_reason, literal_column("'unknown'")),
        ).label("reason"),
        case((after.is_(None), literal_column("0")), else_=literal_column("1")).label("returned"),
    )
    # A page load is one participant's, so that whoever is left out takes no other's next connection away.
    each = found.where(_theirs(table.c.participant_id, whose)).subquery()
    by = (each.c.day, each.c.reason, each.c.returned)
    return select(*by, func.count().label("connections")).group_by(*by)


def intents(dialect: str, whose: Whose = None) -> Executable:
    """What participants wanted done, by day, title and state; also turns, and seconds to the end."""
    table, said = schema.intents, schema.steps
    # A look at each intent: where there are none, nothing is looked at.
    turns = (
        select(func.count())
        .where(said.c.thread_id == table.c.thread_id, said.c.deleted_at.is_(None))
        .where(said.c.type == StepType.USER_MESSAGE.value, said.c.intent_id == table.c.intent_id)
        .scalar_subquery()
    )
    each = (
        select(
            _day(table.c.began_at, dialect).label("day"),
            table.c.title,
            table.c.state,
            turns.label("turns"),
            seconds_between(table.c.began_at, table.c.ended_at, dialect).label("seconds"),
        )
        .where(table.c.deleted_at.is_(None), _in_theirs(table.c.thread_id, whose))
        .subquery()
    )
    by = (each.c.day, each.c.title, each.c.state)
    return select(
        *by,
        func.count().label("intents"),
        func.coalesce(func.sum(each.c.turns), 0).label("turns"),
        func.coalesce(func.sum(each.c.seconds), 0).label("seconds"),
    ).group_by(*by)


def newest_backup() -> Executable:
    """The last backup that was made: its line of the audit log is in the database itself."""
    log = schema.audit_log
    return (
        select(log.c.at, log.c.target, log.c.details)
        .where(log.c.action == BACKUP_MADE)
        .order_by(log.c.position.desc())
        .limit(1)
    )


def stored_files() -> Executable:
    """What is attached."""
    elements = schema.elements
    size = func.coalesce(func.sum(elements.c.size_bytes), 0)
    return select(func.count(elements.c.size_bytes).label("files"), size.label("bytes"))


def _stays() -> ColumnElement[bool]:
    """Who has not withdrawn; of the others a tombstone stays, and perhaps a pseudonym."""
    gone = schema.withdrawals.c.participant_id
    return ~select(gone).where(gone == schema.participants.c.participant_id).exists()


def _day(moment: ColumnElement[Any], dialect: str) -> ColumnElement[str]:
    """The UTC day. No parameters in it: PostgreSQL groups by an expression only when it is the same."""
    if dialect == "sqlite":
        return func.substr(moment, literal_column("1"), literal_column("10"), type_=String)
    utc = func.timezone(literal_column("'UTC'"), moment)
    return func.to_char(utc, literal_column("'YYYY-MM-DD'"), type_=String)


def seconds_between(first: ColumnElement[Any], last: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Seconds from one moment to another."""
    if dialect == "sqlite":
        return cast((func.julianday(last) - func.julianday(first)) * 86_400, Float)
    return cast(extract("epoch", last - first), Float)


def _group(milliseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """The upper end of the group that a time falls into; null where there is no time."""
    bounds: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
        (milliseconds <= literal_column(str(bound)), literal_column(str(bound))) for bound in BOUNDS_MS
    ]
    return case(*bounds, (milliseconds.is_not(None), literal_column(str(OVER_MS))), else_=null())


SIZE: Final = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}
