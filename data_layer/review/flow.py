"""How many participants came how far through the study's protocol, and how long each stage took them."""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database import schema
from data_layer.database.rows import Row, read_rows
from data_layer.people.participants import IMPORTED, SIMULATED
from data_layer.review.overview_queries import seconds_between
from study.assignment import LedgerEvent

_PEOPLE: Final = schema.participants
_STANDING: Final = schema.participations
_VISITS: Final = schema.stage_visits
_GONE: Final = schema.withdrawals
_LEDGERS: Final = schema.ledgers
_PLACES: Final = schema.assignments


@dataclass(frozen=True)
class FlowRows:
    """What the flow is drawn from. Nobody who was imported is in it.

    Args:
        standings: Every participant stands in exactly one of these: participants, simulated (0 or 1),
            withdrawn (0 or 1), stage_id (None before the first page), ending (None while it goes on), usable,
            condition, and inattentive (1: an attention check was failed).
        minutes: Of each stage that was left: simulated, stage_id, participants, median and p90 in seconds.
            Each is a time that somebody took; who came to a stage again has their times added up.
        places: Of the newest ledger of the study: condition, filled (0 or 1), places.
    """

    standings: list[Row] = field(default_factory=list)
    minutes: list[Row] = field(default_factory=list)
    places: list[Row] = field(default_factory=list)


async def flow_rows(connection: AsyncConnection, dialect: str) -> FlowRows:
    """Count; nothing is counted where nobody has opened a stage.

    Raises:
        SQLAlchemyError: The database is away.
    """
    if await connection.scalar(select(_STANDING.c.participant_id).limit(1)) is None:
        return FlowRows()
    asked = (_standings(), _minutes(dialect), _places())
    return FlowRows(*[await read_rows(connection, query) for query in asked])


def _places() -> Executable:
    """Places that somebody holds or has filled."""
    newest = select(_LEDGERS.c.ledger_id).order_by(_LEDGERS.c.created_at.desc()).limit(1).scalar_subquery()
    each = (
        select(_PLACES.c.condition, _as_number(_PLACES.c.event == LedgerEvent.FILLED.value).label("filled"))
        .where(_PLACES.c.living, _PLACES.c.ledger_id == newest)
        .subquery()
    )
    return select(*each.c, func.count().label("places")).group_by(*each.c)


def _standings() -> Executable:
    joined = _PEOPLE.outerjoin(_STANDING, _STANDING.c.participant_id == _PEOPLE.c.participant_id).outerjoin(
        _GONE, _GONE.c.participant_id == _PEOPLE.c.participant_id
    )
    failed = func.coalesce(_STANDING.c.attention_failed, 0)
    each = (
        select(
            _as_number(_PEOPLE.c.source == SIMULATED).label("simulated"),
            _as_number(_GONE.c.participant_id.is_not(None)).label("withdrawn"),
            *(_STANDING.c[name] for name in ("stage_id", "ending", "usable", "condition")),
            _as_number(failed > 0).label("inattentive"),
        )
        .select_from(joined)
        .where(_PEOPLE.c.source != IMPORTED)
        .subquery()
    )
    return select(*each.c, func.count().label("participants")).group_by(*each.c)


def _minutes(dialect: str) -> Executable:
    """By ranks: neither database has percentiles that both know."""
    took = func.sum(seconds_between(_VISITS.c.entered_at, _VISITS.c.left_at, dialect))
    each = (
        select(
            _as_number(_PEOPLE.c.source == SIMULATED).label("simulated"),
            _VISITS.c.stage_id,
            took.label("seconds"),
        )
        .join(_PEOPLE, _PEOPLE.c.participant_id == _VISITS.c.participant_id)
        .where(_VISITS.c.left_at.is_not(None), _PEOPLE.c.source != IMPORTED)
        .group_by(_VISITS.c.participant_id, _VISITS.c.stage_id, _PEOPLE.c.source)
        .subquery()
    )
    by = (each.c.simulated, each.c.stage_id)
    ranked = select(
        *by,
        each.c.seconds,
        func.row_number().over(partition_by=by, order_by=each.c.seconds).label("place"),
        func.count().over(partition_by=by).label("participants"),
    ).subquery()

    def at(percent: int) -> ColumnElement[Any]:
        # The smallest time that so many in a hundred did not exceed.
        place = (ranked.c.participants * percent + 99) // 100
        return func.max(case((ranked.c.place == place, ranked.c.seconds)))

    columns = (ranked.c.simulated, ranked.c.stage_id, ranked.c.participants)
    return select(*columns, at(50).label("median"), at(90).label("p90")).group_by(*columns)


def _as_number(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return case((holds, 1), else_=0)
